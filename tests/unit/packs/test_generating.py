import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered.engine import CompileProblem, Matcher, RuleSource, compile_sources
from codered.model.ruleset import rule_of_hint
from codered.packs.generating import (
    NOTHING,
    escape_pattern,
    write_first,
    write_first_text,
    write_hint,
    write_label,
    write_locate,
    write_payload,
)


def matcher(text: str) -> Matcher:
    return Matcher(compile_sources([RuleSource("x", text, "generated")]))


@given(st.sets(st.binary(min_size=4, max_size=12), min_size=1, max_size=4))
def test_first_finds_exactly_its_atoms(atoms: set[bytes]) -> None:
    found = matcher(write_first(atoms))
    for atom in atoms:
        assert found.hits(b"...." + atom + b"....")
        assert not found.hits(atom[:-1])


def test_nothing_to_look_for_matches_nothing() -> None:
    assert write_first([]) == write_locate([]) == NOTHING
    assert not matcher(NOTHING).hits(b"anything")


@given(st.text(min_size=4, max_size=12))
def test_a_literal_is_data_whatever_it_holds(literal: str) -> None:
    lowered = literal.lower()
    assert matcher(write_locate([literal])).offsets(b".." + lowered.encode()) == [2]


def test_locate_is_blind_to_case_and_drops_what_a_shorter_literal_finds() -> None:
    text = write_locate(["Default.IDA", ".ida", "root.exe"])
    assert text.count("nocase") == 2
    assert matcher(text).offsets(b"DEFAULT.IDA /ROOT.EXE") == [7, 13]


@pytest.mark.parametrize(
    ("pattern", "data", "hits"),
    [
        (r"/default\.ida\?N{3}", b"GET /DEFAULT.ida?NNN", True),
        (r"[/\\]x", b"a\\x", True),
        (r"[/\\]x", b"a/X", True),
        (r"a\/b", b"a/b", True),
        (r"a\\/b", b"a\\/b", True),
        (r'"; }', b'"; }', True),
        (r"^GET /", b"xGET /", False),
        (r"//", b"//", True),
    ],
)
def test_a_pattern_means_the_same_between_slashes(pattern: str, data: bytes, hits: bool) -> None:
    assert matcher(write_label("a-b", pattern)).hits(data) is hits


def test_the_rule_of_a_label_is_named_after_the_indicator() -> None:
    (match,) = matcher(write_label("ida-n", "abc")).match(b"abc")
    assert match.rule == "log_ida_n"


@pytest.mark.parametrize("pattern", ["", "*abc", "a\nb", "a\\", "a\\\\\\", "\x00", "x" * 3000])
def test_what_can_be_no_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match=r"pattern|repeat|escapes"):
        escape_pattern(pattern)


@pytest.mark.parametrize("name", ["", "A", "a b", "a{", "a--b", "a_b", "a\n", "é"])
def test_an_id_that_could_become_source_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="an id"):
        write_label(name, "abc")


@given(st.text(max_size=40) | st.text(alphabet="/\\*[](){}ab\"' \n$:=|?+^.", max_size=20))
def test_no_pattern_ever_becomes_more_than_one_rule(pattern: str) -> None:
    try:
        text = write_label("a", pattern)
    except ValueError:
        return
    assert text.count("\n") == 1
    try:
        found = matcher(text + "rule other { condition: true }\n").match(b"zzz")
    except CompileProblem:
        return
    assert {match.rule for match in found} - {"log_a"} == {"other"}


def test_escaping_leaves_no_bare_slash() -> None:
    escaped = escape_pattern(r"/a\/b\\/c[/]")
    assert re.sub(r"\\.", "", escaped).count("/") == 0


@given(st.lists(st.binary(min_size=4, max_size=12), min_size=1, max_size=5))
def test_text_anchors_match_themselves_whatever_bytes_they_hold(atoms: list[bytes]) -> None:
    found = matcher(write_first_text(atoms))
    assert all(found.hits(b"--" + atom.lower() + b"--") for atom in atoms)


def test_a_hint_is_a_rule_of_its_name_and_blind_to_case() -> None:
    (match,) = matcher(write_hint("download-and-run", r"curl .{0,9}\| sh")).match(b"x CURL http://y | sh")
    assert match.rule == rule_of_hint("download-and-run") == "hint_download_and_run"
    assert [(found.offset, found.length) for found in match.patterns] == [(2, 18)]


@pytest.mark.parametrize("name", ["", "A", "a b", "a{", "a--b", "a_b", "a\n", "é"])
def test_a_name_that_could_become_source_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="a name"):
        write_hint(name, "abc")


@given(st.text(max_size=40) | st.text(alphabet="/\\*[](){}ab\"' \n$:=|?+^.", max_size=20))
def test_no_pattern_of_a_hint_ever_becomes_more_than_one_rule(pattern: str) -> None:
    try:
        text = write_hint("a", pattern)
    except ValueError:
        return
    assert text.count("\n") == 1
    try:
        found = matcher(text + "rule other { condition: true }\n").match(b"zzz")
    except CompileProblem:
        return
    assert {match.rule for match in found} - {"hint_a"} == {"other"}


def test_a_traffic_sign_is_a_pattern_or_names_a_rule() -> None:
    assert matcher(write_payload("a-b", r"^GET /x", "")).hits(b"get /X")
    named = matcher('rule own { strings: $a = "OWN!" condition: $a }\n' + write_payload("a-b", "", "own"))
    assert [match.rule for match in named.match(b"OWN!")] == ["own", "payload_a_b"]


@pytest.mark.parametrize(
    ("name", "pattern", "rule"),
    [("A", "x", ""), ("a", "*x", ""), ("a", "", ""), ("a", "", "x or true"), ("a", "", "x\n}"), ("a", "", "\u0661")],
)
def test_a_traffic_sign_that_could_be_more_than_data_is_refused(name: str, pattern: str, rule: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        write_payload(name, pattern, rule)
