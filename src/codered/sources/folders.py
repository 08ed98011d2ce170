"""A folder of files to take from, on this machine or on the target. Names and contents in it may be hostile."""

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from codered.model.target import Target
from codered.system.descriptors import READ_FILE

PIECE = 1 << 20
MOST_NAMES = 100_000
_FLAGS = READ_FILE


class TooMuch(Exception):
    """Something has more bytes than are worth reading; the message says what in one line."""


class Folder(NamedTuple):
    """Where it is, for the user, and what opens it (a descriptor; raises OSError)."""

    shown: str
    open: Callable[[], int]

    def names(self) -> list[str]:
        """The names of the files in it, sorted; none if it is not there. At most 100,000."""
        try:
            folder = self.open()
        except OSError:
            return []
        found: list[str] = []
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    found.append(entry.name)
                    if len(found) >= MOST_NAMES:
                        break
        finally:
            os.close(folder)
        return sorted(found)

    @contextmanager
    def file(self, name: str) -> Iterator[int]:
        """A descriptor of a regular file in it; no link is followed. Raises OSError."""
        folder = self.open()
        try:
            descriptor = os.open(os.fsencode(name), _FLAGS, dir_fd=folder)
        finally:
            os.close(folder)
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise OSError("not a regular file")
            yield descriptor
        finally:
            os.close(descriptor)


def folder_here(path: Path) -> Folder:
    """A folder of the machine that runs the tool."""
    return Folder(str(path), lambda: os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC))


def folder_of_target(target: Target, rel: bytes) -> Folder:
    """A folder of the target, below its root; reached without following a link."""
    return Folder(os.fsdecode(target.absolute(rel)), lambda: target.open_dir(rel))


def read_at_most(descriptor: int, most: int, what: str) -> bytes:
    """All that is there to read. Raises TooMuch, OSError."""
    pieces, size = [], 0
    while piece := os.read(descriptor, PIECE):
        size += len(piece)
        if size > most:
            raise TooMuch(f"{what} has more than {most:,} bytes")
        pieces.append(piece)
    return b"".join(pieces)


def read_small(target: Target, rel: bytes, most: int) -> bytes:
    """A record of the target, at most so many bytes of it; empty if it can't be read."""
    with suppress(OSError):
        descriptor = target.open_file(rel)
        try:
            if stat.S_ISREG(os.fstat(descriptor).st_mode):
                return os.read(descriptor, most)
        finally:
            os.close(descriptor)
    return b""
