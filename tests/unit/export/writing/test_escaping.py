import html
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered.export.writing.escaping import (
    element,
    encode_entities,
    escape_html,
    guard_cell,
    is_visible,
    join_markup,
    legible,
    printable,
)

anything = st.text(st.characters())


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain C:\\x", "plain C:\\x"),
        ("\x1b[2J\r\n\t\x00\x7f", "\\x1b[2J\\x0d\\x0a\\x09\\x00\\x7f"),
        ("\x9b31m\x85", "\\x9b31m\\x85"),
        ("a\u202egpj.exe", "a\\u202egpj.exe"),
        ("\u200b\u200e\u2066\ufeff\u00ad", "\\u200b\\u200e\\u2066\\ufeff\\xad"),
        ("\u2028\u2029", "\\u2028\\u2029"),
        ("\udcff", "\\udcff"),
        ("\U000e0041\U0001f41b", "\\U000e0041\U0001f41b"),
        ("\u00a0\u3000\u3164\u2800\ufe0f", "\\xa0\\u3000\\u3164\\u2800\\ufe0f"),
        ("é 界", "é 界"),
    ],
)
def test_what_hides_or_moves_is_shown(text: str, shown: str) -> None:
    assert printable(text) == shown


@given(text=anything)
def test_nothing_invisible_is_left(text: str) -> None:
    for character in printable(text):
        assert is_visible(character)
        assert unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


@given(text=anything)
def test_html_comes_back_as_the_printable_text(text: str) -> None:
    for written in (escape_html(text), encode_entities(text)):
        assert "<" not in written
        assert '"' not in written
        assert html.unescape(written) == printable(text)


def test_entities_hold_no_letter_of_the_text() -> None:
    assert encode_entities("root") == "&#114;&#111;&#111;&#116;"


def test_say_cuts() -> None:
    assert legible("abc", 3) == "abc"
    assert legible("abcd\x00", 3) == "abc…"


def test_element_escapes_its_attributes() -> None:
    assert element("a", escape_html("<b>"), class_='x" onload="y', aria_label="z", width=2, title="") == (
        '<a class="x&quot; onload=&quot;y" aria-label="z" width="2">&lt;b&gt;</a>'
    )


def test_element_refuses_a_name_that_is_none() -> None:
    with pytest.raises(ValueError, match="not an attribute"):
        element("a", **{"x onload": "y"})


def test_join_escapes_what_stands_between() -> None:
    assert join_markup([escape_html("a"), escape_html("b")], "<") == "a&lt;b"


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\t=1", "\r=1", "\n=1", "  =1", "\uff1d1", "\uff0b1"])
def test_formulas_are_guarded(text: str) -> None:
    assert guard_cell(text) == "'" + printable(text)


def test_other_cells_are_left_alone() -> None:
    assert guard_cell("10.0.0.1") == "10.0.0.1"
    assert guard_cell("") == ""
