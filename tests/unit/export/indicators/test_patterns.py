import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered.export.indicators.patterns import MOST_DEPTH, Part, Spelling, begins_at_path, parse_pattern, spell_pattern
from tests.fixtures.asked_requests import shipped


def spell(pattern: str, **fields: str | bool) -> str:
    return spell_pattern(parse_pattern(pattern), Spelling(**fields))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("pattern", "spelled"),
    [
        ("a(?:b|c){,3}d*?$", "a(b|c){0,3}d*?END"),
        (r"(^| )/x\?y", "PATH/xQy"),
        (r"x(^| )y", "x(START| )y"),
        (r"^a.[^b.]{2}$|c", "STARTaDOT[^b.]{2}END|c"),
        (r"""\\"'\/%{2}""", r"\x5c\x22\x27/\x25{2}"),
        (r"""["'\\]{1,}""", r"[\x22\x27\x5c]{1,}"),
        (r"[]a][^]b]\x41\w", r"[]a][^]b]\x41\w"),
        ("a{x", r"a\{x"),
    ],
)
def test_a_pattern_is_spelled_as_the_form_needs_it(pattern: str, spelled: str) -> None:
    assert spell(pattern, start="START", end="END", dot="DOT", path="PATH", question="Q") == spelled


def test_what_is_often_sent_encoded_is_taken_so_too() -> None:
    spelled = spell(r"\$\{jndi:a\\b", encoded=True)
    for text in ("${jndi:a\\b", "%24%7Bjndi%3Aa%5Cb", "%2524%257bjndi%253aa%255cb"):
        assert re.fullmatch(spelled, text, re.IGNORECASE), text
    assert not re.fullmatch(spelled, "$[jndi:a/b")


@pytest.mark.parametrize(
    "pattern", ["a)", "(a", "[a", "*a", "a\\", r"a\x4", "(?=a)", r"\1", "a\nb", "(" * 30 + ")" * 30, "a|+"]
)
def test_what_is_no_pattern_of_ours_is_refused_in_words(pattern: str) -> None:
    with pytest.raises(ValueError, match=r"\w+ \w+"):
        parse_pattern(pattern)


def test_parts_know_what_they_stand_for() -> None:
    assert [Part(s).literal() for s in ("a", r"\.", r"\d", ".", "^", "[a]", r"\?")] == ["a", ".", "", "", "", "", "?"]
    assert [Part("a", r).least() for r in ("", "?", "*", "+", "{3,}", "{0,2}")] == [1, 0, 0, 1, 3, 0]
    assert begins_at_path(parse_pattern("(^| )/x")[0])
    assert not begins_at_path(parse_pattern("(^| )?/x")[0])
    assert MOST_DEPTH < 100


def test_every_shipped_pattern_means_the_same_when_it_is_spelled_plainly() -> None:
    for one in shipped():
        for sign in one.loaded.pack.logs:
            spelled = spell(sign.pattern)
            assert spell(spelled) == spelled, sign.id
            assert '"' not in spelled
            assert "'" not in spelled


@given(st.text(alphabet="ab^$.|()[]{}?*+\\,0123 x", max_size=40))
def test_hostile_text_is_read_or_refused_and_spelled_like_it_was(pattern: str) -> None:
    try:
        spelled = spell(pattern)
    except ValueError:
        return
    assert spell(spelled) == spelled
