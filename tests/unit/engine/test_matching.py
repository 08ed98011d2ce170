import pytest
import yara_x
from hypothesis import given
from hypothesis import strategies as st

from codered.engine import GaveUp, Matcher, PatternMatch, RuleMatch, RuleSource, compile_sources

MARK = 'rule mark { strings: $a = "MARK" $b = "other" condition: any of them }'
ENDLESS = (
    'rule endless { strings: $stop = "SLOW" condition: $stop and '
    "for all i in (0..100000000) : (for all j in (0..100000000) : (i + j >= 0)) }"
)


def matcher(text: str, *, seconds: int = 0, most: int = 0, first_only: bool = False) -> Matcher:
    compiled = compile_sources([RuleSource("pack", text, "rules.yar")])
    return Matcher(compiled, seconds=seconds, most=most, first_only=first_only)


def test_a_match_says_namespace_rule_string_offset_and_length() -> None:
    assert matcher(MARK).match(b"..MARK..MARK") == [
        RuleMatch("pack", "mark", (PatternMatch("$a", 2, 4), PatternMatch("$a", 8, 4)))
    ]


def test_no_match() -> None:
    assert matcher(MARK).match(b"mark") == []
    assert not matcher(MARK).hits(b"mark")
    assert matcher(MARK).offsets(b"mark") == []
    assert not matcher(MARK).hits(b"")


def test_a_rule_may_match_without_a_string() -> None:
    assert matcher("rule small { condition: filesize < 10 }").match(b"x") == [RuleMatch("pack", "small", ())]


def test_packs_keep_their_namespaces_apart() -> None:
    rule = 'rule same {{ strings: $a = "{}" condition: $a }}'
    compiled = compile_sources(
        [RuleSource("one", rule.format("first"), "1.yar"), RuleSource("two", rule.format("second"), "2.yar")]
    )
    assert [match.namespace for match in Matcher(compiled).match(b"a second thing")] == ["two"]


def test_offsets_of_all_strings_are_sorted_and_single() -> None:
    text = 'rule r { strings: $a = "ab" $b = "abc" $c = "x" condition: any of them }'
    assert matcher(text).offsets(b"x ab abc") == [0, 2, 5]


def test_kept_matches_are_capped() -> None:
    found = matcher(MARK, most=3).match(b"MARK" * 1000)
    assert [pattern.offset for pattern in found[0].patterns] == [0, 4, 8]


def test_first_only_still_finds() -> None:
    quick = matcher(MARK, first_only=True, most=1)
    assert quick.hits(b"." * 1000 + b"MARK")
    assert not quick.hits(b"." * 1000)


def test_a_time_limit_is_a_gave_up_and_the_next_call_works() -> None:
    slow = matcher(ENDLESS + MARK, seconds=1)
    with pytest.raises(GaveUp, match=r"^time limit reached$"):
        slow.match(b"SLOW")
    assert [match.rule for match in slow.match(b"MARK")] == ["mark"]


def test_every_way_of_matching_gives_up_the_same_way() -> None:
    slow = matcher(ENDLESS, seconds=1)
    with pytest.raises(GaveUp):
        slow.hits(b"SLOW")
    with pytest.raises(GaveUp):
        slow.offsets(b"SLOW")


def test_any_other_error_of_the_engine_is_a_gave_up_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken:
        def scan(self, data: bytes) -> None:
            raise yara_x.ScanError("broken\nand more")

    broken = matcher(MARK)
    monkeypatch.setattr(broken, "_scanner", Broken())
    with pytest.raises(GaveUp, match=r"^broken$"):
        broken.match(b"")


def test_a_pattern_that_ruins_backtracking_engines_ends() -> None:
    hostile = matcher(r"rule r { strings: $a = /x(a+)+b/ condition: $a }", seconds=20)
    assert hostile.match(b"x" + b"a" * 200_000) == []


@given(st.binary(max_size=200), st.integers(0, 200))
def test_finds_exactly_what_is_there(data: bytes, at: int) -> None:
    planted = data[:at] + b"MARK" + data[at:]
    wanted = [i for i in range(len(planted)) if planted.startswith((b"MARK", b"other"), i)]
    assert _MATCHER.offsets(planted) == wanted
    assert _MATCHER.hits(data) == (b"MARK" in data or b"other" in data)


_MATCHER = matcher(MARK)
