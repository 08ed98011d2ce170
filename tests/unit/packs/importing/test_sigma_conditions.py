import pytest

from codered.packs.importing.sigma_conditions import Both, Either, Not, make_selection, read_detection
from codered.packs.importing.sigma_fields import Clause, Inexpressible
from codered.packs.strict_yaml import Plain, parse_document

SELECTIONS = (
    "\n  a: {c-uri: /aaaa}\n  b_1: {c-uri: /bbbb}\n  b_2: [{c-uri: /cccc}, {c-uri: /dddd}]\n  _c: [word, more]\n"
)


def read(condition: str, selections: str = SELECTIONS) -> object:
    return read_detection(parse_document(f"detection:{selections}  condition: '{condition}'\n".encode(), "x.yml"))


def test_conditions_become_trees() -> None:
    tree = read("a and not (b_1 or b_2)")
    assert isinstance(tree, Both)
    assert isinstance(tree.of[1], Not)
    assert isinstance(tree.of[1].of, Either)
    several = read("1 of b_* or all of b_*")
    assert isinstance(several, Either)
    assert [type(item).__name__ for item in several.of] == ["Either", "Both"]
    them = read("all of them")
    assert isinstance(them, Both)
    assert len(them.of) == 3
    assert isinstance(read("_c"), Clause)


@pytest.mark.parametrize(
    ("condition", "why"),
    [
        ("a and", "too early"), ("(a", "not closed"), ("a b_1", "where it should end"), ("x", "not there"),
        ("1 of x*", "there is none"), ("a | count() > 5", "counts"), ("not " * 30 + "a", "nested too deeply"),
        ("(" * 30 + "a" + ")" * 30, "nested too deeply"), ("a or " * 150 + "a", "too long"), ("", "too early"),
    ],
)  # fmt: skip
def test_what_is_no_condition_is_told(condition: str, why: str) -> None:
    with pytest.raises(Inexpressible, match=why):
        read(condition)


def test_selections_that_say_nothing_are_told() -> None:
    empties: tuple[Plain, ...] = ([], {}, ["a", {"c-uri": "b"}])
    for empty in empties:
        with pytest.raises(Inexpressible, match="empty"):
            make_selection(empty)
    for document in ("title: x", "detection: x", "detection: {a: [x]}", "detection: {a: [b], condition: [a, a]}"):
        with pytest.raises(Inexpressible, match="has no"):
            read_detection(parse_document(document.encode(), "x.yml"))
