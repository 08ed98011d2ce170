"""Attempts that the kernel's trace tells of, followed by their socket until it is known what became of them."""

import msgspec

from codered.collect.traffic.beginnings import NOTHING_SENT, Beginnings
from codered.collect.traffic.frames import Segment, Unreachable
from codered.collect.traffic.trace_pages import AGAIN, RESET, TraceRecord
from codered.model.traffic import Attempt, Outcome, Reply, Sent

MOST_SOCKETS = 1 << 16
_ESTABLISHED, _SYN_SENT, _CLOSE = 1, 2, 7
_SIX = 10
_MOST_ALIKE = 256  # attempts under way to the same place
_MAPPED = bytes(10) + b"\xff\xff"
_FRESH = 5.0  # seconds in which an attempt may wait for its SYN (the neighbour is asked for first)


class Tracked(msgspec.Struct, gc=False):
    """An attempt under way. `foreign`: it is none of our network namespace, and only told if asked for. `outcome` is
    the latest that was told, `next` the sequence number of what is sent next.
    """

    attempt: Attempt
    foreign: bool = False
    outcome: Outcome | None = None
    next: int = NOTHING_SENT


class TrackedAttempts:
    """Turns records and packets, in the order of their times, to events. Bounded; the oldest are forgotten first."""

    def __init__(self) -> None:
        self._sockets: dict[int, Tracked] = {}
        self._waiting: dict[bytes, list[Tracked]] = {}
        self._connections: dict[bytes, Tracked] = {}
        self._foreign: dict[tuple[bytes, int], float] = {}
        self._beginnings = Beginnings()

    def begin(self, socket: int, attempt: Attempt, *, foreign: bool, told: bool) -> None:
        """A socket reaches out; `told`: what becomes of it is wanted."""
        tracked = Tracked(attempt, foreign)
        self._sockets.pop(socket, None)  # who had it before has closed it, which nobody tells
        if told:
            _keep(self._sockets, socket, tracked)
        if foreign:
            _keep(self._foreign, (attempt.destination, attempt.port), attempt.at)
            return
        key = attempt.source + attempt.destination + attempt.port.to_bytes(2, "big")
        queue = self._waiting.get(key)
        if queue is None:
            _keep(self._waiting, key, [tracked])
        elif len(queue) < _MOST_ALIKE:
            queue.append(tracked)

    def forget(self, socket: int) -> None:
        """The socket has another owner now, of whom nothing is kept."""
        self._sockets.pop(socket, None)

    def follow(self, record: TraceRecord, at: float) -> Reply | None:
        """What a later record of a socket says; `at` is its time in seconds since the epoch."""
        _, event, _, _, values = record
        socket = values[0]
        assert isinstance(socket, int)
        tracked = self._sockets.get(socket)
        if tracked is None:
            return None
        if event == AGAIN:
            return tell_outcome(tracked, at, "silent")
        if event == RESET:
            return tell_outcome(tracked, at, "refused")
        del self._sockets[socket]
        return self._end(tracked, record, at)

    def match_syn(self, ends: bytes, at: float) -> bool:
        """Whether this SYN is of a socket we know, or of another namespace's behind a translation of addresses."""
        key = ends[:-4] + ends[-2:]
        queue = self._waiting.pop(key, None)
        while queue:
            tracked = queue.pop(0)
            if at - tracked.attempt.at < _FRESH:
                _keep(self._connections, ends, tracked)
                if queue:
                    self._waiting[key] = queue
                return True
        if ends in self._connections:
            return True
        if not self._foreign:
            return False
        half = (len(ends) - 4) // 2
        there = (ends[half:-4], int.from_bytes(ends[-2:], "big"))
        return at - self._foreign.get(there, 0.0) < _FRESH

    def find_unreachable(self, found: Unreachable, at: float) -> Reply | None:
        """Somebody says that a SYN of ours found nobody."""
        tracked = self._connections.get(found.ends)
        return None if tracked is None else tell_outcome(tracked, at, "unreachable")

    def take_data(self, segment: Segment, at: float) -> Sent | None:
        """What a known connection sends, as far as it is to be judged."""
        tracked = self._connections.get(segment.ends)
        return None if tracked is None else add_sent(self._beginnings, tracked, segment, at)

    def _end(self, tracked: Tracked, record: TraceRecord, at: float) -> Reply | None:
        _, _, new, port, there, *_ = record.values
        attempt = tracked.attempt
        if (read_addresses(record)[1], there) != (attempt.destination, attempt.port):
            return None  # the socket has another owner, whose beginning was lost
        if new == _ESTABLISHED:
            if isinstance(port, int) and port and not tracked.foreign:
                ports = port.to_bytes(2, "big") + attempt.port.to_bytes(2, "big")
                _keep(self._connections, attempt.source + attempt.destination + ports, tracked)
            return tell_outcome(tracked, at, "answered")
        if new == _CLOSE and record.softirq and tracked.outcome is None:
            # Ended by what arrived (an unreachable), not by the program, and no reset.
            return tell_outcome(tracked, at, "unreachable")
        return None


def tell_outcome(tracked: Tracked, at: float, outcome: Outcome) -> Reply | None:
    """Told once; but one that was silent may still be answered."""
    if tracked.outcome == outcome or tracked.outcome not in (None, "silent"):
        return None
    tracked.outcome = outcome
    attempt = tracked.attempt
    return Reply(at, attempt.actor, attempt.destination, attempt.port, outcome)


def add_sent(beginnings: Beginnings, tracked: Tracked, segment: Segment, at: float) -> Sent | None:
    """The request with this segment's data; None if it belongs to none that is to be judged."""
    tracked.next, sent = beginnings.add(segment, tracked.next, tracked.attempt, at)
    return sent


def begins(record: TraceRecord) -> bool:
    """Whether a record of a state says that a socket reaches out."""
    return record.event not in (RESET, AGAIN) and record.values[2] == _SYN_SENT


def read_addresses(record: TraceRecord) -> tuple[bytes, bytes]:
    """Own and other address, packed; an IPv4 address that is written as IPv6 is 4 bytes."""
    family, source, destination, six, own = record.values[5:10]
    assert isinstance(source, bytes) and isinstance(destination, bytes)  # noqa: PT018
    assert isinstance(six, bytes) and isinstance(own, bytes)  # noqa: PT018
    if family != _SIX or six.startswith(_MAPPED):
        return source, destination
    return own, six


def _keep(table: dict, key: object, value: object) -> None:  # type: ignore[type-arg]
    table[key] = value
    if len(table) > MOST_SOCKETS:
        del table[next(iter(table))]
