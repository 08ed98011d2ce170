from pathlib import Path

import pytest

from codered.cli import running
from codered.model.allow_list import NOTHING_ALLOWED
from codered.model.report import TrafficSummary
from codered.model.ruleset import RuleSet
from codered.scan import behaviour_scan
from codered.scan.behaviour_sample import WHERE, SampleOrder
from codered.scan.behaviour_scan import STOPPED, scan_behaviour
from codered.scan.request import Progress
from codered.scan.sampling import Sampled
from codered.scan.tasks import Counted
from codered.targets import open_target
from tests.fixtures.outbreak_reports import make_finding


class Prepared:
    """A sample that is over at the third look at it."""

    def __init__(self, _order: SampleOrder) -> None:
        self.looks = 0
        self.stopped = False

    def poll(self) -> Sampled | None:
        self.looks += 1
        return self.finish() if self.looks > 2 else None

    def alarms(self) -> tuple[str, ...]:
        return ("confirmed: somebody: did it",) * (self.looks - 1)

    def finish(self) -> Sampled:
        found = make_finding("f-1", "10.0.0.5")
        return Sampled([found], TrafficSummary(attempts=7), [Counted("network", WHERE, count=3)], 3.0)

    def stop(self) -> None:
        self.stopped = True


@pytest.fixture
def order(rule_cache: Path, monkeypatch: pytest.MonkeyPatch) -> SampleOrder:
    monkeypatch.setenv("CODERED_CACHE", str(rule_cache))
    monkeypatch.setattr(behaviour_scan, "Sample", Prepared)
    monkeypatch.setattr(behaviour_scan, "STEP", 0.0)
    rules: RuleSet = running.load_rules(("codered2",), whole=False)
    return SampleOrder(3.0, rules, NOTHING_ALLOWED)


def test_a_report_of_the_network_alone(order: SampleOrder) -> None:
    told: list[tuple[str, int, bool]] = []

    def note(now: Progress) -> None:
        told.append((now.place, len(now.alarms), 2.0 < now.seconds_left <= 3.0))

    report = scan_behaviour(open_target(), order, ("scan", "--network"), note)
    assert (report.scope, report.verdict, report.interrupted) == (("network",), "infected", False)
    assert [(look.layer, look.count) for look in report.looks] == [("network", 3)]
    assert report.traffic is not None
    assert report.traffic.attempts == 7
    assert told == [("the network", 0, True), ("the network", 1, True)]


def test_ctrl_c_leaves_an_incomplete_report(order: SampleOrder) -> None:
    def interrupt(_: Progress) -> None:
        raise KeyboardInterrupt

    report = scan_behaviour(open_target(), order, on_progress=interrupt)
    assert report.interrupted
    assert [look.why for look in report.gaps()] == [STOPPED]
    assert len(report.findings) == 1
