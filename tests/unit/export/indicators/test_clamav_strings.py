import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered.export.indicators.clamav_strings import split_regex, write_bytes, write_place, write_regex, write_string
from codered.export.indicators.conditions import Here, UnsayableError
from codered.model.rule import RuleString

ANY = Here("$a")


def hex_string(source: str) -> RuleString:
    return RuleString("$a", "hex", source, (), 1)


def test_texts_with_their_modifiers() -> None:
    def write(source: str, *modifiers: str) -> str:
        return write_string(RuleString("$a", "text", source, modifiers, 1), ANY)

    assert write(r"a\x00b") == "610062"
    assert write("ab", "ascii") == "6162"
    assert write("ab", "nocase") == "6162::i"
    assert write("ab", "wide", "ascii") == "6162::wa"
    assert write("ab", "fullword", "nocase", "private") == "6162::fi"
    for source, modifier in (("a", "nocase"), ("ab", "xor"), ("ab", "base64"), ("a" * 3000, "nocase")):
        with pytest.raises(UnsayableError):
            write(source, modifier)
    assert write_bytes(b"MZ") == "4d5a"


def test_bytes_with_gaps_and_alternatives() -> None:
    source = "{ 4D 5A ?? [2-4] /* a gap */ (AA | BB CC) [4] 0? [0-] 11 22 [3-] 33 }"
    assert write_string(hex_string(source), Here("$a", 0, 0)) == "0:4d5a??{2-4}(aa|bbcc){4}0?*1122{3-}33"
    for odd in ("{ 4D }", "{ 4D ?? 5A }", "{ ~4D 5A 5B }", "{ 4D 5A (AA [2] | BB) }", "{ 4D 5A [1-900] 5B }"):
        with pytest.raises(UnsayableError):
            write_string(hex_string(odd), ANY)


@given(st.text("0123456789ABCDEF?[]-()|~/* {}", max_size=40))
def test_any_bytes_become_one_field_or_are_refused(source: str) -> None:
    try:
        written = write_string(hex_string(source), ANY)
    except UnsayableError:
        return
    assert set(written) <= set("0123456789abcdef?{}-()|*")


def test_expressions_can_not_end_the_field() -> None:
    def write(source: str, place: Here = ANY, *modifiers: str) -> str:
        return write_regex(RuleString("$a", "regex", source, modifiers, 1), place, "(0|1)")

    assert write(r"/a;b\/c[/;]\;/") == r"(0|1)/a\x3bb\/c[\/\x3b]\x3b/E"
    assert write(r"/a{,3}\{,3[{,]\\/") == r"(0|1)/a{0,3}\{,3[{,]\\/E"
    assert write("/x/is", Here("$a", 0, 64)) == "0,64:(0|1)/x/Eise"
    assert write("/x/", Here("$a", 8, 8), "nocase") == "8:(0|1)/x/Ei"
    for source, modifier in (("/x/", "wide"), ("/x/", "fullword"), ("/x\ny/", "nocase")):
        with pytest.raises(UnsayableError):
            write(source, ANY, modifier)
    assert split_regex(RuleString("$a", "regex", "/a/b/i", (), 1)) == ("a/b", "i")
    assert write_place(Here("$a", 4, 16)) == "4,12:"
