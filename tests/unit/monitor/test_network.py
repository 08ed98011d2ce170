from pathlib import Path

import pytest

from codered.model.allow_list import NOTHING_ALLOWED
from codered.model.errors import CoverageIncomplete
from codered.model.finding import Finding
from codered.monitor import network
from codered.monitor.network import NOT_THIS_HOST, PAUSE, NetworkSense
from codered.targets import open_target
from tests.fixtures.outbreak_reports import make_finding
from tests.fixtures.small_packs import make_pack, make_rules

RULES = make_rules(make_pack())


class Prepared:
    """A watch that sees the same at every reading."""

    def __init__(self, *_: object) -> None:
        self.closed = False

    def fileno(self) -> int:
        return 99

    def read(self) -> list[Finding]:
        return [make_finding("f-1", "10.0.0.5")]

    def gaps(self) -> tuple[str, ...]:
        self.lost = getattr(self, "lost", 0) + 1
        return ("the trace can't be read", f"too fast: {self.lost} events lost")[: self.lost]

    def notes(self) -> tuple[str, ...]:
        return ("UDP is not watched",)

    def close(self) -> None:
        self.closed = True


def test_another_system_is_not_watched(tmp_path: Path) -> None:
    sense = NetworkSense(open_target(str(tmp_path)), RULES, NOTHING_ALLOWED)
    assert (sense.fileno(), sense.read(), sense.notes(), sense.limit(7.0)) == (-1, [], (NOT_THIS_HOST,), 7.0)
    sense.close()


def test_where_nothing_can_be_seen_that_is_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise CoverageIncomplete("no connection attempts can be seen here", advice="run as root")

    monkeypatch.setattr(network, "BehaviourWatch", refuse)
    sense = NetworkSense(open_target(), RULES, NOTHING_ALLOWED)
    assert sense.notes() == ("network behaviour is not watched: no connection attempts can be seen here — run as root",)
    assert sense.read() == []
    assert (sense.find_gaps(), sense.find_gaps()) == (sense.notes(), ())


def test_a_burst_is_read_in_one_go_after_a_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "BehaviourWatch", Prepared)
    now = 100.0
    monkeypatch.setattr("codered.monitor.network.time.monotonic", lambda: now)
    sense = NetworkSense(open_target(), RULES, NOTHING_ALLOWED)
    assert (sense.fileno(), sense.limit(7.0), len(sense.read())) == (99, 7.0, 1)
    assert (sense.fileno(), sense.read()) == (-1, [])
    assert sense.limit(7.0) == pytest.approx(PAUSE)
    assert sense.limit(0.0) == 0.0
    now += PAUSE
    assert (sense.fileno(), len(sense.read())) == (99, 1)
    assert sense.notes() == ("UDP is not watched",)
    sense.close()


def test_what_is_not_seen_is_said_as_it_shows_and_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    elsewhere = NetworkSense(open_target(str(tmp_path)), RULES, NOTHING_ALLOWED)
    assert elsewhere.find_gaps() == ()
    monkeypatch.setattr(network, "BehaviourWatch", Prepared)
    sense = NetworkSense(open_target(), RULES, NOTHING_ALLOWED)
    assert sense.find_gaps() == ("the trace can't be read",)
    assert sense.find_gaps() == ("too fast: 2 events lost",)
    assert sense.find_gaps() == ()
