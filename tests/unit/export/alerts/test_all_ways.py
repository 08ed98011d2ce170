from datetime import UTC, datetime

from codered.export.alerts.all_ways import AllWays
from codered.model.monitoring import EventKind, MonitorEvent


class Way:
    """One that keeps what it takes, and fails if told to."""

    def __init__(self) -> None:
        self.took: list[str] = []
        self.failed: tuple[str, ...] = ()
        self.closed = False

    def send(self, event: MonitorEvent) -> None:
        self.took.append(event.kind)

    def troubles(self) -> tuple[str, ...]:
        found, self.failed = self.failed, ()
        return found

    def close(self) -> None:
        self.closed = True
        self.failed = ("late",)


def event(kind: EventKind) -> MonitorEvent:
    return MonitorEvent(time=datetime.now(UTC), kind=kind, story="s")


def test_the_others_are_told_what_failed() -> None:
    good, bad = Way(), Way()
    ways = AllWays((good, bad))
    ways.send(event("found"))
    bad.failed = ("bad: not delivered",)
    assert ways.list_failed() == ("bad: not delivered",)
    ways.send(event("alert-failed"))
    ways.send(event("found"))
    assert (good.took, bad.took) == (["found", "alert-failed", "found"], ["found", "found"])
    assert ways.list_failed() == ()
    ways.send(event("alert-failed"))
    assert bad.took[-1] == "alert-failed"  # it works again


def test_what_fails_at_the_end_is_told() -> None:
    way = Way()
    assert AllWays((way,)).close() == ("late",)
    assert way.closed
