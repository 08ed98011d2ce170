"""Holding what the headers claim against the file: what is not there, or is claimed twice, is told and not read."""

from array import array
from bisect import bisect_right
from collections.abc import Iterator
from itertools import chain

from codered.collect.dumps.layout import MOST_SEGMENTS, Lie, Part, Segment

MOST_ADDRESS = 1 << 64
OUTSIDE = 0  # the number of what no segment has
LEAST_OUTSIDE = 64  # bytes; less is a header
MOST_OVERLAPS = 100_000  # each costs time, and a file of headers can claim a milliard of them


def check_parts(parts: Iterator[Part], size: int) -> Iterator[Part]:
    """The segments as far as they are in a file of `size` bytes, no byte of it twice, and what was wrong. Last come
    the parts of the file that no segment has, as segments OUTSIDE: headers that lie must not hide anything.
    """
    taken = _Taken()
    segments = 0
    for part in parts:
        if not isinstance(part, Segment):
            yield part
            continue
        segments += 1
        if segments > MOST_SEGMENTS:
            yield Lie(f"it claims more than {MOST_SEGMENTS} segments; the others are left out")
            break
        yield from _check_segment(part, size, taken)
        if taken.overlaps > MOST_OVERLAPS:
            yield Lie(f"too many segments lie over one another: those after number {part.number} are left out")
            break
    for start, end in taken.list_rest(size):
        yield Segment(OUTSIDE, start, start, end - start)


def _check_segment(claimed: Segment, size: int, taken: "_Taken") -> Iterator[Part]:
    fits = min(claimed.size, max(MOST_ADDRESS - claimed.address, 0))
    if fits < claimed.size:
        yield Lie(f"segment {claimed.number} claims addresses beyond 2^64", claimed.size - fits)
    there = min(fits, max(size - claimed.offset, 0))
    if there < fits:
        where = f"segment {claimed.number} claims {fits} bytes at byte {claimed.offset} of the file"
        yield Lie(f"{where}, beyond its end", fits - there)
    end = claimed.offset + there
    shift = (claimed.address - claimed.offset) % MOST_ADDRESS
    twice = 0
    for start, stop, same in taken.take(claimed.offset, end, shift):
        if same is None:
            yield Segment(claimed.number, start, claimed.address + start - claimed.offset, stop - start)
        elif not same:
            twice += stop - start
    if twice:
        what = f"segment {claimed.number} lies over others in the file, which have other addresses"
        yield Lie(f"{what}: {twice} bytes are looked at once")


class _Taken:
    """The ranges of the file that segments have, sorted, never overlapping, each with address minus offset. Arrays: a
    million of them take 24 MB.
    """

    def __init__(self) -> None:
        self._starts = array("Q")
        self._ends = array("Q")
        self._shifts = array("Q")
        self.overlaps = 0

    def take(self, start: int, end: int, shift: int) -> Iterator[tuple[int, int, bool | None]]:
        """The range cut where others have parts of it: (start, end, None) is new, else whether those have the same
        addresses. What is new is taken.
        """
        at = bisect_right(self._ends, start) if start < end else 0
        while start < end:
            if at == len(self._starts) or self._starts[at] >= end:
                yield start, end, None
                self._insert(at, start, end, shift)
                return
            if self._starts[at] > start:
                yield start, self._starts[at], None
                self._insert(at, start, self._starts[at], shift)
                at += 1
                start = self._starts[at]
            stop = min(end, self._ends[at])
            yield start, stop, self._shifts[at] == shift
            self.overlaps += 1
            start = stop
            at += 1

    def list_rest(self, size: int) -> Iterator[tuple[int, int]]:
        """What nobody has of a file of `size` bytes, but for what is too small to be memory."""
        at = 0
        for start, end in zip(chain(self._starts, (size,)), chain(self._ends, (size,)), strict=True):
            if start - at >= LEAST_OUTSIDE:
                yield at, start
            at = end

    def _insert(self, at: int, start: int, end: int, shift: int) -> None:
        self._starts.insert(at, start)
        self._ends.insert(at, end)
        self._shifts.insert(at, shift)
