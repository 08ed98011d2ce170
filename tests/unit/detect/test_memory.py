from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from codered.detect import memory
from codered.detect.memory import (
    MOST_SIGHTS,
    MemoryHit,
    MemoryJudge,
    Sight,
    doubt_memory_finding,
    make_memory_finding,
    merge_hits,
)
from codered.engine import GaveUp, RuleSource, compile_sources
from codered.model.finding import Evidence, Subject
from codered.packs.compiling import compile_packs
from tests.fixtures.memory_children import MARK, TWIN, memory_rules
from tests.fixtures.small_packs import content_indicator, make_pack

RULES = memory_rules()


def test_a_piece_is_judged_and_its_strings_have_places() -> None:
    hits = MemoryJudge(RULES).judge_piece(b"." * 100 + MARK + b"-" * 10 + TWIN + b"+" * 100, 0x7000)
    assert sorted(hit.key for hit in hits) == [("inert", "mark"), ("inert", "pair")]
    pair = next(hit for hit in hits if hit.indicator.id == "pair")
    assert {(sight.string, sight.place, sight.length) for sight in pair.sights} == {
        ("$anchor", 0x7000 + 100, len(MARK)),
        ("$other", 0x7000 + 110 + len(MARK), len(TWIN)),
    }
    (first,) = next(hit for hit in hits if hit.indicator.id == "mark").sights
    assert first.data == b"." * 8 + MARK + (b"-" * 10 + TWIN + b"+" * 100)[:64]


def test_a_piece_at_its_own_ends() -> None:
    (hit,) = MemoryJudge(RULES).judge_piece(MARK, 5)
    assert (hit.sights[0].place, hit.sights[0].data) == (5, MARK)


def test_without_an_anchor_nothing_is_tried() -> None:
    judge = MemoryJudge(RULES)
    assert not judge.has_signs(TWIN)
    assert judge.judge_piece(TWIN, 0) == []
    assert judge.has_signs(b"\0\0" + MARK)


def test_evidence_is_bounded_in_number_and_size() -> None:
    (hit,) = MemoryJudge(RULES).match((MARK + b"\0" * 300) * 50, 0)
    assert len(hit.sights) == MOST_SIGHTS
    assert len({sight.place for sight in hit.sights}) == MOST_SIGHTS
    assert all(len(sight.data) <= 256 for sight in hit.sights)


def test_every_string_comes_before_a_second_place_of_one() -> None:
    hits = MemoryJudge(RULES).match(MARK * 50 + TWIN, 0)
    pair = next(hit for hit in hits if hit.indicator.id == "pair")
    assert {sight.string for sight in pair.sights} == {"$anchor", "$other"}


def test_rules_that_do_not_serve_memory_are_silent() -> None:
    files = content_indicator("file", rule="mark", scope="binary")
    source = 'rule mark { strings: $anchor = "INERT-MARK" condition: any of ($anchor*) }'
    judge = MemoryJudge(compile_packs((make_pack(content=(files,), rules=source),), None))
    assert judge.is_empty
    assert not judge.has_signs(MARK)
    assert judge.match(MARK, 0) == judge.judge_piece(MARK, 0) == []


def test_a_rule_set_without_a_memory_part_is_empty() -> None:
    assert MemoryJudge(replace(RULES, memory=b"", first_memory=b"")).is_empty


def test_what_the_engine_gives_up_on_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "SECONDS_PER_PIECE", 1)
    slow = """rule mark { strings: $anchor = "INERT" condition: any of ($anchor*) and
        for all i in (0..100000000) : (for all j in (0..100000000) : (i + j >= 0)) }"""
    source = compile_sources([RuleSource("inert", slow, "slow.yar")])
    with pytest.raises(GaveUp):
        MemoryJudge(replace(RULES, memory=source)).judge_piece(MARK, 0)


def hit(indicator: str, *places: int) -> MemoryHit:
    sights = tuple(Sight("$a", place, 4, b"data") for place in places)
    return MemoryHit("inert", content_indicator(indicator, rule=indicator), sights)


def test_hits_of_one_indicator_become_one() -> None:
    merged = merge_hits([hit("a", 1, 2), hit("b", 1), hit("a", 2, 3), hit("a", *range(10, 30))])
    assert [(found.indicator.id, [sight.place for sight in found.sights]) for found in merged] == [
        ("a", [1, 2, 3, 10, 11, 12, 13, 14]),
        ("b", [1]),
    ]


def test_a_finding_says_what_the_pack_says() -> None:
    indicator = content_indicator("mark", rule="mark", attack=("T1055",), shared_by=("other",), confidence="suspicious")
    seen = datetime(2026, 11, 1, tzinfo=UTC)
    subject = Subject(kind="memory", pid=7, start=9, key="name", address="0x10")
    proof = (Evidence(what="string"),) * 20
    finding = make_memory_finding(MemoryHit("inert", indicator, ()), subject, proof, seen)
    assert (finding.pack, finding.indicator, finding.layer) == ("inert", "mark", "memory")
    assert (finding.confidence, finding.severity, finding.because) == ("suspicious", "high", indicator.because)
    assert (finding.attack, finding.shared_by, finding.first_seen) == (("T1055",), ("other",), seen)
    assert len(finding.evidence) == MOST_SIGHTS


def test_a_doubted_finding_is_a_suspicion_and_says_why() -> None:
    subject = Subject(kind="memory", pid=7, start=9)
    sure = make_memory_finding(hit("a"), subject, (Evidence(what="string"),) * 8)
    doubted = doubt_memory_finding(sure)
    assert (sure.confidence, doubted.confidence, doubted.id) == ("likely", "suspicious", sure.id)
    assert doubted.because == f"{sure.because} {doubted.evidence[0].what}."
    assert "no proof" in doubted.because
    assert len(doubted.evidence) == MOST_SIGHTS


def test_a_process_is_one_thing_wherever_it_has_the_mark_and_a_dump_is_not() -> None:
    def name(subject: Subject) -> str:
        return make_memory_finding(hit("a"), subject, ()).id

    first = Subject(kind="memory", pid=7, start=9, address="0x10")
    assert name(first) == name(replace(first, address="0x20"))
    assert name(first) != name(replace(first, start=10))
    assert name(first) != name(replace(first, pid=8))
    dump = Subject(kind="memory", path="/dump", address="0x10")
    assert name(dump) != name(replace(dump, address="0x20"))
    assert name(replace(dump, path="/odd\udcff")) != name(dump)
