import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered.export.indicators.conditions import (
    Absent,
    Bytes,
    Either,
    Every,
    Here,
    Several,
    Size,
    UnsayableError,
    needs_one_of,
    read_condition,
)
from codered.model.rule import Rule, RuleString

NAMES = ("$a1", "$a2", "$b")


def make_rule(words: tuple[str, ...]) -> Rule:
    strings = tuple(RuleString(name, "text", "inert", (), 1) for name in NAMES)
    return Rule("r", 1, 1, strings, words, ())


def read(text: str) -> object:
    return read_condition(make_rule(tuple(text.split())))


def test_conditions_become_trees() -> None:
    both = (Here("$a1"), Here("$a2"))
    every = (*both, Here("$b"))
    assert read("any of ( $a* ) and 2 of them") == Every((Several(1, both), Several(2, every)))
    assert read("$a1 or $a2 and not $b") == Either((Here("$a1"), Every((Here("$a2"), Absent("$b")))))
    assert read("( $a1 or $b ) and all of ( $a1 , $b )") == Every(
        (Either((Here("$a1"), Here("$b"))), Several(2, (Here("$a1"), Here("$b"))))
    )
    assert read("any of ( $a* ) in ( 0 .. 1KB )") == Several(1, (Here("$a1", 0, 1024), Here("$a2", 0, 1024)))
    assert read("$b at 4 and uint16 ( 0 ) == 0x5A4D") == Every((Here("$b", 4, 4), Bytes(0, b"MZ")))
    assert read("$a1 and ( $a2 and $b )") == Every(every)
    assert read("uint32be ( 8 ) == 1") == Bytes(8, b"\0\0\0\1")
    assert read("uint16 ( 0 ) = = 0x5A4D and filesize < = 4 and $b in ( 0 . . 2 )") == Every(
        (Bytes(0, b"MZ"), Size(0, 4), Here("$b", 0, 2))
    )
    sizes = {
        "<": Size(0, 4095),
        "<=": Size(0, 4096),
        ">": Size(4097, None),
        ">=": Size(4096, None),
        "==": Size(4096, 4096),
    }
    for sign, size in sizes.items():
        assert read(f"filesize {sign} 4KB") == size


@pytest.mark.parametrize(
    "text",
    ["for any i in ( 1 .. 2 ) : ( $a1 )", "#a1 > 3", "other_rule", "$a1 and", "$c", "none of them", "9 of them",
     "0 of them", "not ( $a1 or $a2 )", "$a1 at entrypoint", "uint8 ( 0 ) == 999", "$a1 $a2", "",
     "( " * 60 + "$a1" + " )" * 60,
     "any of ( $c* )", "filesize", "uint16 ( $a1 ) == 3"],
)  # fmt: skip
def test_what_yara_alone_can_say_is_refused(text: str) -> None:
    with pytest.raises(UnsayableError):
        read(text)


@given(
    st.lists(
        st.sampled_from(
            [
                "(",
                ")",
                "and",
                "or",
                "not",
                "any",
                "all",
                "of",
                "them",
                "$a1",
                "$b",
                "$a*",
                "2",
                "in",
                "..",
                ",",
                "filesize",
                "<",
                "4KB",
                "uint16",
                "==",
                "at",
            ]
        )
    )
)
def test_any_words_are_read_or_refused(words: list[str]) -> None:
    try:
        tree = read_condition(make_rule(tuple(words)))
    except UnsayableError:
        return
    assert isinstance(needs_one_of(tree, frozenset(NAMES)), bool)


def test_whether_a_string_must_be_there() -> None:
    def needs(text: str, *names: str) -> bool:
        return needs_one_of(read_condition(make_rule(tuple(text.split()))), frozenset(names))

    assert needs("any of ( $a* )", "$a1", "$a2")
    assert not needs("any of ( $a* )", "$a1")
    assert needs("2 of them", "$a1", "$a2")
    assert not needs("2 of them", "$b")
    assert needs("$a1 and $b", "$b")
    assert not needs("$a1 or $b", "$b")
    assert needs("$a1 or $b", "$a1", "$b")
    assert not needs("not $b", "$b")
    assert not needs("uint16 ( 0 ) == 1", "$b")


def test_other_rules_are_put_in_by_name() -> None:
    def named(name: str, words: str) -> Rule:
        strings = (RuleString("$a", "text", "inert", (), 1),)
        return Rule(name, 1, 1, strings, tuple(words.split()), ())

    others = {"is_pe": named("is_pe", "uint16 ( 0 ) == 0x5A4D"), "held": named("held", "is_pe and any of them")}
    tree = read_condition(named("r", "held and $a"), others)
    assert tree == Every((Bytes(0, b"MZ"), Several(1, (Here("held/$a"),)), Here("$a")))
    with pytest.raises(UnsayableError, match="missing"):
        read_condition(named("r", "missing"), others)
    circle = {"a": named("a", "b or b"), "b": named("b", "a or a")}
    with pytest.raises(UnsayableError, match="too many"):
        read_condition(circle["a"], circle)
