"""The blocks of a pcapng file: several sections and interfaces, each with a byte order, link type and clock of its own.
Blocks that hold no packets are passed over.
"""

import struct
from collections.abc import Generator, Iterator
from typing import NamedTuple

from codered.collect.captures.counts import FileCounts
from codered.collect.captures.pcap_records import ENOUGH, MOST_CAPTURED, Batch

SECTION = b"\x0a\x0d\x0d\x0a"
_ORDERS = {b"\x1a\x2b\x3c\x4d": ">", b"\x4d\x3c\x2b\x1a": "<"}
_SECTION, _INTERFACE, _OLD_PACKET, _SIMPLE_PACKET, _PACKET = 0x0A0D0D0A, 1, 2, 3, 6
_PACKETS = frozenset((_OLD_PACKET, _SIMPLE_PACKET, _PACKET))
_END_OF_OPTIONS, _RESOLUTION, _OFFSET = 0, 9, 14
_USUAL_TICKS = (1_000_000, 1_000_000_000)
_MOST_BLOCK = 16 << 20  # bytes
_MOST_INTERFACES = 4096
_LATEST_TIME = float(1 << 32)  # seconds: 2106, as far as pcap's own clock goes


class Interface(NamedTuple):
    """Where packets of a section were taken: `ticks` a second, `offset` in seconds."""

    link: int
    snaplen: int
    ticks: int
    offset: int


class PcapngWalker:
    """Walks one file. What can't be read is told in `counts`."""

    def __init__(self, counts: FileCounts) -> None:
        self.counts = counts
        self._order = "<"
        self._words = struct.Struct("<7I").unpack_from
        self._interfaces: list[Interface] = []
        self._sections = 0
        self._latest = 0.0
        self._packets: list[tuple[float, int, int]] = []

    def walk(self, pieces: Iterator[bytes]) -> Iterator[Batch]:
        """The packets, in batches of one link type."""
        carry, passed = b"", 0
        for piece in pieces:
            block = carry + piece if carry else piece
            at = yield from self._walk_block(block)
            if self.counts.ended:
                self.counts.ended += f" (at byte {passed + at})"
                return
            carry = block[at:]
            passed += at
        if carry:
            self.counts.plain = False
            rest = f"the file ends within a block; {len(carry)} bytes of it were not read"
            self.counts.ended = self.counts.ended or rest

    def _walk_block(self, block: bytes) -> Generator[Batch, None, int]:
        at, current = 0, 0
        while size := self._measure(block, at):
            (kind,) = struct.unpack_from(self._order + "I", block, at)
            if kind in _PACKETS:
                number = self._find_interface(kind, block, at)
                if number != current:
                    yield from self._close(block, current)
                    current = number
                self._take_packet(kind, (block, at, size), current)
                at = self._run(block, at + size, current)
                continue
            if kind in (_SECTION, _INTERFACE):  # the interfaces change: what was taken belongs to the ones before
                yield from self._close(block, current)
                self._take_description(kind, block[at : at + size])
            at += size
        yield from self._close(block, current)
        return at

    def _close(self, block: bytes, number: int) -> Iterator[Batch]:
        packets, self._packets = self._packets, []
        self.counts.see_batch(packets, self._latest)
        if packets:
            yield Batch(self._interfaces[number].link, block, packets)

    def _measure(self, block: bytes, at: int) -> int:
        """The size of the block that begins here, 0 = it is not whole, or can't be."""
        if len(block) - at < 12:
            return 0
        if block[at : at + 4] == SECTION:
            order = _ORDERS.get(block[at + 8 : at + 12])
            if order is None:
                return self._end("a section without a byte order")
            self._order, self._words = order, struct.Struct(order + "7I").unpack_from
        (size,) = struct.unpack_from(self._order + "I", block, at + 4)
        if size < 12 or size % 4 or size > _MOST_BLOCK:
            return self._end(f"a block is said to be {size} bytes long")
        if len(block) - at < size:
            return 0
        if struct.unpack_from(self._order + "I", block, at + size - 4) != (size,):
            self.counts.lying += 1
        return int(size)

    def _end(self, why: str) -> int:
        self.counts.ended = why + ": what follows is not read"
        self.counts.plain = False
        return 0

    def _take_description(self, kind: int, block: bytes) -> None:
        if kind == _SECTION:
            self._sections += 1
            self._interfaces = []
        elif len(self._interfaces) >= _MOST_INTERFACES or len(block) < 20:
            self.counts.interfaces_left_out += 1
        else:
            self._interfaces.append(_read_interface(block, self._order))
        known = self._interfaces[:1]
        odd = any(one.offset or one.ticks not in _USUAL_TICKS for one in known)
        if self._sections != 1 or len(self._interfaces) > 1 or odd:
            self.counts.plain = False

    def _find_interface(self, kind: int, block: bytes, at: int) -> int:
        if kind == _PACKET:
            return int(struct.unpack_from(self._order + "I", block, at + 8)[0])
        return int(struct.unpack_from(self._order + "H", block, at + 8)[0]) if kind == _OLD_PACKET else 0

    def _take_packet(self, kind: int, where: tuple[bytes, int, int], number: int) -> None:
        """One packet with every check."""
        block, at, size = where
        if number >= len(self._interfaces):
            self.counts.without_interface += 1
            self.counts.plain = False
            return
        interface = self._interfaces[number]
        head = 12 if kind == _SIMPLE_PACKET else 28
        if size < head + 4:
            self.counts.lying += 1
            return
        room = size - head - 4
        if kind == _SIMPLE_PACKET:
            (length,) = struct.unpack_from(self._order + "I", block, at + 8)
            moment, captured = None, min(length, interface.snaplen or length, room)
            self.counts.plain = False
        else:
            _, _, _, high, low, captured, length = self._words(block, at)
            moment = _tell_time(high << 32 | low, interface)
            self.counts.plain &= kind == _PACKET
        if captured > min(length, room, MOST_CAPTURED):
            self.counts.lying += 1
            captured = min(captured, room, MOST_CAPTURED)
        elif captured < length and captured < ENOUGH:
            self.counts.short += 1
        self._add(moment, (at + head, at + head + captured), known=kind != _SIMPLE_PACKET)

    def _add(self, moment: float | None, place: tuple[int, int], *, known: bool) -> None:
        if moment is None:
            self.counts.absurd_times += known
            self.counts.without_time += not known
            moment = self._latest
        first = not self.counts.packets and not self._packets
        if first or moment >= self._latest or self.counts.see_back(self._latest, moment):
            self._latest = moment
        self._packets.append((moment, *place))

    def _run(self, block: bytes, at: int, number: int) -> int:
        """Packets of the same interface with nothing odd about them, as many as follow; where they end."""
        interface = self._interfaces[number] if number < len(self._interfaces) else None
        if interface is None or interface.ticks not in _USUAL_TICKS or interface.offset:
            return at
        words, last = self._words, len(block) - 32
        again = struct.Struct(self._order + "I").unpack_from  # the size stands at the end once more
        scale = interface.ticks // 1_000_000
        add, latest, total = self._packets.append, self._latest, len(block)
        while at <= last:
            kind, size, where, high, low, captured, length = words(block, at)
            end = at + 28 + captured
            if kind != _PACKET or where != number or size != (captured + 35) & ~3 or captured != length:
                break
            if at + size > total or captured > MOST_CAPTURED or again(block, at + size - 4)[0] != size:
                break
            moment = (high << 32 | low) // scale / 1e6 if scale > 1 else (high << 32 | low) / 1e6
            if not latest <= moment <= _LATEST_TIME:
                break
            latest = moment
            add((moment, at + 28, end))
            at += size
        self._latest = latest
        return at


def _tell_time(ticks: int, interface: Interface) -> float | None:
    moment = (ticks * 1_000_000 // interface.ticks + interface.offset * 1_000_000) / 1e6
    return moment if 0 <= moment <= _LATEST_TIME else None


def _read_interface(block: bytes, order: str) -> Interface:
    link, _, snaplen = struct.unpack_from(order + "HHI", block, 8)
    ticks, offset = 1_000_000, 0
    at, end = 16, len(block) - 4
    while at + 4 <= end:  # every step is at least four bytes
        code, size = struct.unpack_from(order + "HH", block, at)
        value = block[at + 4 : min(at + 4 + size, end)]
        if code == _END_OF_OPTIONS:
            break
        if code == _RESOLUTION and value:
            ticks = 2 ** (value[0] & 0x7F) if value[0] & 0x80 else 10 ** min(value[0], 38)
        elif code == _OFFSET and len(value) == 8:
            (offset,) = struct.unpack(order + "q", value)
        at += 4 + (size + 3 & ~3)
    return Interface(link, snaplen, ticks, offset)
