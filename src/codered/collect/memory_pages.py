"""Which pages of a process are in memory, from /proc/PID/pagemap, and cutting them into chunks to read. Only these are
read: reading any other would make the process grow, or bring back what the system has swapped out.
"""

import ctypes
import os
import re
import struct
import sys
from collections.abc import Callable, Iterator

import msgspec

if sys.platform != "win32":
    import fcntl

PAGE = os.sysconf("SC_PAGE_SIZE")
CHUNK = 8 << 20  # bytes read and judged at a time
OVERLAP = 4 << 10  # bytes two chunks share, so that a sign on a border is seen whole; > any pack's string
GAP = bytes(64)  # between runs of pages that do not adjoin, so that no sign is made of two of them
_ENTRY = 8  # bytes of pagemap a page
_BLOCK = 1 << 16  # pages asked for at a time: 512 KiB of pagemap
_PRESENT, _SWAPPED, _FILE = 0x80, 0x40, 0x20  # of the highest byte of an entry
_RUN = re.compile(rb"\x01+")
_SWAP = b"\x02"

# struct pm_scan_arg and struct page_region of linux/fs.h
_PAGEMAP_SCAN = 0xC0606610
_SCAN, _FOUND = struct.Struct("=12Q"), struct.Struct("=3Q")
_SCAN_FILE, _SCAN_PRESENT, _SCAN_SWAPPED, _SCAN_ZERO = 1 << 2, 1 << 3, 1 << 4, 1 << 5
_MOST_FOUND = 4096  # spans told at a time

Extent = tuple[int, int]  # address and length in bytes


def _make_table(written: bool) -> bytes:
    """What an entry's highest byte means: 1 = read the page, 2 = it is swapped out, 0 = leave it."""
    unwanted = _FILE if written else 0
    return bytes(2 if top & _SWAPPED else 1 if top & _PRESENT and not top & unwanted else 0 for top in range(256))


_PRESENT_PAGES, _WRITTEN_PAGES = _make_table(False), _make_table(True)


class Chunk(msgspec.Struct, frozen=True, gc=False):
    """About 8 MiB of a process's memory: the runs of pages it consists of. Chunks of one `stretch` follow each other.
    Read from `descriptor` at the address less `shift`.
    """

    stretch: int
    descriptor: int
    shift: int
    extents: tuple[Extent, ...]

    def join(self, following: "Chunk") -> "Chunk":
        """Both chunks in one, what they share once."""
        (start, length), (after, more) = self.extents[-1], following.extents[0]
        if start <= after <= start + length:
            middle: tuple[Extent, ...] = ((start, max(length, after + more - start)),)
            extents = (*self.extents[:-1], *middle, *following.extents[1:])
        else:
            extents = (*self.extents, *following.extents)
        return Chunk(self.stretch, self.descriptor, self.shift, extents)


class MemorySummary(msgspec.Struct):
    """What came of reading a process: bytes read, regions that are worth it, pages swapped out, for each reason why
    regions were left out how many regions and bytes these are, pages that could not be read, and troubles in words.
    """

    bytes: int = 0
    regions: int = 0
    swapped: int = 0
    unreadable: int = 0
    skipped: dict[str, tuple[int, int]] = {}
    troubles: list[str] = []


def find_runs(pagemap: int, start: int, end: int, written: bool, summary: MemorySummary) -> Iterator[Extent]:
    """The runs of pages between two addresses that are present; `written`: only those that are not their file's any
    more. Pages that are swapped out are counted. Where there is nothing for long, a run of no length says that time
    goes by. Raises OSError.
    """
    begin = stop = 0  # of the run that may go on
    for first, last in _find_spans(pagemap, start, end, written, summary):
        if first == last:
            yield first, 0
        elif first == stop:
            stop = last
        else:
            if begin < stop:
                yield begin, stop - begin
            begin, stop = first, last
    if begin < stop:
        yield begin, stop - begin


def _find_spans(pagemap: int, start: int, end: int, written: bool, summary: MemorySummary) -> Iterator[tuple[int, int]]:
    """The first and the last address of each span of pages to read, and after each step an empty span."""
    spans = _ask_for_spans(pagemap, start, end, written, summary)
    try:
        first = next(spans, (start, start))
    except OSError:  # a system older than Linux 6.7
        spans = _read_spans(pagemap, start, end, written, summary)
    else:
        yield first
    yield from spans


def _ask_for_spans(
    pagemap: int, start: int, end: int, written: bool, summary: MemorySummary
) -> Iterator[tuple[int, int]]:
    """By PAGEMAP_SCAN, which passes over what was never touched at once. Raises OSError where there is none."""
    found = ctypes.create_string_buffer(_MOST_FOUND * _FOUND.size)
    unwanted = _SCAN_FILE if written else 0
    while start < end:
        request = bytearray(_SCAN.pack(
            _SCAN.size, 0, start, end, 0, ctypes.addressof(found), _MOST_FOUND, 0,
            0, 0, _SCAN_PRESENT | _SCAN_SWAPPED, _SCAN_PRESENT | _SCAN_SWAPPED | _SCAN_FILE | _SCAN_ZERO,
        ))  # fmt: skip
        count = fcntl.ioctl(pagemap, _PAGEMAP_SCAN, request, True)
        for first, last, kind in _FOUND.iter_unpack(found.raw[: count * _FOUND.size]):
            if kind & _SCAN_SWAPPED:
                summary.swapped += (last - first) // PAGE
            elif not kind & (unwanted | _SCAN_ZERO):
                yield first, last
        reached = _SCAN.unpack(request)[4]
        if reached <= start:  # the process has ended
            return
        start = reached
        yield start, start


def _read_spans(pagemap: int, start: int, end: int, written: bool, summary: MemorySummary) -> Iterator[tuple[int, int]]:
    """By the entries of all pages."""
    table = _WRITTEN_PAGES if written else _PRESENT_PAGES
    for first in range(start // PAGE, end // PAGE, _BLOCK):
        wanted = min(_BLOCK, end // PAGE - first) * _ENTRY
        kinds = os.pread(pagemap, wanted, first * _ENTRY)[_ENTRY - 1 :: _ENTRY].translate(table)
        summary.swapped += kinds.count(_SWAP)
        for run in _RUN.finditer(kinds):
            yield (first + run.start()) * PAGE, (first + run.end()) * PAGE
        if len(kinds) * _ENTRY < wanted:  # the process has ended
            return
        yield first * PAGE, first * PAGE


def cut_chunks(runs: Iterator[Extent], make: Callable[[tuple[Extent, ...]], Chunk]) -> Iterator[Chunk]:
    """The runs in chunks of 8 MiB; where one is cut, 4 KiB belong to both chunks."""
    extents: list[Extent] = []
    room = CHUNK
    for start, size in runs:
        address, length = start, size
        while length > room:
            yield make((*extents, (address, min(room + OVERLAP, length))))
            address, length = address + room, length - room
            extents, room = [], CHUNK
        if length:
            extents.append((address, length))
            room -= length
    if extents:
        yield make(tuple(extents))
