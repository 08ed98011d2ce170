"""The records of a pcap file: both byte orders, microseconds and nanoseconds."""

import struct
from collections.abc import Iterator
from typing import NamedTuple

from codered.collect.captures.counts import FileCounts

HEAD = 24
MOST_CAPTURED = 262_144  # bytes of a packet; libpcap's own bound
ENOUGH = 192  # bytes of a cut packet that hold every header the filter looks at
_MAGIC = {
    b"\xa1\xb2\xc3\xd4": (">", 1),
    b"\xd4\xc3\xb2\xa1": ("<", 1),
    b"\xa1\xb2\x3c\x4d": (">", 1000),
    b"\x4d\x3c\xb2\xa1": ("<", 1000),
}


class Batch(NamedTuple):
    """Packets of one link type: time, start and end in `block` of each."""

    link: int
    block: bytes
    packets: list[tuple[float, int, int]]


class PcapHead(NamedTuple):
    """What the head of the file says: byte order, ticks of the fraction in a microsecond, link type."""

    order: str
    ticks: int
    link: int


def read_pcap_head(head: bytes) -> PcapHead | None:
    """The head of a pcap file, None if it is none."""
    known = _MAGIC.get(head[:4])
    if known is None or len(head) < HEAD:
        return None
    (network,) = struct.unpack(known[0] + "I", head[20:24])
    return PcapHead(*known, network & 0x03FF_FFFF)  # the rest says how long a frame's checksum is


def walk_pcap(head: PcapHead, pieces: Iterator[bytes], counts: FileCounts) -> Iterator[Batch]:
    """The packets, a batch a piece. What can't be read is told in `counts`."""
    carry = b""
    begun = False
    passed = 0  # bytes of the file before the block
    for piece in pieces:
        block = carry + piece if carry else piece
        at = 0
        if not begun:
            if len(block) < HEAD:
                carry = block
                continue
            at, begun = HEAD, True
        packets: list[tuple[float, int, int]] = []
        at = _walk_block(head, block, at, (packets, counts))
        if packets:
            yield Batch(head.link, block, packets)
        if counts.ended:
            counts.ended += f" (at byte {passed + at})"
            return
        carry = block[at:]
        passed += at
    if carry:
        counts.plain = False
        counts.ended = counts.ended or f"the file ends within a packet; {len(carry)} bytes of it were not read"


def _walk_block(head: PcapHead, block: bytes, at: int, into: tuple[list[tuple[float, int, int]], FileCounts]) -> int:
    packets, counts = into
    unpack = struct.Struct(head.order + "IIII").unpack_from
    add, ticks, end = packets.append, head.ticks, len(block)
    latest = counts.latest
    if not counts.packets and end - at >= 16:
        latest = float(unpack(block, at)[0])  # where the clock starts
    last_head = end - 16
    while at <= last_head:
        seconds, fraction, captured, length = unpack(block, at)
        start = at + 16
        if captured > MOST_CAPTURED:
            counts.ended = f"a packet is said to hold {captured} bytes: what follows is not read"
            break
        if start + captured > end:
            break
        at = start + captured
        moment = (seconds * 1_000_000 + (fraction if ticks == 1 else fraction // ticks)) / 1e6
        if captured < length:
            if captured < ENOUGH:
                counts.short += 1
        elif captured > length:
            counts.lying += 1
        if fraction >= ticks * 1_000_000:
            counts.absurd_times += 1
            moment = latest
        if moment >= latest or counts.see_back(latest, moment):
            latest = moment
        add((moment, start, at))
    counts.see_batch(packets, latest)
    return at


def pass_pcap(head: PcapHead, pieces: Iterator[bytes], counts: FileCounts) -> None:
    """As `walk_pcap`, without keeping anything: whether the file is `plain`, and the number and times of its packets.
    Ends at the first thing that is odd.
    """
    for _ in pass_on(head, pieces, counts):
        pass


def pass_on(head: PcapHead, pieces: Iterator[bytes], counts: FileCounts) -> Iterator[memoryview]:
    """The same, and gives the bytes of the file as far as nothing in them is odd: its head and whole records."""
    carry, begun = b"", False
    for piece in pieces:
        block = carry + piece if carry else piece
        at = 0 if begun else HEAD
        if len(block) < at:
            carry = block
            continue
        end = _pass_block(head, block, at, counts)
        if not counts.plain:
            return
        yield memoryview(block)[:end]
        begun = True
        carry = block[end:]
    counts.plain &= begun and not carry and not counts.ended


def _pass_block(head: PcapHead, block: bytes, at: int, counts: FileCounts) -> int:
    unpack, end = struct.Struct(head.order + "IIII").unpack_from, len(block)
    last_head, limit, start, begin, number = end - 16, head.ticks * 1_000_000, at, at, 0
    least = int(counts.latest) - 1
    while at <= last_head:
        seconds, fraction, captured, length = unpack(block, at)
        following = at + 16 + captured
        if captured != length and (captured > length or captured < ENOUGH):
            counts.plain = False
        if captured > MOST_CAPTURED or fraction >= limit or seconds < least:
            counts.plain = False
        if following > end:
            break
        begin, at, least = at, following, seconds - 1
        number += 1
    if number:
        moments = [unpack(block, place) for place in (start, begin)]
        first, last = ((one[0] * 1_000_000 + one[1] // head.ticks) / 1e6 for one in moments)
        counts.first = first if not counts.packets else counts.first
        counts.packets += number
        counts.latest = counts.last = last
    return at
