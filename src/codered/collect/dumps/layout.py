"""What lies where in a memory dump, as its headers claim it. Headers are hostile: nothing here believes them."""

import os
from collections.abc import Iterator
from typing import Literal, NamedTuple

import msgspec

PAGE = 4096
MOST_HEADER = 1 << 20  # bytes read at a time for headers and tables
MOST_SEGMENTS = 1 << 20  # of one dump; a real one has some hundreds, a bitmap dump of a large server some 100,000


class Segment(NamedTuple):
    """A range of memory in the dump: its `number` in the headers (from 1), where it starts in the file, its address,
    its size; all in bytes.
    """

    number: int
    offset: int
    address: int
    size: int


class Lie(NamedTuple):
    """Something in the headers that can't be so, in words, and how many bytes of memory are not there for it."""

    what: str
    missing: int = 0


class Omission(NamedTuple):
    """Memory that the headers name, but that whoever made the dump left out on purpose: why, and its bytes."""

    why: str
    size: int


Part = Segment | Lie | Omission


class DumpLayout(msgspec.Struct, frozen=True):
    """A dump's `format` in words, its parts as they are read from the headers (one after the other: there may be very
    many), what its addresses are, and the system it was taken of.
    """

    format: str
    parts: Iterator[Part]
    addresses: Literal["physical", "virtual"] = "physical"
    system: Literal["linux", "windows", "unknown"] = "unknown"


class DumpFile(NamedTuple):
    """An open dump: its descriptor, the size in bytes it had when it was opened, and its name."""

    descriptor: int
    size: int
    path: bytes

    def read(self, offset: int, size: int) -> bytes:
        """At most MOST_HEADER bytes; less, or none, beyond the end of the file. Raises OSError."""
        if offset >= self.size:
            return b""
        return os.pread(self.descriptor, min(size, MOST_HEADER, self.size - offset), offset)

    def shown(self) -> str:
        """Its name as a report can carry it."""
        return self.path.decode(errors="backslashreplace")
