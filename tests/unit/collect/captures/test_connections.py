import random

import pytest

from codered.collect.captures import connections, remembering
from codered.collect.captures.connections import ACK, RST, SYN, Connections, Segment
from codered.collect.captures.counts import PacketCounts
from codered.model.traffic import Attempt, Reply, SeenTraffic, Sent

A, B = b"\xc0\0\2\1", b"\xc0\0\2\2"
P80 = frozenset((b"\x00\x50",))


class Wire:
    """Connections from A to B's port 80, and what they gave."""

    def __init__(self) -> None:
        self.events: list[SeenTraffic] = []
        self.counts = PacketCounts()
        self.connections = Connections(P80, self.events, self.counts)

    def send(self, at: float, flags: int, sequence: int = 1000, data: bytes = b"", *, back: bool = False,
             own: int = 4000, port: int = 80, length: int | None = None) -> None:  # fmt: skip
        key = (B + A if back else A + B) + b"".join(
            number.to_bytes(2, "big") for number in ((port, own) if back else (own, port))
        )
        whole = len(data) if length is None else length
        self.connections.take(Segment(key, flags, sequence % 2**32, data, whole), at)

    def open(self, at: float, own: int = 4000, sequence: int = 1000) -> None:
        self.send(at, SYN, sequence, own=own)
        self.send(at, SYN | ACK, 5, back=True, own=own)

    def outcomes(self) -> list[str]:
        return [event.outcome for event in self.events if isinstance(event, Reply)]

    def sent(self) -> list[bytes]:
        return [event.data for event in self.events if isinstance(event, Sent)]

    def attempts(self) -> int:
        return sum(isinstance(event, Attempt) for event in self.events)


def test_answered_refused_unreachable_once() -> None:
    wire = Wire()
    for own, flags in ((1, SYN | ACK), (2, RST | ACK)):
        wire.send(1.0, SYN, own=own)
        wire.send(1.1, flags, back=True, own=own)
        wire.send(1.2, RST, back=True, own=own)
        wire.send(1.3, RST, own=own)
    wire.send(2.0, SYN, own=3)
    key = A + B + b"\x00\x03\x00\x50"
    wire.connections.take_unreachable(key, 2.1)
    wire.connections.take_unreachable(key, 2.2)
    assert wire.outcomes() == ["answered", "refused", "unreachable"]
    assert wire.attempts() == 3


def test_repeated_syn() -> None:
    wire = Wire()
    for at in (0.0, 0.5, 1.0, 3.0):  # 0.5: the same frame seen twice on its way
        wire.send(at, SYN)
    assert wire.outcomes() == ["silent"]
    assert wire.attempts() == 1
    wire.send(4.0, SYN | ACK, back=True)
    assert wire.outcomes() == ["silent", "answered"]
    wire.send(9.0, SYN, 77)  # the same ports again, another connection
    assert wire.attempts() == 2


def test_what_began_before_invents_nothing() -> None:
    wire = Wire()
    wire.send(1.0, SYN | ACK, back=True)
    wire.send(1.1, RST, back=True)
    wire.send(1.2, ACK, data=b"in the middle")
    wire.connections.take_unreachable(A + B + b"\0\1\0\1", 1.0)
    assert wire.events == []
    wire.send(1.3, ACK, 5000, data=b"GET /x HTTP/1.0\r\n\r\n")
    assert wire.sent() == [b"GET /x HTTP/1.0\r\n\r\n"]
    assert wire.attempts() == 0


def test_a_request_in_three_segments_is_cut_at_its_bound() -> None:
    wire = Wire()
    wire.open(0.0)
    line = b"GET /inert-marker?" + b"N" * 4000
    for number in range(0, 4018, 1460):
        wire.send(0.1, ACK, 1001 + number, line[number : number + 1460])
    assert wire.sent() == [line[:2048]]


def test_the_rest_that_does_not_come() -> None:
    wire = Wire()
    wire.open(0.0)
    wire.send(0.1, ACK, 1001, b"GET /a")
    assert wire.sent() == []
    wire.send(1.2, SYN, own=9)  # a second later something else is seen
    assert wire.sent() == [b"GET /a"]
    wire.open(2.0, own=10)
    wire.send(2.1, ACK, 1001, b"GET /b", own=10)
    wire.connections.finish()
    assert wire.sent() == [b"GET /a", b"GET /b"]


def test_gaps_and_repetitions() -> None:
    wire = Wire()
    wire.open(0.0)
    wire.send(0.1, ACK, 1001, b"GET /a")
    wire.send(0.2, ACK, 1001, b"GET /a")
    wire.send(0.3, ACK, 1500, b"behind a gap")
    assert wire.sent() == [b"GET /a"]
    wire.open(1.0, own=7)
    wire.send(1.1, ACK, 1500, b"its first segment is lost", own=7)
    wire.connections.finish()
    assert wire.sent() == [b"GET /a"]


def test_a_second_request_over_the_same_connection() -> None:
    wire = Wire()
    wire.open(0.0)
    first, second = b"GET /a HTTP/1.1\r\n\r\n", b"GET /b HTTP/1.1\r\n\r\n"
    for _ in range(2):
        wire.send(0.1, ACK, 1001, first)
        wire.send(0.2, ACK, 1001 + len(first), second)
    assert wire.sent() == [first, second]


def test_numbers_that_wrap_and_data_with_the_syn() -> None:
    wire = Wire()
    wire.open(0.0, sequence=2**32 - 1)
    wire.send(0.1, ACK, 0, b"GET /a")
    wire.send(0.2, ACK, 6, b" HTTP/1.0\r\n\r\n")
    wire.send(1.0, SYN, 2**32 - 3, b"GET /b HTTP/1.0\r\n\r\n", own=5)
    assert wire.sent() == [b"GET /a HTTP/1.0\r\n\r\n", b"GET /b HTTP/1.0\r\n\r\n"]


def test_cut_packets_and_other_ports() -> None:
    wire = Wire()
    wire.open(0.0)
    wire.send(0.1, ACK, 1001, b"GET /a", length=600)
    assert wire.sent() == [b"GET /a"]
    wire.send(0.2, ACK, 1, b"GET /elsewhere", port=9999)
    wire.send(0.3, ACK, 15, b"never looked at", port=9999)
    assert wire.sent() == [b"GET /a", b"GET /elsewhere"]
    assert wire.connections.has_say(b"\x27\x0f", b"GET /")
    assert not wire.connections.has_say(b"\x27\x0f", b"GE")
    assert wire.connections.has_say(b"\0\x50", b"x")
    assert not wire.connections.has_say(b"\0\x50", b"")


def test_one_direction_only_is_told() -> None:
    wire = Wire()
    wire.send(0.0, SYN)
    wire.send(0.1, ACK, 1001, b"x")
    wire.send(0.2, ACK, 1002, b"y")
    assert wire.counts.one_way == 1
    assert wire.outcomes() == ["answered"]


def test_a_client_that_ends_a_connection_had_one() -> None:
    wire = Wire()
    wire.send(0.0, SYN)
    wire.connections.take_end(A + B + b"\x0f\xa0\x00\x50", 0.5)
    wire.connections.take_end(A + B + b"\x0f\xa0\x00\x50", 0.6)
    assert (wire.counts.one_way, wire.outcomes()) == (1, ["answered"])


def test_answers_without_their_attempts_are_counted() -> None:
    counts, events = PacketCounts(), list[SeenTraffic]()
    taker = Connections(frozenset(), events, counts)
    key = bytes(range(12))
    taker.take(Segment(key, SYN | ACK, 7, b"", 0), 1.0)
    taker.take(Segment(key, RST | ACK, 0, b"", 0), 1.0)
    assert counts.unasked == 2
    taker.take(Segment(key, RST | ACK, 7, b"", 0), 1.0)  # the end of a connection that was begun before
    taker.take(Segment(key, RST, 0, b"", 0), 1.0)
    assert (counts.unasked, counts.answers, events) == (2, 0, [])


def test_memory_stays_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "_MOST_WAITING", 8)
    monkeypatch.setattr(remembering.Remembered.__init__, "__defaults__", (16,))
    wire, dice = Wire(), random.Random(1)
    for own in range(500):
        wire.send(1.0, SYN, own=own)
        wire.send(1.0, ACK, 1001, b"GET /%d" % own, own=own)
        wire.send(1.0, ACK, dice.randrange(1000, 1020), b"x", own=dice.randrange(own + 1))
    assert len(wire.sent()) > 480
    assert wire.counts.cut_short_waiting > 400
    assert wire.connections.forgotten > 400
    wire.connections.finish()
    assert {data.partition(b"x")[0] for data in wire.sent()} == {b"GET /%d" % own for own in range(500)}
