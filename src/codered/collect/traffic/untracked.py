"""Attempts that only the packets tell of: raw frames, or all of them where the kernel gives no trace."""

from collections.abc import Iterator

from codered.collect.traffic.frames import ACK, RST, SYN, Segment, Unreachable
from codered.collect.traffic.tracked import Tracked, add_sent
from codered.model.traffic import Attempt, Outcome, Reply, Sent

MOST_ATTEMPTS = 1 << 16
SILENT_AFTER = 1.0  # seconds: when a TCP of the usual kind repeats its SYN
_TWICE = 0.1  # seconds in which a SYN is the same one, seen on two interfaces (a VLAN and its card)
_LIVES = 180.0  # seconds in which a TCP gives up

_Ends = tuple[bytes, int, bytes, int]


class UntrackedAttempts:
    """Turns segments, in the order of their times, to events. Bounded; the oldest are forgotten first."""

    def __init__(self) -> None:
        self._attempts: dict[_Ends, Tracked] = {}
        self._pending: dict[_Ends, Tracked] = {}

    @property
    def pending(self) -> bool:
        """Whether something waits for its answer: `age` is to be called."""
        return bool(self._pending)

    def repeats(self, segment: Segment, at: float) -> bool:
        """Whether this SYN was seen before, and not so long ago that its port may have been given out again."""
        tracked = self._attempts.get(_leaving(segment))
        return tracked is not None and at - tracked.attempt.at < _LIVES

    def begin(self, segment: Segment, attempt: Attempt) -> None:
        """A SYN that was not seen before."""
        ends = _leaving(segment)
        tracked = Tracked(attempt)
        for table in (self._attempts, self._pending):
            table.pop(ends, None)
            table[ends] = tracked
            if len(table) > MOST_ATTEMPTS:
                del table[next(iter(table))]

    def repeat(self, segment: Segment, at: float) -> Iterator[Reply]:
        """A SYN that was seen before."""
        tracked = self._attempts[_leaving(segment)]
        if at - tracked.attempt.at > _TWICE:
            yield from self._tell(_leaving(segment), at, "silent")

    def answer(self, segment: Segment, at: float) -> Iterator[Reply]:
        """A segment that arrives."""
        ends = (segment.destination, segment.port, segment.source, segment.source_port)
        if segment.flags & RST:
            yield from self._tell(ends, at, "refused")
        elif segment.flags & (SYN | ACK) == SYN | ACK:
            yield from self._tell(ends, at, "answered")

    def find_unreachable(self, found: Unreachable, at: float) -> Iterator[Reply]:
        """Somebody says that a SYN found nobody."""
        yield from self._tell((found.source, found.source_port, found.destination, found.port), at, "unreachable")

    def take_data(self, segment: Segment, at: float) -> Sent | None:
        """What a known connection has sent from its beginning."""
        tracked = self._attempts.get(_leaving(segment))
        return None if tracked is None else add_sent(tracked, segment, at)

    def age(self, now: float) -> Iterator[Reply]:
        """Those that nobody has answered in SILENT_AFTER seconds."""
        late = []
        for ends, tracked in self._pending.items():
            if tracked.attempt.at > now - SILENT_AFTER:
                break
            late.append(ends)
        for ends in late:
            yield from self._tell(ends, now, "silent")

    def _tell(self, ends: _Ends, at: float, outcome: Outcome) -> Iterator[Reply]:
        self._pending.pop(ends, None)
        tracked = self._attempts.get(ends)
        if tracked is not None and tracked.outcome in (None, "silent") and tracked.outcome != outcome:
            tracked.outcome = outcome
            attempt = tracked.attempt
            yield Reply(at, attempt.actor, attempt.destination, attempt.port, outcome)


def _leaving(segment: Segment) -> _Ends:
    return segment.source, segment.source_port, segment.destination, segment.port
