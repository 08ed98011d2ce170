"""Packets, from their network header on, taken apart as far as the sensor needs it. All of it is hostile."""

import struct
from typing import NamedTuple

from codered.collect.dns_answers import parse_addresses

SYN, RST, ACK = 0x02, 0x04, 0x10
ARP, IPV4, IPV6 = 0x0806, 0x0800, 0x86DD
VLANS = (0x8100, 0x88A8)
_MAPPED = bytes(10) + b"\xff\xff"
_TCP = struct.Struct(">HHIIBB")
_ARP = struct.Struct(">HHBBH6s4s6s4s")
_EXTENSIONS = (0, 43, 60)
_MOST_EXTENSIONS = 8


class Segment(NamedTuple):
    """A TCP segment; `payload` as much of it as was captured. `ends` is the connection: both addresses, both ports, as
    the one who sent it has them.
    """

    ends: bytes
    source: bytes
    source_port: int
    destination: bytes
    port: int
    flags: int
    sequence: int
    payload: bytes


class Unreachable(NamedTuple):
    """A router, or the kernel, says that a segment of the connection with these `ends` found nobody."""

    ends: bytes


class Asked(NamedTuple):
    """ARP: `sender` asks the segment who has `target`; `answer`: `sender` tells `target` that he is there."""

    sender: bytes
    target: bytes
    answer: bool


class Wondered(NamedTuple):
    """`client` asks a name server; `ends` are both addresses, the client's port, and the number of the question."""

    ends: bytes


class Named(NamedTuple):
    """A name server gave `client` these addresses; `ends` are those of the question, as it would have been asked."""

    client: bytes
    addresses: tuple[bytes, ...]
    ends: bytes = b""


Seen = Segment | Unreachable | Asked | Wondered | Named


def parse_packet(protocol: int, data: bytes) -> Seen | None:
    """What a packet with this EtherType is to us; None if nothing."""
    for _ in range(2):
        if protocol in VLANS and len(data) >= 4:
            protocol, data = int.from_bytes(data[2:4], "big"), data[4:]
    if protocol == IPV4:
        return _parse_four(data)
    if protocol == IPV6:
        return _parse_six(data)
    return _parse_arp(data) if protocol == ARP else None


def _parse_four(data: bytes) -> Seen | None:
    if len(data) < 20 or data[0] >> 4 != 4 or int.from_bytes(data[6:8], "big") & 0x1FFF:
        return None
    head, size = (data[0] & 15) * 4, int.from_bytes(data[2:4], "big")
    if head < 20:
        return None
    # A size of 0 is the kernel's own: a segment that the card is to cut up (longer than 64 KiB).
    body = data[head:size] if size else data[head:]
    source, destination = data[12:16], data[16:20]
    if data[9] == 1 and len(body) >= 8 and body[0] == 3:
        return _parse_returned(_parse_four_head(body[8:]))
    return _parse_transport(data[9], source, destination, body)


def _parse_six(data: bytes) -> Seen | None:
    if len(data) < 40 or data[0] >> 4 != 6:
        return None
    size, kind = int.from_bytes(data[4:6], "big"), data[6]
    body = data[40 : 40 + size] if size else data[40:]
    for _ in range(_MOST_EXTENSIONS):
        if kind not in _EXTENSIONS or len(body) < 8:
            break
        kind, body = body[0], body[(body[1] + 1) * 8 :]
    source, destination = _shorten(data[8:24]), _shorten(data[24:40])
    if kind == 58 and len(body) >= 48 and body[0] == 1:
        inner = body[8:]
        if inner[0] >> 4 == 6 and inner[6] == 6:
            return _parse_returned((_shorten(inner[8:24]), _shorten(inner[24:40]), inner[40:44]))
        return None
    return _parse_transport(kind, source, destination, body)


def _parse_four_head(inner: bytes) -> tuple[bytes, bytes, bytes] | None:
    if len(inner) < 20 or inner[0] >> 4 != 4 or inner[9] != 6:
        return None
    head = (inner[0] & 15) * 4
    return inner[12:16], inner[16:20], inner[head : head + 4]


def _parse_returned(found: tuple[bytes, bytes, bytes] | None) -> Unreachable | None:
    if found is None or len(found[2]) < 4:
        return None
    return Unreachable(b"".join(found))


def _parse_transport(kind: int, source: bytes, destination: bytes, body: bytes) -> Seen | None:
    if kind == 6 and len(body) >= _TCP.size:
        own, port, sequence, _, offset, flags = _TCP.unpack_from(body)
        return Segment(
            source + destination + body[:4],
            source,
            own,
            destination,
            port,
            flags,
            sequence,
            body[max(20, (offset >> 4) * 4) :],
        )
    if kind == 17 and body[:2] == b"\x00\x35":
        addresses = parse_addresses(body[8:])
        return Named(destination, addresses, destination + source + body[2:4] + body[8:10]) if addresses else None
    if kind == 17 and body[2:4] == b"\x00\x35" and len(body) >= 12 and not body[10] & 0x80:
        return Wondered(source + destination + body[:2] + body[8:10])
    return None


def _parse_arp(data: bytes) -> Asked | None:
    if len(data) < _ARP.size:
        return None
    _, protocol, _, size, what, _, sender, _, target = _ARP.unpack_from(data)
    if protocol != IPV4 or size != 4 or what not in (1, 2) or sender in (bytes(4), target):
        return None  # also: nobody yet (0.0.0.0), or somebody tells that he is there
    return Asked(sender, target, what == 2)


def _shorten(address: bytes) -> bytes:
    return address[12:] if address.startswith(_MAPPED) else address
