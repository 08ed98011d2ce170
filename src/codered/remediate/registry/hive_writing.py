"""Writing a hive in place. While pages are being written the first one says so: its sequence numbers differ, as Windows
itself marks a hive that is not whole, and it names the record in the vault by which the write is finished or undone.
"""

import hashlib
import os
import struct
from typing import Literal

import msgspec

from codered.model.plan import ValueState
from codered.remediate.file_state import PIECE, ChangeFailed
from codered.remediate.ntfs_attributes import NtfsBefore, write_attributes
from codered.remediate.pages import PAGE, PageChange, look_at_pages, plan_pages, write_pages
from codered.remediate.registry.hive_file import sum_header
from codered.remediate.registry.trees import KeptKey
from codered.system.descriptors import read_at, write_at

MARK = b"codered: half written, see its case\0"
_MARK_AT = 0x400  # nothing of Windows is there
MOST_HIVE = 512 << 20
Standing = Literal["before", "after", "between", "other"]


class HivePages(msgspec.Struct, frozen=True, kw_only=True):
    """What an edit changes: the pages, sizes in bytes and SHA-256 of the whole hive on either side, its times; and the
    value or the key as it was, for a hive that others have written since. `windows` is what NTFS keeps of the file.
    """

    changes: tuple[PageChange, ...]
    size_before: int
    size_after: int
    sha256_before: str
    sha256_after: str
    atime_ns: int
    mtime_ns: int
    windows: NtfsBefore | None = None
    value: ValueState | None = None
    tree: tuple[KeptKey, ...] = ()


def plan_hive(fd: int, before: bytes, after: bytes) -> HivePages:
    """The pages for an open hive. Raises OSError."""
    seen = os.fstat(fd)
    return HivePages(
        changes=plan_pages(before, after),
        size_before=len(before),
        size_after=len(after),
        sha256_before=hashlib.sha256(before).hexdigest(),
        sha256_after=hashlib.sha256(after).hexdigest(),
        atime_ns=seen.st_atime_ns,
        mtime_ns=seen.st_mtime_ns,
    )


def read_hive(fd: int) -> bytes:
    """All of an open hive. Raises OSError, ChangeFailed if it is too large or changes meanwhile."""
    before = os.fstat(fd)
    if before.st_size > MOST_HIVE:
        raise ChangeFailed(f"a hive of {before.st_size:,} bytes is more than the {MOST_HIVE:,} that are edited")
    pieces, size = [], 0
    while piece := read_at(fd, before.st_size + 1 - size, size):
        pieces.append(piece)
        size += len(piece)
        if size > before.st_size:
            raise ChangeFailed("the hive grows while it is being read")
    if size != before.st_size or os.fstat(fd).st_mtime_ns != before.st_mtime_ns:
        raise ChangeFailed("the hive changed while it was being read: is that system running?")
    return b"".join(pieces)


def find_mark(page: bytes) -> str:
    """The name of the record by which a half-written hive is made whole; "" if it is not half-written."""
    marked = page[_MARK_AT : _MARK_AT + 256]
    if not marked.startswith(MARK):
        return ""
    return marked[len(MARK) :].split(b"\0", 1)[0].decode("ascii", "replace") or "?"


def look_at_hive(fd: int, pages: HivePages, name: str) -> Standing:
    """How far a write has come, of which `name` is the record; "other": somebody else has written in the hive. Raises
    OSError.
    """
    size = os.fstat(fd).st_size
    if not min(pages.size_before, pages.size_after) <= size <= max(pages.size_before, pages.size_after):
        return "other"
    first, rest = pages.changes[0], pages.changes[1:]
    halfway = read_at(fd, PAGE, 0) == mark_page(first.before, name)
    seen = look_at_pages(fd, rest if halfway else pages.changes)
    if seen == "other" or _hash_as_before(fd, pages) != pages.sha256_before:
        return "other"
    return "between" if halfway or seen == "mixed" else seen


def write_hive(fd: int, pages: HivePages, name: str, *, undo: bool) -> None:
    """Make the hive what it is on the one side or the other, whatever `look_at_hive` said but "other"; times as before.
    On the disk when it returns. What makes it longer comes before the mark: a disk that is full is found out while the
    hive is still whole. Raises OSError, ChangeFailed if it does not read back so.
    """
    if not undo:
        write_pages(fd, tuple(page for page in pages.changes if page.offset >= pages.size_before))
    write_at(fd, mark_page(pages.changes[0].before, name), 0)
    os.fsync(fd)
    write_pages(fd, pages.changes[1:], undo=undo)
    write_pages(fd, pages.changes[:1], undo=undo)
    digest, size = (pages.sha256_before, pages.size_before) if undo else (pages.sha256_after, pages.size_after)
    if os.fstat(fd).st_size != size or hashlib.sha256(read_hive(fd)).hexdigest() != digest:
        raise ChangeFailed("what was written does not read back: the disk or somebody else changed it")
    if pages.windows is not None:  # writing sets the archive attribute
        write_attributes(fd, pages.windows)
    else:
        os.utime(fd, ns=(pages.atime_ns, pages.mtime_ns))
    os.fsync(fd)


def mark_page(first: bytes, name: str) -> bytes:
    """A hive's first page while the others are being written."""
    page = bytearray(first)
    sequence, second = struct.unpack_from("<II", page, 4)
    if (sequence + 1) & 0xFFFFFFFF == second:
        sequence += 1  # a hive that was dirty before: the two must not become equal
    struct.pack_into("<I", page, 4, (sequence + 1) & 0xFFFFFFFF)
    page[_MARK_AT : _MARK_AT + 256] = (MARK + name.encode("ascii")).ljust(256, b"\0")
    struct.pack_into("<I", page, 508, sum_header(bytes(page)))
    return bytes(page)


def _hash_as_before(fd: int, pages: HivePages) -> str:
    """The SHA-256 of the hive with its old pages laid over what is there."""
    digest, at = hashlib.sha256(), 0
    for page in pages.changes:
        if not page.before:
            break  # what was added at the end
        _hash_span(fd, at, page.offset, digest)
        digest.update(page.before)
        at = page.offset + len(page.before)
    _hash_span(fd, at, pages.size_before, digest)
    return digest.hexdigest()


def _hash_span(fd: int, start: int, end: int, digest: "hashlib._Hash") -> None:
    while start < end:
        piece = read_at(fd, min(PIECE, end - start), start)
        if not piece:
            return
        digest.update(piece)
        start += len(piece)
