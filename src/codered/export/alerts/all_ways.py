"""All ways of one watch together: what one of them could not deliver, the others are told."""

from codered.export.alerts import AlertWay
from codered.model.monitoring import MonitorEvent


class AllWays:
    """Hands each alert to every way."""

    def __init__(self, ways: tuple[AlertWay, ...]) -> None:
        self._ways = ways
        self._failing: set[int] = set()

    def send(self, event: MonitorEvent) -> None:
        """Take an alert. That alerts failed is not given to the ways that just failed: it would fail again for ever."""
        for number, way in enumerate(self._ways):
            if event.kind != "alert-failed" or number not in self._failing:
                way.send(event)

    def list_failed(self) -> tuple[str, ...]:
        """What could not be delivered since the last call, in words."""
        found = [way.troubles() for way in self._ways]
        self._failing = {number for number, troubles in enumerate(found) if troubles}
        return tuple(trouble for troubles in found for trouble in troubles)

    def close(self) -> tuple[str, ...]:
        """Deliver what waits, for at most some seconds each, and end; what could not be delivered."""
        for way in self._ways:
            way.close()
        return self.list_failed()
