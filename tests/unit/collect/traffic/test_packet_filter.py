"""The filter as the kernel runs it: on packets of a pair of cables is too slow for each rule, so it is run here too."""

import struct

import pytest

from codered.collect.traffic.packet_filter import MOST_PORTS, SNAP, make_filter
from tests.fixtures.sensing import make_syn, packed

SYN_PACKET = make_syn("192.0.2.1", "198.51.100.2", 4000, 80)


def run(program: bytes, data: bytes, protocol: int, outgoing: bool) -> int:
    """What a classic filter returns: 0 = dropped, also when it reads behind the end."""
    known = {0xFFFFF000: protocol, 0xFFFFF004: 4 if outgoing else 0}
    lines = list(struct.iter_unpack("=HBBI", program))
    a = x = at = 0
    memory = [0] * 16
    sizes = {0x20: 4, 0x28: 2, 0x30: 1, 0x48: 2, 0x50: 1}
    for _ in range(4096):
        code, yes, no, k = lines[at]
        at += 1
        if code in sizes:
            place = k + (x if code in (0x48, 0x50) else 0)
            if k in known:
                a = known[k]
            elif place + sizes[code] > len(data):
                return 0
            else:
                a = int.from_bytes(data[place : place + sizes[code]], "big")
        elif code == 0xB1:
            x = (data[k] & 15) * 4
        elif code == 0x01:
            x = k
        elif code == 0x07:
            x = a
        elif code == 0x05:
            at += k
        elif code in (0x15, 0x45):
            at += yes if (a == k if code == 0x15 else a & k) else no
        elif code == 0x06:
            return int(k)
        elif code == 0x02:
            memory[k] = a
        elif code == 0x60:
            a = memory[k]
        else:
            a = {0x54: a & k, 0x74: a >> k, 0x64: a << k, 0x1C: a - x}[code] & 0xFFFFFFFF
    raise AssertionError("no end")


def tcp(flags: int, payload: bytes = b"", port: int = 80) -> bytes:
    return struct.pack(">HHIIBBHHH", 4000, port, 7, 0, 5 << 4, flags, 0, 0, 0) + payload


def four(kind: int, body: bytes, piece: int = 0) -> bytes:
    head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(body), 1, piece, 64, kind, 0)
    return head + packed("192.0.2.1") + packed("198.51.100.2") + body


def six(kind: int, body: bytes) -> bytes:
    return struct.pack(">IHBB", 6 << 28, len(body), kind, 64) + bytes(32) + body


OUT, IN = True, False


@pytest.mark.parametrize(
    ("body", "kind", "outgoing", "taken"),
    [
        (tcp(0x02), 6, OUT, True),  # a SYN
        (tcp(0xC2), 6, OUT, True),  # one that can tell of congestion
        (tcp(0x02), 6, IN, False),
        (tcp(0x12), 6, OUT, False),
        (tcp(0x12), 6, IN, False),  # an answer: only if asked for
        (tcp(0x14), 6, IN, False),
        (tcp(0x18, b"GET /"), 6, OUT, True),
        (tcp(0x18, b"GET /", 81), 6, OUT, False),
        (tcp(0x18, b"GET /"), 6, IN, False),
        (tcp(0x10), 6, OUT, False),  # no data
        (struct.pack(">HHHH", 53, 4000, 8, 0), 17, IN, True),
        (struct.pack(">HHHH", 53, 4000, 8, 0), 17, OUT, False),
        (struct.pack(">HHHH", 4000, 53, 8, 0), 17, OUT, True),
        (struct.pack(">HHHH", 4000, 53, 8, 0), 17, IN, False),
        (struct.pack(">HHHH", 4000, 54, 8, 0), 17, OUT, False),
        (struct.pack(">HHHH", 54, 4000, 8, 0), 17, IN, False),
        (b"\x03\x01" + bytes(6), 1, IN, True),
        (b"\x00\x00" + bytes(6), 1, IN, False),
        (bytes(20), 47, OUT, False),
    ],
)
def test_what_is_taken(body: bytes, kind: int, outgoing: bool, taken: bool) -> None:
    program = make_filter({80, 443}, replies=False)
    expected = SNAP if taken else 0
    assert run(program, four(kind, body), 0x0800, outgoing) == expected
    assert run(program, b"\x00\x05\x08\x00" + four(kind, body), 0x8100, outgoing) == expected
    other = {1: 58}.get(kind, kind)
    changed = (b"\x01" + body[1:]) if body[:1] == b"\x03" else (b"\x81" + body[1:]) if kind == 1 else body
    assert run(program, six(other, changed), 0x86DD, outgoing) == expected
    assert run(program, b"\x00\x05\x86\xdd" + six(other, changed), 0x8100, outgoing) == expected


@pytest.mark.parametrize(("flags", "taken"), [(0x12, True), (0x14, True), (0x04, True), (0x10, False), (0x02, False)])
def test_answers_where_they_are_asked_for(flags: int, taken: bool) -> None:
    program = make_filter({80}, replies=True)
    assert bool(run(program, four(6, tcp(flags)), 0x0800, IN)) == taken
    assert bool(run(program, six(6, tcp(flags)), 0x86DD, IN)) == taken


def test_later_pieces_and_other_protocols_are_nothing_and_arp_is_all_taken() -> None:
    program = make_filter(set(), replies=True)
    assert run(program, four(6, tcp(2), piece=5), 0x0800, OUT) == 0
    assert run(program, bytes(60), 0x88CC, OUT) == 0
    assert run(program, bytes(28), 0x0806, IN) == SNAP
    assert run(program, b"\x00\x05\x08\x06" + bytes(28), 0x8100, IN) == SNAP
    assert run(program, SYN_PACKET[:25], 0x0800, OUT) == 0


def test_headers_between_are_left_to_the_parser() -> None:
    program = make_filter(set(), replies=False)
    assert run(program, six(0, bytes(8)), 0x86DD, OUT) == SNAP
    assert run(program, six(0, bytes(8)), 0x86DD, IN) == 0


def test_too_many_ports_do_not_break_it() -> None:
    program = make_filter(range(1, 500), replies=True)
    assert run(program, four(6, tcp(0x18, b"x", MOST_PORTS)), 0x0800, OUT) == SNAP
    assert run(program, four(6, tcp(0x18, b"x", MOST_PORTS + 1)), 0x0800, OUT) == 0
