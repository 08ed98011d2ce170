from collections.abc import Iterator
from pathlib import Path

import pytest

from codered.cli import running
from codered.model.ruleset import RuleSet
from codered.model.traffic import Attempt, Missed, Reply, Sent
from codered.scan import traffic_judging
from codered.scan.traffic_judging import TrafficJudge
from tests.fixtures.outbreaks import BEGAN, WORM_LINE

OWN = bytes([10, 20, 30, 40])


@pytest.fixture(scope="module")
def rules(rule_cache: Path) -> Iterator[RuleSet]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CODERED_CACHE", str(rule_cache))
        yield running.load_rules(whole=False)


def scan(judge: TrafficJudge, tries: int = 30, actor: bytes = OWN) -> None:
    for number in range(tries):
        at, to = BEGAN + number / 10, bytes([11 + number, 7, number, 9])
        judge.take(Attempt(at, actor, actor, to, 80))
        judge.take(Reply(at + 0.02, actor, to, 80, "refused"))


def test_a_scan_and_a_request_become_verdicts_and_a_story(rules: RuleSet) -> None:
    judge = TrafficJudge(rules)
    scan(judge)
    judge.take(Sent(BEGAN + 5, OWN, OWN, bytes([192, 0, 2, 9]), 80, WORM_LINE))
    judge.take(Sent(BEGAN + 6, OWN, OWN, bytes([192, 0, 2, 9]), 80, b"GET / HTTP/1.0\r\n\r\n"))
    found = judge.advance()
    assert {(one.kind, one.confidence) for one in found} == {("scan", "confirmed"), ("request", "confirmed")}
    assert judge.advance() == []
    assert set(found) == set(judge.judged().verdicts)
    assert judge.story.requests == 1
    assert judge.counts() == (30, BEGAN, BEGAN + 6)
    assert judge.judged({(OWN, 80, "tcp", 1): 3}).repeats == {(OWN, 80, "tcp", 1): 3}


def test_what_a_source_lost_is_told(rules: RuleSet) -> None:
    judge = TrafficJudge(rules)
    assert judge.counts() == (0, None, None)
    for count in (3, 4):
        judge.take(Missed(BEGAN, "the buffer ran over", count))
    judge.take(Missed(BEGAN, "a gap"))
    assert judge.troubles() == ("the buffer ran over: 7 events lost", "a gap: events were lost")


def test_verdicts_are_bounded(rules: RuleSet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(traffic_judging, "MOST_VERDICTS", 1)
    judge = TrafficJudge(rules)
    for last in range(3):
        scan(judge, actor=bytes([10, 0, 0, last]))
    assert len(judge.advance()) >= 3
    assert len(judge.judged().verdicts) == 1
    assert "verdicts beyond the 1 that are kept" in judge.forgotten()[-1]
