"""Reading a file for the scan engine: in one piece while it is small, else in overlapping pieces of its real data."""

import codecs
import ctypes
import errno
import os
from collections.abc import Iterator

from codered.model.observation import Piece
from codered.system.descriptors import SEEK_DATA, SEEK_HOLE, read_at

WHOLE = 64 << 20  # bytes; a larger file is read in pieces of this size
OVERLAP = 64 << 10  # bytes two pieces share, so that a sign on a boundary is seen whole; > any pack's pattern
TEXT_HEAD = 8 << 10  # bytes; a NUL in these makes a file binary, as git and grep judge
_FEW = 8  # bytes that are no text, allowed in a file however short
_CONTROL = bytes({*range(32), 127} - set(b"\t\n\f\r\x1b"))
SMALL_HOLE = 1 << 20  # bytes; a smaller hole of a sparse file is read as the NULs it stands for
MOST_FILLED = 1 << 30  # bytes of such holes in one file: more would let a small file on disk take hours

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
_KEEP = 16 << 20  # bytes; larger blocks go back at once: eight workers that each keep a 64 MiB file hold half a GiB


def keep_freed_memory(most: int = _KEEP) -> None:
    """Tell glibc to keep freed blocks up to `most` bytes: reading file after file then costs no page faults, 0.65 to
    0.53 s of CPU on 1.3 GB (measured). Does nothing where there is no glibc.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):  # Windows takes no None
        return
    mallopt(_M_MMAP_THRESHOLD, most)
    mallopt(_M_TRIM_THRESHOLD, most)


def is_text(head: bytes) -> bool:
    """Whether a file that starts with these bytes is text: no NUL in the first 8 KiB."""
    return b"\0" not in head[:TEXT_HEAD]


def is_mostly_text(head: bytes) -> bool:
    """Whether a file that starts with these bytes would be text without a few NULs and control bytes: one in 32. An
    archive of texts has more of them in its headers, compressed data one in ten, a program one in two.
    """
    most = max(min(len(head), TEXT_HEAD) // 32, _FEW)
    if head.count(0, 0, 4 * most) > most:  # most programs are told by their first bytes
        return False
    start = head[:TEXT_HEAD]
    return start.count(0) <= most and len(start) - len(start.translate(None, _CONTROL)) <= most


def decode_utf16(data: bytes) -> bytes | None:
    """A UTF-16 file as UTF-8, what is wrong in it left out; None for a file without a byte order mark."""
    if not data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return None
    return data.decode("utf-16", "ignore").encode("utf-8", "ignore")


def read_pieces(descriptor: int, size: int) -> Iterator[Piece]:
    """The file's bytes. One piece up to 64 MiB; above that, pieces that overlap, and holes of sparse files are left
    out. Raises OSError.
    """
    if size <= WHOLE:
        yield Piece(0, _read_at_most(descriptor, 0, size))
        return
    for start, end in _data_ranges(descriptor, size):
        yield from _read_range(descriptor, start, end)


def _read_range(descriptor: int, start: int, end: int) -> Iterator[Piece]:
    while start < end:
        wanted = min(WHOLE, end - start)
        data = _read_at_most(descriptor, start, wanted)
        if data:
            yield Piece(start, data)
        if len(data) < wanted or start + wanted == end:  # less than wanted: the file has shrunk, this was its end
            return
        start += WHOLE - OVERLAP


def _read_at_most(descriptor: int, offset: int, size: int) -> bytes:
    data = read_at(descriptor, size, offset)
    if len(data) in (0, size):
        return data
    parts = [data]  # a short read: a file that shrinks, or a file system that gives less at a time
    got = len(data)
    while got < size:
        more = read_at(descriptor, size - got, offset + got)
        if not more:
            break
        parts.append(more)
        got += len(more)
    return b"".join(parts)


def _data_ranges(descriptor: int, size: int) -> Iterator[tuple[int, int]]:
    """The parts of the file that hold data; a small hole is taken for data, for it may lie within one sign."""
    begin, end, filled = 0, 0, 0
    for start, stop in _find_data(descriptor, size):
        hole = start - end
        if hole < SMALL_HOLE and filled + hole <= MOST_FILLED:
            filled += hole
        else:
            if begin < end:
                yield begin, end
            begin = start
        end = stop
    if begin < end:
        yield begin, end


def _find_data(descriptor: int, size: int) -> Iterator[tuple[int, int]]:
    at = 0
    if SEEK_DATA < 0:
        yield 0, size
        return
    while at < size:
        try:
            start = os.lseek(descriptor, at, SEEK_DATA)
            end = os.lseek(descriptor, start, SEEK_HOLE)
        except OSError as error:
            if error.errno != errno.ENXIO:  # ENXIO: no data after `at`
                yield at, size
            return
        yield start, end
        at = end
