from datetime import date
from typing import Annotated, Literal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered.model.errors import WrongUse
from codered.model.pack import ThreatPack
from codered.packs.decoding import decode_document
from codered.packs.strict_yaml import parse_document


class Inner(msgspec.Struct, forbid_unknown_fields=True):
    name: Annotated[str, msgspec.Meta(pattern="^[a-z]+$", max_length=5)]
    colour: Literal["red", "green"] = "red"


class Outer(msgspec.Struct, forbid_unknown_fields=True):
    first: Inner
    many: tuple[Inner, ...] = ()
    when: date | None = None
    number: int = 0
    share: float = 0.0
    sure: bool = False
    text: str = ""
    maybe: Inner | None = None
    colour: Literal["red", "green"] = "red"


GOOD = "first:\n  name: ab\n"


@pytest.mark.parametrize(
    ("text", "line", "what", "advice"),
    [
        (GOOD + "nubmer: 1\n", 3, "unknown key `nubmer`", "did you mean `number`?"),
        (GOOD + "zzz: 1\n", 3, "unknown key `zzz`", "there are: first, many"),
        ("first:\n  name: ab\n  color: red\n", 3, "unknown key `color`", "did you mean `colour`?"),
        (GOOD + "many:\n  - name: ab\n  - name: ab\n    nam: x\n", 6, "unknown key `nam`", "did you mean `name`?"),
        ("number: 1\n", 1, "the file lacks the key `first`", "add `first:`"),
        ("number: 1\nfirst:\n  colour: red\n", 2, "`first` lacks the key `name`", "add `name:`"),
        (GOOD + "many:\n  - name: ab\n  - colour: red\n", 5, "`many` lacks the key `name`", "add `name:`"),
        (GOOD + "colour: gren\n", 3, "`colour` can't be 'gren'", "one of green, red; did you mean `green`?"),
        (GOOD + "colour:\n  - red\n", 3, "`colour` can't be a list", "one of green, red"),
        (GOOD + "when: 2001-7-1\n", 3, "`when` can't be '2001-7-1'", "YYYY-MM-DD"),
        (GOOD + "number: one\n", 3, "`number` can't be 'one'", "a whole number"),
        (GOOD + "share: half\n", 3, "`share` can't be 'half'", "a number such as 0.5"),
        (GOOD + "sure: yes\n", 3, "`sure` can't be 'yes'", "true or false"),
        (GOOD + "text: [a]\n", 3, "`text` can't be a list", "a text"),
        (GOOD + "text:\n  a: b\n", 3, "`text` can't be a block of keys", "a text"),
        (GOOD + "many: ab\n", 3, "`many` can't be 'ab'", "a list"),
        (GOOD + "maybe: ab\n", 3, "`maybe` can't be 'ab'", "a block of `key: value` lines"),
        ("first:\n  name: AB\n", 2, "`name` can't be 'AB'", "^[a-z]+$ and have at most 5 characters"),
        ("first:\n  name: abcdef\n", 2, "`name` can't be 'abcdef'", "at most 5 characters"),
        ("- a\n", 1, "this can't be a list", "a block"),
    ],
)
def test_each_misfit_names_its_line_and_what_is_right(text: str, line: int, what: str, advice: str) -> None:
    with pytest.raises(WrongUse) as caught:
        decode_document(parse_document(text.encode(), "x.yaml"), Outer)
    assert caught.value.where == f"x.yaml:{line}"
    assert what in caught.value.what
    assert advice in caught.value.advice


def test_a_key_made_to_look_like_a_place_is_still_found() -> None:
    text = GOOD + '"x` - at `$.many[7]`": 1\n'
    with pytest.raises(WrongUse) as caught:
        decode_document(parse_document(text.encode(), "x.yaml"), Outer)
    assert caught.value.where == "x.yaml:3"


_WORDS = st.sampled_from(
    ["first", "name", "many", "colour", "red", "1", "x`", "$", "- at `$.a`", "format", "files", ""]
)
_TREE = st.recursive(_WORDS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_WORDS, inner, max_size=3))


def complaint(text: bytes, kind: type) -> str:
    try:
        decode_document(parse_document(text, "x.yaml"), kind)
    except WrongUse as error:
        return str(error)
    return ""


@given(_TREE)
def test_no_tree_gives_anything_but_wrong_use(tree: object) -> None:
    text = msgspec.json.encode(tree)
    for kind in (Outer, ThreatPack):
        assert "\n" not in complaint(text, kind)


@pytest.mark.parametrize(
    ("key", "wrong", "words"),
    [("version", "7.1", "year.month.number, as 2026.11.1"), ("name", "A B", "small letters and digits, with single")],
)
def test_shapes_are_said_in_words(key: str, wrong: str, words: str) -> None:
    document = {"format": 1, "name": "a", "version": "2026.11.1", "title": "t", key: wrong}
    assert words in complaint(msgspec.json.encode(document), ThreatPack)
