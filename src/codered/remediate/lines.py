"""The lines of a file that is edited: which is meant, and what the file is without it. Lines end with a newline byte
and nothing else: a carriage return is part of its line, and what follows the last newline is a line too.
"""

import errno
import hashlib
import os
from collections.abc import Sequence
from typing import NamedTuple

from msgspec.structs import replace

from codered.model.paths import FilePath
from codered.model.plan import FileState, LineChange
from codered.model.target import Target
from codered.remediate.file_state import (
    NO_REGULAR_FILE,
    ChangeFailed,
    TooLarge,
    describe_difference,
    open_regular,
    open_spot,
    state_of_descriptor,
)
from codered.system.descriptors import read_at

# A file that is edited is held in memory; in bytes.
MOST_BYTES = 16 << 20
_MOST_SHOWN = 512
_SEEN = FileState(exists=True, sha256="seen")


class Content(NamedTuple):
    """A file as it was read in one go."""

    state: FileState
    data: bytes


def read_content(path: FilePath, target: Target) -> Content:
    """The whole file and its state. Raises OSError, Refused, ChangeFailed (gone, no regular file), TooLarge."""
    try:
        with open_spot(path, target) as spot:
            fd = open_regular(spot)
            try:
                content = Content(data=read_data(fd), state=state_of_descriptor(fd, spot=spot))
            finally:
                os.close(fd)
    except FileNotFoundError:
        raise ChangeFailed("it is gone, since the scan") from None
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENOTDIR, errno.ENXIO, errno.EISDIR):
            raise ChangeFailed(f"{describe_difference(_SEEN, NO_REGULAR_FILE)}, since the scan") from None
        raise
    if hashlib.sha256(content.data).hexdigest() != content.state.sha256:
        raise ChangeFailed("it changed while it was being read")
    return content


def read_data(fd: int) -> bytes:
    """All of an open file. Raises TooLarge, OSError."""
    size = os.fstat(fd).st_size
    if size > MOST_BYTES:
        raise TooLarge(f"larger than {MOST_BYTES >> 20} MiB: it has {size:,} bytes, edit it by hand")
    data = b""
    while len(data) <= size and (piece := read_at(fd, size + 1 - len(data), len(data))):
        data += piece
    return data


def split_lines(data: bytes) -> list[bytes]:
    """The lines with their ends: joined, they are the data again."""
    *whole, rest = data.split(b"\n")
    return [*(line + b"\n" for line in whole), *([rest] if rest else [])]


def hash_line(line: bytes) -> str:
    """SHA-256 of the line without its end, in hexadecimal."""
    return hashlib.sha256(line.removesuffix(b"\n")).hexdigest()


def find_line(lines: Sequence[bytes], number: int, sha256: str) -> int:
    """The number (from 1) of the line that was seen as this number and hash: the same place, or the only one of its
    kind. Raises ChangeFailed.
    """
    if 1 <= number <= len(lines) and hash_line(lines[number - 1]) == sha256:
        return number
    found = [at for at, line in enumerate(lines, 1) if hash_line(line) == sha256]
    if len(found) == 1:
        return found[0]
    if found:
        raise ChangeFailed(f"the line moved, and {len(found)} lines are the same: scan again")
    raise ChangeFailed("the line is gone or changed since the scan: scan again")


def make_change(lines: Sequence[bytes], number: int, becomes: bytes | None = None) -> LineChange:
    """The change of this line, as the reviewer sees it; `becomes` is without a line's end."""
    line = lines[number - 1].removesuffix(b"\n")
    return LineChange(line=number, sha256=hash_line(line), shown=show_line(line), becomes=becomes)


def show_line(line: bytes) -> str:
    """A hostile line as text that loses nothing, cut at 512 bytes."""
    shown = line[:_MOST_SHOWN].decode(errors="backslashreplace")
    return shown + ("…" if len(line) > _MOST_SHOWN else "")


def change_lines(data: bytes, changes: Sequence[LineChange]) -> bytes:
    """The data with the changes made: a line that goes takes its end with it. Raises ChangeFailed if one of them is not
    where it must be.
    """
    lines = split_lines(data)
    for change in changes:
        if not 1 <= change.line <= len(lines) or hash_line(lines[change.line - 1]) != change.sha256:
            raise ChangeFailed(f"line {change.line} is not the one the plan means")
    for change in changes:
        end = b"\n" if lines[change.line - 1].endswith(b"\n") else b""
        lines[change.line - 1] = b"" if change.becomes is None else change.becomes + end
    return b"".join(lines)


def foresee(content: Content, changes: Sequence[LineChange]) -> FileState:
    """The state of the file after the changes, its time left open. Raises ChangeFailed."""
    data = change_lines(content.data, changes)
    return replace(content.state, sha256=hashlib.sha256(data).hexdigest(), size=len(data), mtime_ns=0)
