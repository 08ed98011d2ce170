"""LiME: each range of memory behind a header of its own, addresses inclusive."""

import struct
from collections.abc import Iterator

from codered.collect.dumps.layout import DumpFile, DumpLayout, Lie, Part, Segment
from codered.model.errors import WrongUse

MAGIC = b"EMiL"
_HEADER = struct.Struct("<4sIQQ8x")


def read_lime(file: DumpFile) -> DumpLayout | None:
    """The layout of a LiME dump; None if it is none. Raises WrongUse for a version other than 1, and OSError."""
    head = file.read(0, _HEADER.size)
    if head[:4] != MAGIC:
        return None
    version = int.from_bytes(head[4:8], "little")
    if version != 1:
        advice = "convert it to version 1 (`avml-convert`) or to a raw image first"
        raise WrongUse(f"a LiME dump of version {version}, which can't be read", where=file.shown(), advice=advice)
    return DumpLayout("LiME", _walk(file), system="linux")


def _walk(file: DumpFile) -> Iterator[Part]:
    at, number = 0, 0
    while at < file.size:
        number += 1
        head = file.read(at, _HEADER.size)
        if len(head) < _HEADER.size:
            yield Lie(f"the header of segment {number} is cut off by the end of the file", len(head))
            return
        magic, version, start, end = _HEADER.unpack(head)
        if (magic, version) != (MAGIC, 1):
            yield Lie(f"no header of segment {number} where one must be, at byte {at} of the file")
            return
        if end < start:
            what = f"segment {number} claims to end (0x{end:x}) before it starts (0x{start:x})"
            yield Lie(what)
            return
        size = end - start + 1
        yield Segment(number, at + _HEADER.size, start, size)
        at += _HEADER.size + size
