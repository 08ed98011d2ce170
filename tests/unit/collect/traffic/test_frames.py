import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered.collect.traffic.frames import (
    ARP,
    IPV4,
    IPV6,
    SYN,
    Asked,
    Named,
    Segment,
    Unreachable,
    Wondered,
    parse_packet,
)
from tests.fixtures.sensing import make_syn, packed

A, B = "192.0.2.1", "198.51.100.2"
A6, B6 = "2001:db8::1", "2001:db8::2"
SYN_PACKET = make_syn(A, B, 4000, 80)
ENDS = packed(A) + packed(B) + struct.pack(">HH", 4000, 80)


def six(kind: int, body: bytes, source: str = A6, destination: str = B6) -> bytes:
    return struct.pack(">IHBB", 6 << 28, len(body), kind, 64) + packed(source) + packed(destination) + body


def four(kind: int, body: bytes, options: bytes = b"") -> bytes:
    head = 20 + len(options)
    start = struct.pack(">BBHHHBBH", 0x40 | head // 4, 0, head + len(body), 1, 0, 64, kind, 0)
    return start + packed(A) + packed(B) + options + body


def tcp(flags: int, payload: bytes = b"", options: bytes = b"") -> bytes:
    return struct.pack(">HHIIBBHHH", 4000, 80, 7, 0, (5 + len(options) // 4) << 4, flags, 0, 0, 0) + options + payload


def test_a_syn() -> None:
    assert parse_packet(IPV4, SYN_PACKET) == Segment(ENDS, packed(A), 4000, packed(B), 80, SYN, 7, b"")


def test_data_behind_options_of_both_headers_and_without_what_fills_the_frame() -> None:
    found = parse_packet(IPV4, four(6, tcp(0x18, b"GET /", bytes(12)), bytes(8)) + b"padding")
    assert isinstance(found, Segment)
    assert (found.payload, found.port) == (b"GET /", 80)


@pytest.mark.parametrize("tags", [b"\x00\x05\x08\x00", b"\x00\x05\x81\x00\x00\x07\x08\x00"])
def test_tags_of_a_vlan_are_passed_over(tags: bytes) -> None:
    found = parse_packet(0x8100, tags + SYN_PACKET)
    assert isinstance(found, Segment)
    assert found.ends == ENDS


def test_ipv6_with_headers_between() -> None:
    found = parse_packet(IPV6, six(0, b"\x06\x00" + bytes(6) + tcp(SYN)))
    assert isinstance(found, Segment)
    assert (found.source, found.port, found.flags) == (packed(A6), 80, SYN)


def test_a_mapped_address_is_the_short_one() -> None:
    found = parse_packet(IPV6, six(6, tcp(SYN), "::ffff:192.0.2.1", "::ffff:198.51.100.2"))
    assert isinstance(found, Segment)
    assert found.ends == ENDS


def test_an_unreachable_names_the_connection() -> None:
    assert parse_packet(IPV4, four(1, b"\x03\x01" + bytes(6) + SYN_PACKET[:28])) == Unreachable(ENDS)
    inner = six(6, tcp(SYN))[:48]
    long_ends = packed(A6) + packed(B6) + struct.pack(">HH", 4000, 80)
    assert parse_packet(IPV6, six(58, b"\x01\x00" + bytes(6) + inner)) == Unreachable(long_ends)


def test_questions_and_answers_of_the_segment() -> None:
    def arp(what: int, sender: str, target: str) -> bytes:
        return struct.pack(">HHBBH", 1, IPV4, 6, 4, what) + bytes(6) + packed(sender) + bytes(6) + packed(target)

    assert parse_packet(ARP, arp(1, A, B)) == Asked(packed(A), packed(B), answer=False)
    assert parse_packet(ARP, arp(2, B, A)) == Asked(packed(B), packed(A), answer=True)
    assert parse_packet(ARP, arp(1, A, A)) is None  # only tells that it is there
    assert parse_packet(ARP, arp(1, "0.0.0.0", B)) is None


def test_names() -> None:
    record = b"\x00" + struct.pack(">HHIH", 1, 1, 60, 4) + packed(A)
    answer = struct.pack(">HHHHHH", 1, 0x8180, 0, 1, 0, 0) + record
    udp = struct.pack(">HHHH", 53, 4000, 8 + len(answer), 0) + answer
    assert parse_packet(IPV4, four(17, udp)) == Named(
        packed(B), (packed(A),), packed(B) + packed(A) + udp[2:4] + b"\x00\x01"
    )
    question = struct.pack(">HHHHHH", 4000, 53, 12, 0, 1, 0x100)
    asked = packed(A) + packed(B) + udp[2:4] + b"\x00\x01"
    assert parse_packet(IPV4, four(17, question)) == Wondered(asked)
    assert parse_packet(IPV4, four(17, question[:-2] + b"\x81\x80")) is None
    assert parse_packet(IPV4, four(17, b"\x00\x54" + udp[2:])) is None


@pytest.mark.parametrize(
    "data", [b"", SYN_PACKET[:30], b"\x46" + SYN_PACKET[1:20], SYN_PACKET[:6] + b"\x00\x05" + SYN_PACKET[8:],
             b"\x41" + SYN_PACKET[1:]]
)  # fmt: skip
def test_what_is_cut_short_lies_or_is_a_later_piece_is_nothing(data: bytes) -> None:
    assert parse_packet(IPV4, data) is None


@given(st.sampled_from([IPV4, IPV6, ARP, 0x8100, 0x88CC]), st.binary(max_size=120))
def test_no_bytes_break_it(protocol: int, data: bytes) -> None:
    for one in (data, b"\x45" + data, b"\x60" + data):
        found = parse_packet(protocol, one)
        assert found is None or isinstance(found, (Segment, Unreachable, Asked, Wondered, Named))
