"""TCP connections as a capture shows them: who tried, what came of it, and the first bytes sent. Where one direction is
missing, data or the end of a connection from its client say that it was answered.
"""

from collections import OrderedDict
from typing import NamedTuple

from codered.collect.captures.counts import PacketCounts
from codered.collect.captures.remembering import Remembered
from codered.collect.request_words import load_request_words
from codered.model.traffic import Attempt, Outcome, Reply, SeenTraffic, Sent

FIN, SYN, RST, ACK = 1, 2, 4, 16
REPEATED_AFTER = 0.9  # seconds; the first repetition of a SYN comes after 1 s
MOST_SENT = 2048  # bytes
_WAIT = 1.0  # seconds for the rest of a request
_MOST_WAITING = 4096  # requests; 8 MiB
_NUMBERS = 0xFFFF_FFFF
_HALF = 0x8000_0000
_KEY4 = 12  # bytes of a key with IPv4 addresses; 36 with IPv6


class Segment(NamedTuple):
    """A TCP segment. `key`: source, destination and both ports, packed; `data`: what was captured of the `length` bytes
    it carries.
    """

    key: bytes
    flags: int
    sequence: int
    data: bytes
    length: int


class _Connection:
    """What is remembered of one, from its client's side. `expected` is the number its next new byte has."""

    __slots__ = ("began", "expected", "first", "initial", "kept", "pending", "sent_at", "silent")

    def __init__(self, began: float, initial: int, *, pending: bool) -> None:
        self.began = began
        self.initial = initial
        self.pending = pending
        self.silent = False
        self.first = True  # nothing of what it sent was taken yet
        self.expected = initial + 1 & _NUMBERS
        self.kept: bytes | None = None
        self.sent_at = 0.0


class Connections:
    """Takes segments, adds events to `events`."""

    def __init__(self, ports: frozenset[bytes], events: list[SeenTraffic], counts: PacketCounts) -> None:
        self._ports = ports
        self._words = load_request_words()
        self._add = events.append
        self._counts = counts
        self._known: Remembered[_Connection] = Remembered()
        self._waiting: OrderedDict[bytes, _Connection] = OrderedDict()
        self._oldest = 0.0  # when the request that waits longest began

    @property
    def forgotten(self) -> int:
        """Connections that had to be forgotten."""
        return self._known.forgotten

    def take(self, segment: Segment, at: float) -> None:
        """Only a SYN, a RST, or data that `has_say`: nothing else may be given."""
        while self._waiting and abs(at - self._oldest) > _WAIT:
            self._give(next(iter(self._waiting)))
        if segment.flags & RST:
            if not self._end(_turn(segment.key), at, "refused") and segment.flags & ACK and not segment.sequence:
                self._counts.unasked += 1  # so a host refuses; in the middle of a connection the number is another
        elif not segment.flags & SYN:
            self._take_data(segment.key, segment, at)
        elif segment.flags & ACK:
            if not self._end(_turn(segment.key), at, "answered"):
                self._counts.unasked += 1
        else:
            self._take_first(segment.key, segment, at)

    def take_unreachable(self, key: bytes, at: float) -> None:
        """Somebody says that this attempt (the client's addresses and ports) reaches nobody."""
        self._end(key, at, "unreachable")

    def take_end(self, key: bytes, at: float) -> None:
        """A FIN, of whichever side."""
        known = self._known.find(key)
        if known is not None and known.pending:
            self._note_one_way(key, known, at)

    def has_say(self, port: bytes, data: bytes) -> bool:
        """Whether data to this port that are no SYN or RST may be the beginning of a request."""
        return bool(data) and (port in self._ports or data[:4] in self._words)

    def finish(self) -> None:
        """Give what still waits for its rest."""
        while self._waiting:
            self._give(next(iter(self._waiting)))

    def _take_first(self, key: bytes, segment: Segment, at: float) -> None:
        known = self._known.find(key)
        source, destination, port = _split(key)
        if known is not None and known.initial == segment.sequence:
            if known.pending and not known.silent and at - known.began >= REPEATED_AFTER:
                known.silent = True
                self._add(Reply(at, source, destination, port, "silent"))
            return
        if key in self._waiting:
            self._give(key)
        known = _Connection(at, segment.sequence, pending=True)
        self._known.keep(key, known)
        self._add(Attempt(at, source, source, destination, port))
        if segment.data and self.has_say(key[-2:], segment.data):  # sent along with the SYN (TCP Fast Open)
            self._collect(key, known, segment._replace(sequence=known.expected), at)

    def _end(self, key: bytes, at: float, outcome: Outcome) -> bool:
        """An answer of whatever kind to the attempt of this client; whether there is such an attempt."""
        known = self._known.find(key)
        if known is not None and known.pending:
            known.pending = False
            self._counts.answers += 1
            source, destination, port = _split(key)
            self._add(Reply(at, source, destination, port, outcome))
        return known is not None

    def _note_one_way(self, key: bytes, known: _Connection, at: float) -> None:
        """The client goes on, so it was answered, though nothing of it was captured."""
        known.pending = False
        self._counts.one_way += 1
        source, destination, port = _split(key)
        self._add(Reply(at, source, destination, port, "answered"))

    def _take_data(self, key: bytes, segment: Segment, at: float) -> None:
        known = self._waiting.get(key) or self._known.find(key)
        if known is None:
            if segment.data[:4] not in self._words:
                return  # begun before the capture: not its first bytes
            known = _Connection(at, segment.sequence - 1 & _NUMBERS, pending=False)
            self._known.keep(key, known)
        elif known.pending:
            self._note_one_way(key, known, at)
        self._collect(key, known, segment, at)

    def _collect(self, key: bytes, known: _Connection, segment: Segment, at: float) -> None:
        begins, whole = segment.data[:4] in self._words, key[-2:] in self._ports
        ahead = segment.sequence - known.expected & _NUMBERS
        if ahead >= _HALF:
            return  # a repetition
        if known.kept is not None and not ahead:
            self._append(key, known, segment)
            return
        if known.kept is not None:
            self._give(key)
        if begins or (known.first and not ahead):
            known.sent_at, known.kept = at, b""
            self._waiting[key] = known
            self._oldest = next(iter(self._waiting.values())).sent_at
            self._append(key, known, segment, last=not whole)
        known.first = False

    def _append(self, key: bytes, known: _Connection, segment: Segment, *, last: bool = False) -> None:
        kept = (known.kept or b"") + segment.data[: MOST_SENT - len(known.kept or b"")]
        known.kept = kept
        known.expected = segment.sequence + segment.length & _NUMBERS
        cut = len(segment.data) < segment.length
        if last or cut or len(kept) >= MOST_SENT or b"\r\n\r\n" in kept:
            self._give(key)
        elif len(self._waiting) > _MOST_WAITING:
            self._counts.cut_short_waiting += 1
            self._give(next(iter(self._waiting)))

    def _give(self, key: bytes) -> None:
        known = self._waiting.pop(key)
        if self._waiting:
            self._oldest = next(iter(self._waiting.values())).sent_at
        source, destination, port = _split(key)
        self._add(Sent(known.sent_at, source, source, destination, port, known.kept or b""))
        known.kept = None


def _split(key: bytes) -> tuple[bytes, bytes, int]:
    """Source, destination and its port."""
    if len(key) == _KEY4:
        return key[:4], key[4:8], key[10] << 8 | key[11]
    return key[:16], key[16:32], key[34] << 8 | key[35]


def _turn(key: bytes) -> bytes:
    """The same connection as the other side names it."""
    if len(key) == _KEY4:
        return key[4:8] + key[:4] + key[10:] + key[8:10]
    return key[16:32] + key[:16] + key[34:] + key[32:34]
