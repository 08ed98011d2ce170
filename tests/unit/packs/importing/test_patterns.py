import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered.engine import Matcher, RuleSource, compile_sources
from codered.packs.generating import write_label
from codered.packs.importing.patterns import (
    anchor,
    end_in_line,
    escape,
    escape_bytes,
    find_literals,
    find_words,
    refuse_pattern,
)


@pytest.mark.parametrize("text", ["/a.b?c=d", "a+b(c)[d]{e}|f^g$h\\i", "é%20 <x>\"'`", "*?"])
def test_an_escaped_text_matches_just_itself(text: str) -> None:
    matcher = Matcher(compile_sources([RuleSource("t", write_label("x", escape(text)), "t")]))
    assert matcher.hits(b"GET " + text.encode())
    assert not matcher.hits(b"GET " + text.encode()[:-1])


def test_bytes_are_escaped_too() -> None:
    assert escape_bytes(b"a/\x00\xff") == r"a\/\x00\xff"


def test_literals_stand_in_every_match() -> None:
    told = {
        r"^/wp-file-[a-z]+\.php": ("/wp-file-",), "abcd|efgh": ("abcd", "efgh"), "abcd|ef": (), "(abcd)?x": (),
        "abcde*": ("abcd",), "abcd+e": (), r"ab\x63def": ("abcdef",), r"\dabcd": ("abcd",), "[abcd]efgh": ("efgh",),
        "a(b|c)defgh": ("defgh",), "abcd)": (), "abc d": (), "abcd{0}efgh": ("efgh",),
    }  # fmt: skip
    assert {pattern: find_literals(pattern) for pattern in told} == told
    assert find_words('x "quoted" y/default.ida?z') == "y/default.ida"
    assert (find_words("<script>"), find_words("<script>", in_path=True)) == ("<script>", "script")


@given(
    st.lists(
        st.sampled_from(["abcd", "e", "*", "+", "(", ")", "|", "[xy]", "{2}", "?", r"\.", r"\w", "^", "$"]), max_size=12
    )
)
def test_a_literal_is_in_whatever_matches(pieces: list[str]) -> None:
    pattern = "".join(pieces)
    try:
        compiled = re.compile(pattern)
    except re.error:
        return
    literals = find_literals(pattern)
    for text in ("abcd", "abcd.abcd", "eabcdee", "e", "", "abcabcdx", "xyabcdabcd"):
        if literals and compiled.search(text):
            assert any(literal in text for literal in literals), (pattern, text, literals)


def test_what_takes_no_linear_time_is_refused() -> None:
    for pattern in (r"a(?=b)cd", r"(a)\1bc", r"(?<!a)b", r"(?P<x>a)", "x" * 2001, r"abc\Kd", "(?#x)ab"):
        assert refuse_pattern(pattern), pattern
    assert refuse_pattern(r"(?:abcd|e)\d+\.php$") == ""


def test_a_beginning_is_for_all_of_a_pattern_or_refused() -> None:
    assert anchor("^(/a|b)$") == ("(/a|b)$", True)
    assert anchor(r"a[^/]\^b") == (r"a[^/]\^b", False)
    for pattern in ("^a|b", "a|^b", "(^a|b)", "a^"):
        with pytest.raises(ValueError, match="not for all of it"):
            anchor(pattern)
    assert end_in_line(r"a\$[$]b$") == r"a\$[$]b( |$)"
