"""Attempts that only the packets tell of: raw frames, or all of them where the kernel gives no trace."""

from codered.collect.traffic.beginnings import Beginnings
from codered.collect.traffic.frames import ACK, RST, SYN, Segment, Unreachable
from codered.collect.traffic.tracked import Tracked, add_sent, tell_outcome
from codered.model.traffic import Attempt, Outcome, Reply, Sent

MOST_ATTEMPTS = 1 << 16
SILENT_AFTER = 1.0  # seconds: when a TCP of the usual kind repeats its SYN
_TWICE = 0.1  # seconds in which a SYN is the same one, seen on two interfaces (a VLAN and its card)
_LIVES = 180.0  # seconds in which a TCP gives up


class UntrackedAttempts:
    """Turns segments, in the order of their times, to events. Bounded; the oldest are forgotten first."""

    def __init__(self) -> None:
        self._attempts: dict[bytes, Tracked] = {}
        self._pending: dict[bytes, Tracked] = {}
        self._beginnings = Beginnings()

    @property
    def pending(self) -> bool:
        """Whether something waits for its answer: `age` is to be called."""
        return bool(self._pending)

    def repeats(self, segment: Segment, at: float) -> bool:
        """Whether this SYN was seen before, and not so long ago that its port may have been given out again."""
        tracked = self._attempts.get(segment.ends)
        return tracked is not None and at - tracked.attempt.at < _LIVES

    def begin(self, segment: Segment, attempt: Attempt) -> None:
        """A SYN that was not seen before."""
        ends = segment.ends
        tracked = Tracked(attempt)
        for table in (self._attempts, self._pending):
            table.pop(ends, None)
            table[ends] = tracked
            if len(table) > MOST_ATTEMPTS:
                del table[next(iter(table))]

    def repeat(self, segment: Segment, at: float) -> Reply | None:
        """A SYN that was seen before."""
        if at - self._attempts[segment.ends].attempt.at <= _TWICE:
            return None
        return self._tell(segment.ends, at, "silent")

    def answer(self, segment: Segment, at: float) -> Reply | None:
        """A segment that arrives."""
        ends = segment.destination + segment.source + segment.ends[-2:] + segment.ends[-4:-2]
        if segment.flags & RST:
            return self._tell(ends, at, "refused")
        return self._tell(ends, at, "answered") if segment.flags & (SYN | ACK) == SYN | ACK else None

    def find_unreachable(self, found: Unreachable, at: float) -> Reply | None:
        """Somebody says that a SYN found nobody."""
        return self._tell(found.ends, at, "unreachable")

    def take_data(self, segment: Segment, at: float) -> Sent | None:
        """What a known connection sends, as far as it is to be judged."""
        tracked = self._attempts.get(segment.ends)
        return None if tracked is None else add_sent(self._beginnings, tracked, segment, at)

    def age(self, now: float) -> list[Reply]:
        """Those that nobody has answered in SILENT_AFTER seconds."""
        late = []
        for ends, tracked in self._pending.items():
            if tracked.attempt.at > now - SILENT_AFTER:
                break
            late.append(ends)
        return [reply for ends in late if (reply := self._tell(ends, now, "silent")) is not None]

    def _tell(self, ends: bytes, at: float, outcome: Outcome) -> Reply | None:
        self._pending.pop(ends, None)
        tracked = self._attempts.get(ends)
        return None if tracked is None else tell_outcome(tracked, at, outcome)
