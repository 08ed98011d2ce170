"""Which pages of a process are in memory, from /proc/PID/pagemap, and cutting them into chunks to read. Only these are
read: reading any other would make the process grow, or bring back what the system has swapped out.
"""

import os
import re
from collections.abc import Callable, Iterator

import msgspec

PAGE = os.sysconf("SC_PAGE_SIZE")
CHUNK = 8 << 20  # bytes read and judged at a time
OVERLAP = 4 << 10  # bytes two chunks share, so that a sign on a border is seen whole; > any pack's string
GAP = bytes(64)  # between runs of pages that do not adjoin, so that no sign is made of two of them
_ENTRY = 8  # bytes of pagemap a page
_BLOCK = 1 << 16  # pages asked for at a time: 512 KiB of pagemap
_PRESENT, _SWAPPED, _FILE = 0x80, 0x40, 0x20  # of the highest byte of an entry
_RUN = re.compile(rb"\x01+")
_SWAP = b"\x02"

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
    more. Pages that are swapped out are counted. Raises OSError.
    """
    table = _WRITTEN_PAGES if written else _PRESENT_PAGES
    begin = stop = 0  # of the run that may go on in the next block
    for first in range(start // PAGE, end // PAGE, _BLOCK):
        wanted = min(_BLOCK, end // PAGE - first) * _ENTRY
        kinds = os.pread(pagemap, wanted, first * _ENTRY)[_ENTRY - 1 :: _ENTRY].translate(table)
        summary.swapped += kinds.count(_SWAP)
        for run in _RUN.finditer(kinds):
            address = (first + run.start()) * PAGE
            if address != stop:
                if begin < stop:
                    yield begin, stop - begin
                begin = address
            stop = (first + run.end()) * PAGE
        if len(kinds) * _ENTRY < wanted:  # the process has ended
            break
        if not kinds.count(b"\x01"):
            yield first * PAGE, 0  # nothing here, but time went by
    if begin < stop:
        yield begin, stop - begin


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
