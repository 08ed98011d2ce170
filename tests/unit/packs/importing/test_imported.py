from codered.packs.importing.imported import Ids, Left, Sources, distinct, find_attack, lower_to, tidy


def test_ids_are_unique_and_of_a_packs_shape() -> None:
    ids = Ids()
    assert [ids.make(name) for name in ("WEBSHELL_PHP", "webshell php", "__", "é" * 9, "x" * 200)] == [
        "webshell-php", "webshell-php-2", "sign", "sign-2", "x" * 80,
    ]  # fmt: skip


def test_texts_are_tidied_and_told_once() -> None:
    sources = Sources("y")
    assert [sources.name(text) for text in ("a\n b", "a b", "c")] == ["y1", "y1", "y2"]
    assert [(own.id, own.title, own.grade) for own in sources.listed()] == [
        ("y1", "a b", "expert"),
        ("y2", "c", "expert"),
    ]
    assert tidy("a\x1b[31m\u202eb") == "a [31m b"
    assert len(tidy("x" * 1000)) == 300
    assert distinct(["a", "", " a ", "b\t"]) == ("a", "b")
    assert find_attack(["attack.t1505.003, T1190", "attack.T1190", "at1190"]) == ("T1505.003", "T1190")
    assert (lower_to("confirmed", "likely"), lower_to("suspicious", "confirmed")) == ("likely", "suspicious")
    assert (str(Left("a:1", "rule", "why")), str(Left("a:1", "", "why"))) == ("a:1: rule: why", "a:1: why")
