"""The content of a file in an image, as a descriptor: in memory while it is small, else in a nameless temporary file.

Holes stay holes: a file of a terabyte that holds three clusters costs three clusters.
"""

import os
import tempfile
from collections.abc import Iterator

from codered.targets.images.attributes import Content
from codered.targets.images.shapes import TskAttribute, TskFile

IN_MEMORY = 64 << 20  # bytes; a larger file is copied to a temporary one
MOST_COPIED = 4 << 30  # bytes of data in one file
_BLOCK = 4 << 20
_SPARSE_RUN, _FILLER_RUN = 2, 1
_RESIDENT, _ENCRYPTED, _COMPRESSED = 4, 0x10, 0x20
ENCRYPTED = "encrypted by Windows (EFS): its owner's key is needed to read it"
TOO_MUCH = f"holds more than {MOST_COPIED >> 30} GiB of data"
NO_SPACE = "no space left for a copy of it in {}: name a larger folder in TMPDIR"
LESS = "its data end before it does"


def copy_out(file: TskFile, content: Content | None, size: int, block_size: int) -> int:
    """A descriptor of the content of a `pytsk3.File` of `size` bytes; `content` is which of its attributes (None = the
    only one). Raises OSError.
    """
    if content is not None and content.flags & _ENCRYPTED:
        raise OSError(ENCRYPTED)
    descriptor = os.memfd_create("file") if size <= IN_MEMORY else _make_temporary()
    try:
        if size <= IN_MEMORY:
            _copy_range(file, content, descriptor, 0, size)
        else:
            os.truncate(descriptor, size)
            _copy_runs(file, content, descriptor, size, block_size)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _copy_runs(file: TskFile, content: Content | None, descriptor: int, size: int, block_size: int) -> None:
    place = tempfile.gettempdir()
    free = os.fstatvfs(descriptor)
    room, copied = free.f_bavail * free.f_frsize, 0
    for start, end in _find_data(file, content, size, block_size):
        copied += end - start
        if copied > MOST_COPIED:
            raise OSError(TOO_MUCH)
        if copied + IN_MEMORY > room:
            raise OSError(NO_SPACE.format(place))
        _copy_range(file, content, descriptor, start, end)


def _find_data(file: TskFile, content: Content | None, size: int, block_size: int) -> Iterator[tuple[int, int]]:
    """The parts of it that are stored. A compressed file stores less than it holds: all units with any data count."""
    if content is not None and not content.flags & _RESIDENT:
        for attribute in file:
            if (int(attribute.info.type), int(attribute.info.id)) == (content.type, content.id):
                yield from _join_runs(attribute, size, block_size, 16 if content.flags & _COMPRESSED else 1)
                return
    yield 0, size


def _join_runs(attribute: TskAttribute, size: int, block_size: int, unit: int) -> Iterator[tuple[int, int]]:
    """Where the runs with data are in the file, in bytes, widened to whole compression units of `unit` blocks."""
    begin = end = 0
    for run in attribute:
        if int(run.flags) & (_SPARSE_RUN | _FILLER_RUN):
            continue
        start = int(run.offset) // unit * unit * block_size
        stop = -(-(int(run.offset) + int(run.len)) // unit) * unit * block_size
        if start > end:
            if begin < end:
                yield begin, min(end, size)
            begin = start
        end = max(end, stop)
        if begin >= size:
            return
    if begin < min(end, size):
        yield begin, min(end, size)


def _copy_range(file: TskFile, content: Content | None, descriptor: int, start: int, end: int) -> None:
    while start < end:
        wanted = min(_BLOCK, end - start)
        if content is None:
            data: bytes = file.read_random(start, wanted)
        else:
            data = file.read_random(start, wanted, content.type, content.id)
        if not data:
            raise OSError(LESS)
        if os.pwrite(descriptor, data, start) < len(data):
            raise OSError(NO_SPACE.format(tempfile.gettempdir()))
        start += len(data)


def _make_temporary() -> int:
    """A descriptor of a new file that has no name."""
    with tempfile.TemporaryFile(buffering=0) as file:
        return os.dup(file.fileno())
