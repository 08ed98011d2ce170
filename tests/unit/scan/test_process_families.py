from collections.abc import Iterator
from pathlib import Path

import pytest

from codered.cli import running
from codered.collect.traffic.families import Head, make_family_key
from codered.collect.traffic.programs import Program
from codered.model.process import ProcessId
from codered.model.ruleset import RuleSet
from codered.model.traffic import Actor, Attempt, Reply, Resolved, ScanVerdict
from codered.scan import process_families
from codered.scan.process_families import MOST_OF_ONE, ProcessFamilies
from codered.scan.traffic_judging import TrafficJudge
from tests.fixtures.outbreaks import BEGAN

OWN = bytes([10, 20, 30, 40])
TOP, LOOP = ProcessId(999_999_001, 1), ProcessId(999_999_002, 2)


def key_of(process: ProcessId) -> bytes:
    return b"pid %d %d" % (process.pid, process.start)


def head_of(process: ProcessId, branch: bytes) -> Head:
    return Head(Program(process, key_of(process), "bash"), make_family_key(process), branch)


def find_heads(actor: bytes) -> tuple[Head, ...]:
    """Everybody is a child of the loop, which is the only child of the top; who is named "top" is a child of that."""
    if int(actor.split()[1]) >= 5000:
        return (head_of(TOP, actor),)
    return (head_of(LOOP, actor), head_of(TOP, key_of(LOOP)))


def describe(key: bytes) -> Actor:
    _, pid, start = key.split()
    return Actor(process=ProcessId(int(pid), int(start)), name="nc")


@pytest.fixture(scope="module")
def rules(rule_cache: Path) -> Iterator[RuleSet]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CODERED_CACHE", str(rule_cache))
        yield running.load_rules(whole=False)


def run(judge: TrafficJudge, actors: list[int], outcome: str = "refused", named: bool = False) -> list[ScanVerdict]:
    for number, actor in enumerate(actors):
        at, to, key = BEGAN + number / 10, bytes([11 + number % 80, 7, number % 250, 9]), b"pid %d 7" % actor
        if named:
            judge.take(Resolved(at - 0.01, b"", to))
        judge.take(Attempt(at, key, OWN, to, 80))
        judge.take(Reply(at + 0.02, key, to, 80, outcome))  # type: ignore[arg-type]
    return judge.advance()


def test_one_attempt_each_adds_up_for_who_started_them(rules: RuleSet) -> None:
    judge = TrafficJudge(rules, ProcessFamilies(find_heads, describe))
    (verdict,) = run(judge, list(range(1000, 1015)))
    assert (verdict.actor, verdict.confidence, verdict.attempts) == (make_family_key(LOOP), "confirmed", 10)
    assert verdict.because.startswith("15 different processes that it started (nc 1014, nc 1013, ")
    assert "; together 10 of 10 first contacts to port 80" in verdict.because
    assert judge.counts().attempts == 15
    assert judge.judged().verdicts == (verdict,)


def test_workers_with_a_few_attempts_each_add_up(rules: RuleSet) -> None:
    judge = TrafficJudge(rules, ProcessFamilies(find_heads, describe))
    (verdict,) = run(judge, [1000 + number % 20 for number in range(60)])
    assert verdict.actor == make_family_key(LOOP)


def test_what_one_process_does_is_told_of_that_one_alone(rules: RuleSet) -> None:
    judge = TrafficJudge(rules, ProcessFamilies(find_heads, describe))
    assert [one.actor for one in run(judge, [1000] * 30)] == [b"pid 1000 7"]
    assert run(judge, [1000 if number % 10 else 1001 for number in range(60)]) == []


@pytest.mark.parametrize(("outcome", "named"), [("answered", False), ("refused", True)])
def test_honest_ones_do_not_add_up(rules: RuleSet, outcome: str, named: bool) -> None:
    judge = TrafficJudge(rules, ProcessFamilies(find_heads, describe))
    assert run(judge, list(range(1000, 1060)), outcome, named) == []


def test_a_family_above_tells_what_its_branches_do_together(rules: RuleSet) -> None:
    judge = TrafficJudge(rules, ProcessFamilies(find_heads, describe))
    mixed = [(1000 if number % 2 else 5000) + number for number in range(12)]
    assert [one.actor for one in run(judge, mixed)] == [make_family_key(TOP)]


def test_what_is_typed_is_not_certain(rules: RuleSet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process_families, "is_at_terminal", lambda process: process == LOOP)
    judge = TrafficJudge(rules, ProcessFamilies(find_heads, describe))
    (verdict,) = run(judge, list(range(1000, 1015)))
    assert (verdict.confidence, verdict.held_back) == ("likely", (process_families.TYPED,))


def test_only_the_first_of_a_member_count_and_only_processes() -> None:
    families = ProcessFamilies(find_heads, describe)
    given = [
        len(families.relay(Attempt(BEGAN, b"pid 1000 7", OWN, bytes([11, 0, 0, number]), 80))) for number in range(40)
    ]
    assert given == [2] * MOST_OF_ONE + [0] * (40 - MOST_OF_ONE)
    assert [len(families.relay(Reply(BEGAN, b"pid 1000 7", bytes([11, 0, 0, number]), 80, "refused")))
            for number in (1, 39)] == [2, 0]  # fmt: skip
    assert families.relay(Attempt(BEGAN, OWN, OWN, bytes([11, 0, 0, 1]), 80)) == []
    assert families.relay(Attempt(BEGAN, b"gone 12", OWN, bytes([11, 0, 0, 1]), 80)) == []


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MOST_MEMBERS", "MOST_FAMILIES", "MOST_BRANCHES"):
        monkeypatch.setattr(process_families, name, 8)
    families = ProcessFamilies(lambda actor: (head_of(ProcessId(int(actor.split()[1]) % 50, 3), actor),), describe)
    for number in range(500):
        families.relay(Attempt(BEGAN, b"pid %d 7" % number, OWN, bytes([11, 0, 0, 1]), number % 40))
    kept = (families._heads, families._reached, families._families)
    assert [len(table) for table in kept] == [8, 8, 8]
    assert all(len(one.branches) <= MOST_OF_ONE for one in families._families.values())
