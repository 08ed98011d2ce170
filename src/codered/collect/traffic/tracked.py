"""Attempts that the kernel's trace tells of, followed by their socket until it is known what became of them."""

from collections import deque
from collections.abc import Iterator

import msgspec

from codered.collect.traffic.frames import Segment, Unreachable
from codered.collect.traffic.trace_pages import AGAIN, RESET, TraceRecord
from codered.model.traffic import Attempt, Outcome, Reply, Sent

MOST_SOCKETS = 1 << 16
MOST_SENT = 2048  # bytes of a connection's beginning
_ESTABLISHED, _SYN_SENT, _CLOSE = 1, 2, 7
_SIX = 10
_MAPPED = bytes(10) + b"\xff\xff"
_FRESH = 5.0  # seconds in which an attempt may wait for its SYN (the neighbour is asked for first)

_Ends = tuple[bytes, int, bytes, int]


class Tracked(msgspec.Struct):
    """An attempt under way. `foreign`: it is none of our network namespace, and only told if asked for. `outcome` is
    the latest that was told; `sent` what was sent so far, `next` the sequence number that goes on with it (-1 = nothing
    yet).
    """

    attempt: Attempt
    foreign: bool = False
    outcome: Outcome | None = None
    sent: bytes = b""
    next: int = -1


class TrackedAttempts:
    """Turns records and packets, in the order of their times, to events. Bounded; the oldest are forgotten first."""

    def __init__(self) -> None:
        self._sockets: dict[int, Tracked] = {}
        self._waiting: dict[tuple[bytes, bytes, int], deque[Tracked]] = {}
        self._connections: dict[_Ends, Tracked] = {}
        self._foreign: dict[tuple[bytes, int], float] = {}

    def begin(self, socket: int, attempt: Attempt, foreign: bool) -> None:
        """A socket reaches out."""
        tracked = Tracked(attempt, foreign)
        _keep(self._sockets, socket, tracked)
        if foreign:
            _keep(self._foreign, (attempt.destination, attempt.port), attempt.at)
            return
        key = (attempt.source, attempt.destination, attempt.port)
        queue = self._waiting.get(key)
        if queue is None:
            queue = deque(maxlen=256)
            _keep(self._waiting, key, queue)
        queue.append(tracked)

    def follow(self, record: TraceRecord, at: float) -> Iterator[Reply]:
        """What a later record of a socket says; `at` is its time in seconds since the epoch."""
        tracked = self._sockets.get(int(record.values[0]))
        if tracked is None:
            return
        if record.event == RESET:
            yield from self._tell(tracked, at, "refused")
        elif record.event == AGAIN:
            yield from self._tell(tracked, at, "silent")
        else:
            del self._sockets[int(record.values[0])]
            yield from self._end(tracked, record, at)

    def match_syn(self, segment: Segment, at: float) -> bool:
        """Whether this SYN is of a socket we know, or of another namespace's behind a translation of addresses."""
        queue = self._waiting.get((segment.source, segment.destination, segment.port))
        while queue:
            tracked = queue.popleft()
            if at - tracked.attempt.at < _FRESH:
                _keep(self._connections, _ends(segment), tracked)
                return True
        if _ends(segment) in self._connections:
            return True
        return at - self._foreign.get((segment.destination, segment.port), 0.0) < _FRESH

    def find_unreachable(self, found: Unreachable, at: float) -> Iterator[Reply]:
        """Somebody says that a SYN of ours found nobody."""
        tracked = self._connections.get((found.source, found.source_port, found.destination, found.port))
        if tracked is not None:
            yield from self._tell(tracked, at, "unreachable")

    def take_data(self, segment: Segment, at: float) -> Sent | None:
        """What a known connection has sent from its beginning, as long as that is not too much."""
        tracked = self._connections.get(_ends(segment))
        return None if tracked is None else add_sent(tracked, segment, at)

    def knows(self, segment: Segment) -> bool:
        """Whether the segment belongs to a connection whose beginning we saw."""
        return _ends(segment) in self._connections

    def _end(self, tracked: Tracked, record: TraceRecord, at: float) -> Iterator[Reply]:
        new, port = record.values[2], int(record.values[3])
        if new == _ESTABLISHED:
            attempt = tracked.attempt
            if port and not tracked.foreign:
                _keep(self._connections, (attempt.source, port, attempt.destination, attempt.port), tracked)
            yield from self._tell(tracked, at, "answered")
        elif new == _CLOSE and record.softirq and tracked.outcome is None:
            # Ended by what arrived (an unreachable), not by the program, and no reset.
            yield from self._tell(tracked, at, "unreachable")

    def _tell(self, tracked: Tracked, at: float, outcome: Outcome) -> Iterator[Reply]:
        if tracked.outcome in (None, "silent") and tracked.outcome != outcome:
            tracked.outcome = outcome
            attempt = tracked.attempt
            yield Reply(at, attempt.actor, attempt.destination, attempt.port, outcome)


def add_sent(tracked: Tracked, segment: Segment, at: float) -> Sent | None:
    """The connection's beginning with this segment's data; None if it is no more of the beginning."""
    if len(tracked.sent) >= MOST_SENT or (tracked.next >= 0 and segment.sequence != tracked.next):
        return None  # enough; sent once more; or a gap
    tracked.next = (segment.sequence + len(segment.payload)) & 0xFFFFFFFF
    tracked.sent = (tracked.sent + segment.payload)[:MOST_SENT]
    attempt = tracked.attempt
    return Sent(at, attempt.actor, attempt.source, attempt.destination, attempt.port, tracked.sent)


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


def _ends(segment: Segment) -> _Ends:
    return segment.source, segment.source_port, segment.destination, segment.port


def _keep(table: dict, key: object, value: object) -> None:  # type: ignore[type-arg]
    table.pop(key, None)
    table[key] = value
    if len(table) > MOST_SOCKETS:
        del table[next(iter(table))]
