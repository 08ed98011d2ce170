"""Events put in order of time as far as a bounded window reaches: a flow is written when it ends."""

from collections.abc import Iterator
from operator import attrgetter

from codered.collect.flows.chunk import Contact, FlowChunk
from codered.model.traffic import Attempt, Reply, Resolved, SeenTraffic, Sent

WINDOW = 30.0  # seconds
MOST_WAITING = 200_000  # events

_time_of = attrgetter("at")


class Ordering:
    """Give it what was read, take what nothing earlier is expected before. `late` counts events that came after the
    window had passed over their time: they are given all the same.
    """

    def __init__(self) -> None:
        self.late = 0
        self._waiting: list[SeenTraffic] = []
        self._latest = 0.0
        self._given = 0.0

    def put(self, chunk: FlowChunk, contacts: list[Contact]) -> None:
        """Take over the events of a chunk, and contacts found beside it."""
        keep = self._waiting.append
        for answer in chunk.answers:
            keep(Resolved(answer.at, answer.client, answer.address))
        for at, source, there, port, protocol, outcome, replied in map(_fields_of, contacts):
            keep(Attempt(at, source, source, there, port, protocol))
            keep(Reply(replied, source, there, port, outcome, protocol))
        for asked in chunk.asked:
            keep(Sent(asked.at, asked.source, asked.source, asked.destination, asked.port, asked.data))

    def take(self, everything: bool = False) -> Iterator[SeenTraffic]:
        """Events in rising time. What is equally old keeps its order: names, then attempts, then their replies."""
        waiting = self._waiting
        waiting.sort(key=_time_of)
        if not waiting:
            return
        self._latest = max(self._latest, waiting[-1].at)
        count = len(waiting) if everything else _find_end(waiting, self._latest - WINDOW)
        given = waiting[:count]
        del waiting[:count]
        self.late += _find_end(given, self._given) if given and given[0].at < self._given else 0
        self._given = max(self._given, given[-1].at if given else 0.0)
        yield from given


_fields_of = attrgetter("at", "source", "destination", "port", "protocol", "outcome", "replied")


def _find_end(events: list[SeenTraffic], before: float) -> int:
    """How many of the sorted events may be given: those before this time, and whatever the window can't hold."""
    low, high = 0, len(events)
    while low < high:
        middle = (low + high) // 2
        if events[middle].at < before:
            low = middle + 1
        else:
            high = middle
    return max(low, len(events) - MOST_WAITING)
