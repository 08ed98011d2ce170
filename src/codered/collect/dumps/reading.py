"""Reading ranges of a dump. What a sparse file does not hold is not read: it would be NULs."""

import errno
import os
from collections.abc import Iterator

SMALL_HOLE = 64 << 10  # bytes; a smaller hole is read as the NULs it stands for


def is_sparse(descriptor: int) -> bool:
    """Whether the file has holes. Raises OSError."""
    status = os.fstat(descriptor)
    return status.st_blocks * 512 < status.st_size


def find_data(descriptor: int, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The ranges with data from `start` to `end`, small holes taken for data. Raises OSError."""
    kept: tuple[int, int] | None = None
    while start < end:
        try:
            data = os.lseek(descriptor, start, os.SEEK_DATA)
            hole = os.lseek(descriptor, data, os.SEEK_HOLE)
        except OSError as error:
            if error.errno == errno.ENXIO:  # no data behind `start`
                break
            data, hole = start, end  # a file system that can't tell
        if data >= end:
            break
        if kept is not None and data - kept[1] >= SMALL_HOLE:
            yield kept
            kept = None
        kept = (data if kept is None else kept[0], min(hole, end))
        start = hole
    if kept is not None:
        yield kept


def read_range(descriptor: int, start: int, end: int) -> bytes:
    """The bytes from `start` to `end`; less only if the file ends before. Raises OSError."""
    data = os.pread(descriptor, end - start, start)
    if len(data) in (0, end - start):
        return data
    parts, at = [data], start + len(data)
    while at < end and (more := os.pread(descriptor, end - at, at)):
        parts.append(more)
        at += len(more)
    return b"".join(parts)
