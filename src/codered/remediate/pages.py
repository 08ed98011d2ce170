"""Changing a file in place, page by page: what NTFS keeps beside the content (ACL, streams, short name, inode) stays.

All pages are journaled, before and after, before the first of them is written; the one with the header comes last.
"""

import os
from typing import Literal

import msgspec

from codered.system.descriptors import read_at, write_at

PAGE = 4096
PagesState = Literal["before", "after", "mixed", "other"]
"""`mixed`: a write was interrupted; every byte is the old or the new one. `other`: somebody else wrote there."""


class PageChange(msgspec.Struct, frozen=True):
    """A page of a file: where it begins in bytes, its content before and after. At the end of a file that becomes
    longer or shorter one of them is cut short, or empty.
    """

    offset: int
    before: bytes
    after: bytes


def plan_pages(before: bytes, after: bytes) -> tuple[PageChange, ...]:
    """The pages that differ, in order."""
    starts = range(0, max(len(before), len(after)), PAGE)
    pages = (PageChange(at, before[at : at + PAGE], after[at : at + PAGE]) for at in starts)
    return tuple(page for page in pages if page.before != page.after)


def write_pages(fd: int, changes: tuple[PageChange, ...], *, undo: bool = False) -> None:
    """Write what is to be there afterwards (`undo`: what was there before), the first page of the file last, and wait
    for the disk. Can be done again after a crash. Raises OSError.
    """
    wanted = [(page.offset, page.before if undo else page.after) for page in changes]
    for at, data in wanted:
        if at:
            _write_at(fd, data, at)
    os.fsync(fd)
    for at, data in wanted:
        if not at:
            _write_at(fd, data, at)
    ends = [page.offset + len(data) for page, (_, data) in zip(changes, wanted, strict=True)
            if len(data) < max(len(page.before), len(page.after))]  # fmt: skip
    if ends:
        os.ftruncate(fd, min(ends))
    os.fsync(fd)


def look_at_pages(fd: int, changes: tuple[PageChange, ...]) -> PagesState:
    """Which of the two contents the pages of an open file have now. Raises OSError."""
    seen: set[PagesState] = {_compare_page(fd, page) for page in changes}
    if "other" in seen:
        return "other"
    return seen.pop() if len(seen) == 1 else "mixed"


def _compare_page(fd: int, page: PageChange) -> PagesState:
    now = read_at(fd, PAGE, page.offset)
    if now == page.before:
        return "before"
    if now == page.after:
        return "after"
    both = (page.before, page.after)
    if not min(map(len, both)) <= len(now) <= max(map(len, both)):
        return "other"
    known = all(any(byte == each[at] for each in both if at < len(each)) for at, byte in enumerate(now))
    return "mixed" if known else "other"


def _write_at(fd: int, data: bytes, at: int) -> None:
    rest = memoryview(data)
    while rest:
        written = write_at(fd, rest, at)
        rest, at = rest[written:], at + written
