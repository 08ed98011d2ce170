from codered.packs.suggesting import find_nearest, suggest


def test_a_near_miss_is_named() -> None:
    assert suggest("becuase", ["id", "because"]) == "did you mean `because`?"
    assert find_nearest("becuase", ["id", "because"]) == "because"


def test_without_a_near_miss_the_known_words_are_listed() -> None:
    assert suggest("zzz", ["id", "because"]) == "there are: id, because"
    assert suggest("zzz", []) == "there are none"
    assert find_nearest("zzz", ["id"]) is None


def test_a_hostile_word_is_cut_before_it_is_compared() -> None:
    assert find_nearest("x" * 1_000_000, ["id"]) is None
