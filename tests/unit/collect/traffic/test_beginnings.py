import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered.collect.traffic.beginnings import MOST_SENT, MOST_UNDER_WAY, NOTHING_SENT, Beginnings
from codered.collect.traffic.frames import Segment
from codered.model.traffic import Attempt, Sent

OWN, OTHER = b"\x0a\x00\x00\x01", b"\xc6\x33\x64\x01"
ATTEMPT = Attempt(10.0, b"pid 1 1", OWN, OTHER, 80)
PADDING = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
WORM = b"GET /inert-marker HTTP/1.0\r\n\r\n"


def make_segment(payload: bytes, sequence: int, source_port: int = 4000) -> Segment:
    ends = OWN + OTHER + source_port.to_bytes(2, "big") + b"\x00\x50"
    return Segment(ends, OWN, source_port, OTHER, 80, 0x18, sequence, payload)


class Line:
    """A connection that sends one piece after the other."""

    def __init__(self, first: int = 5) -> None:
        self.beginnings = Beginnings()
        self.sequence, self.next = first, NOTHING_SENT

    def send(self, payload: bytes) -> Sent | None:
        sent = self.send_at(payload, self.sequence)
        self.sequence = self.sequence + len(payload) & 0xFFFF_FFFF
        return sent

    def send_at(self, payload: bytes, sequence: int) -> Sent | None:
        self.next, sent = self.beginnings.add(make_segment(payload, sequence), self.next, ATTEMPT, 11.0)
        return sent


def test_a_request_behind_padding_is_seen() -> None:
    line = Line()
    for _ in range(200):
        line.send(PADDING)
    assert line.send(WORM) == Sent(11.0, b"pid 1 1", OWN, OTHER, 80, WORM)


def test_a_request_behind_one_that_was_long_is_seen() -> None:
    line = Line()
    line.send(b"POST / HTTP/1.1\r\n" + b"x" * 4000)
    assert line.send(b"more of it") is None
    assert line.send(WORM) is not None


@pytest.mark.parametrize("pieces", [[b"G", WORM[1:]], [b"GET", WORM[3:]], [b"G", b"E", b"T ", b"/in", WORM[7:]]])
@pytest.mark.parametrize("before", [[], [PADDING], [b"x" * 4000]])
def test_a_request_in_pieces_is_one(pieces: list[bytes], before: list[bytes]) -> None:
    line = Line()
    for payload in before:
        line.send(payload)
    sent = [line.send(piece) for piece in pieces]
    assert [one.continued for one in sent if one is not None] == [False] + [True] * (len(pieces) - 1)
    assert sent[-1] is not None
    assert sent[-1].data == WORM


def test_the_beginning_need_be_no_request_and_its_rest_goes_with_it() -> None:
    line = Line()
    first, second = line.send(b"\x16\x03hello"), line.send(b"x" * 4000)
    assert first == Sent(11.0, b"pid 1 1", OWN, OTHER, 80, b"\x16\x03hello")
    assert second is not None
    assert (second.data, second.continued) == ((b"\x16\x03hello" + b"x" * 4000)[:MOST_SENT], True)
    assert line.send(b"more") is None


def test_what_is_sent_again_or_follows_a_gap_is_not_put_together() -> None:
    line = Line(first=0xFFFF_FFFE)  # the numbers begin anew
    line.send(b"GET /")
    assert line.send_at(b"GET /", 0xFFFF_FFFE) is None
    assert line.send_at(b" of a gap", 99) is None
    assert line.send_at(b" HTTP/1.0", 108) is None
    again = line.send_at(WORM, 500)
    assert again is not None
    assert (again.data, again.continued) == (WORM, False)


def test_what_an_older_connection_sent_is_not_put_before_a_new_ones() -> None:
    line = Line()
    line.send(b"GET /a")
    line.next = NOTHING_SENT
    sent = line.send(b"bytes")
    assert sent is not None
    assert (sent.data, sent.continued) == (b"bytes", False)


def test_memory_is_bounded_and_what_there_is_enough_of_is_forgotten() -> None:
    beginnings = Beginnings()
    for port in range(MOST_UNDER_WAY + 100):
        beginnings.add(make_segment(b"GET /", 5, port), NOTHING_SENT, ATTEMPT, 11.0)
    assert len(beginnings._under_way) == MOST_UNDER_WAY
    for port in range(100, MOST_UNDER_WAY + 100):
        beginnings.add(make_segment(b"x" * MOST_SENT, 10, port), 10, ATTEMPT, 11.0)
    assert not beginnings._under_way


@given(st.lists(st.tuples(st.binary(max_size=30), st.integers(0, 0xFFFF_FFFF)), max_size=20))
def test_any_segments(segments: list[tuple[bytes, int]]) -> None:
    line = Line()
    for payload, sequence in segments:
        sent = line.send_at(payload, sequence)
        assert sent is None or sent.data.endswith(payload)
        assert 0 <= line.next <= 0xFFFF_FFFF
