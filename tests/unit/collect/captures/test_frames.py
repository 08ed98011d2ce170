import struct

import pytest
from hypothesis import given
from hypothesis import strategies as some

from codered.collect.captures.frames import Ether, Frames
from codered.collect.captures.links import load_link_types
from codered.model.traffic import Attempt, Sent
from tests.fixtures.capture_files import (
    ACK,
    ETHERNET,
    RAW,
    SYN,
    frame,
    make_arp,
    make_ip,
    make_tcp,
    make_udp,
    make_unreachable,
    pack_address,
)

A, B = ("192.0.2.1", 1001), ("192.0.2.2", 80)
SIX, SIX_B = ("2001:db8::1", 1001), ("2001:db8::2", 80)


def take(*packets: bytes, link: int = RAW) -> Ether:
    ether = Ether(frozenset((80, 1434, 70000)))
    frames = Frames(load_link_types().read[link], ether)
    for packet in packets:
        frames.take(packet, 1.0)
    ether.connections.finish()
    return ether


def attempted(*packets: bytes) -> list[bytes]:
    return [event.destination for event in take(*packets).events if isinstance(event, Attempt)]


def extend(packet: bytes, *kinds: int) -> bytes:
    """An IPv6 packet with extension headers of 8 bytes each."""
    following = [*kinds[1:], packet[6]]
    body = b"".join(bytes([after]) + b"\0" * 7 for after in following) + packet[40:]
    return packet[:4] + struct.pack(">HB", len(body), kinds[0]) + packet[7:40] + body


def test_data_in_the_middle_is_passed_over() -> None:
    data = make_tcp(B, A, ACK, data=b"x" * 100)
    assert take(data, make_tcp(A, B, ACK), frame(data), link=RAW).events == []
    assert take(frame(data), link=ETHERNET).events == []


def test_ip_options_and_extension_headers() -> None:
    syn = make_tcp(A, B, SYN)
    options = b"\x46" + syn[1:2] + struct.pack(">H", len(syn) + 4) + syn[4:20] + b"\1\1\1\0" + syn[20:]
    assert attempted(options) == [pack_address(B[0])]
    six = make_tcp(SIX, SIX_B, SYN)
    for kinds in ((0,), (60, 43), (0, 60, 43, 135)):
        assert attempted(extend(six, *kinds)) == [pack_address(SIX_B[0])]
    ether = take(extend(six, *(60,) * 50))
    assert (ether.events, ether.counts.chains_too_long) == ([], 1)


def test_only_first_pieces_are_looked_at() -> None:
    tcp = make_tcp(A, B, SYN)[20:]
    pieces = [make_ip(A[0], B[0], 6, tcp, piece=piece) for piece in (0x2000, 0x2001, 0x0001, 0x0001)]
    ether = take(*pieces)
    assert len(ether.events) == 1
    assert ether.counts.fragments == 4
    six = make_tcp(SIX, SIX_B, SYN)
    first, second = extend(six, 44), bytearray(extend(six, 44))
    second[42:44] = b"\x00\x08"
    ether = take(first, bytes(second))
    assert (len(ether.events), ether.counts.fragments) == (1, 2)


def test_cut_and_lying_headers_are_counted() -> None:
    syn, six = make_tcp(A, B, SYN), make_tcp(SIX, SIX_B, SYN)
    ether = take(syn[:19], syn[:33], six[:39], six[:50], extend(six, 0)[:44], make_udp(A, B)[:25])
    assert (ether.events, ether.counts.cut_headers) == ([], 6)
    assert attempted(syn[:34], six[:54]) == [pack_address(B[0]), pack_address(SIX_B[0])]
    lies = (
        b"\x41" + syn[1:],
        b"\x75" + syn[1:],
        syn[:2] + b"\0\5" + syn[4:],
        syn[:32] + b"\xf0" + syn[33:],
        syn[:32] + b"\x10" + syn[33:],
    )
    ether = take(frame(lies[1], kind=0x0800), *(frame(lie, kind=0x0800) for lie in lies[:1] + lies[2:]), link=ETHERNET)
    assert (ether.events, ether.counts.lying) == ([], 5)


def test_what_is_inside_others_is_named() -> None:
    ether = take(make_ip(A[0], B[0], 47, b"x" * 40), make_ip(SIX[0], SIX_B[0], 4, b"x" * 40))
    assert ether.counts.inside == {"GRE": 1, "an IP tunnel": 1}
    ether = take(frame(b"\0" * 60, kind=0x8847), frame(b"\0" * 60, kind=0x88CC), link=ETHERNET)
    assert ether.counts.inside == {"MPLS": 1}


def test_padding_is_no_data() -> None:
    ether = take(frame(make_tcp(A, B, ACK)) + b"GET /padding", link=ETHERNET)
    assert ether.events == []


def test_a_packet_longer_than_it_can_say() -> None:
    whole = make_tcp(A, B, ACK, data=b"GET /large HTTP/1.0\r\n\r\n")
    ether = take(whole[:2] + b"\0\0" + whole[4:])
    assert [event.data for event in ether.events if isinstance(event, Sent)] == [b"GET /large HTTP/1.0\r\n\r\n"]


GOOD = (
    make_tcp(A, B, SYN), make_tcp(SIX, SIX_B, SYN), make_udp(A, B), extend(make_udp(SIX, SIX_B), 0, 44),
    make_arp("192.0.2.1", "192.0.2.2"), make_unreachable("192.0.2.254", make_tcp(A, B, SYN)),
    make_unreachable("2001:db8::ff", make_tcp(SIX, SIX_B, SYN)),
)  # fmt: skip


@pytest.mark.parametrize("link", sorted(load_link_types().read))
@given(data=some.data())
def test_anything_ends(link: int, data: some.DataObject) -> None:
    raw = data.draw(some.binary(max_size=120))
    good = bytearray(frame(data.draw(some.sampled_from(GOOD)), link))
    for _ in range(data.draw(some.integers(0, 6))):
        good[data.draw(some.integers(0, len(good) - 1))] = data.draw(some.integers(0, 255))
    take(raw, bytes(good), bytes(good)[: data.draw(some.integers(0, 90))], link=link)
