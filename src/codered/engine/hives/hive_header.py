"""The base block of a hive, which a log file starts with too: what it says, and whether its checksum is right."""

import struct
from typing import NamedTuple

MOST = 1 << 30
"""Bytes of a hive that are read at most."""
BINS_AT = 4096
"""Where the hive bins start; all offsets in a hive count from here."""
NO_CELL = 0xFFFFFFFF
_HEAD = struct.Struct("<4sIIQIIIIII")
_CHECKED = 508
_LOG_KINDS = (1, 2, 6)


class NotAHive(ValueError):
    """These bytes are no base block, in words for the user."""


class HiveHeader(NamedTuple):
    """`primary` and `secondary` are the sequence numbers (unequal = a write was not finished), `kind` 0 a hive, 1 an
    old log, 2 a copy, 6 a new log. `name` is the end of the file's name, in lower case; `bins` is in bytes,
    `identity` the number of its transactions (zeros before Vista).
    """

    primary: int
    secondary: int
    written: int
    major: int
    minor: int
    kind: int
    root: int
    bins: int
    name: str
    identity: bytes
    is_sealed: bool

    @property
    def is_dirty(self) -> bool:
        """Whether a write to it was not finished."""
        return self.primary != self.secondary or not self.is_sealed

    @property
    def is_log(self) -> bool:
        """Whether a log file starts so."""
        return self.kind in _LOG_KINDS


def read_header(raw: bytes) -> HiveHeader:
    """What a base block says; its first 512 bytes are enough. Raises NotAHive."""
    if len(raw) < 512:
        raise NotAHive("it is cut short" if raw else "it is empty")
    magic, primary, secondary, written, major, minor, kind, _, root, bins = _HEAD.unpack_from(raw)
    if magic != b"regf":
        raise NotAHive("it does not start as a hive does")
    if (major, minor) not in {(1, number) for number in range(2, 7)}:
        raise NotAHive(f"version {major}.{minor} of hives is not known")
    name = raw[48:112].decode("utf-16-le", "replace").split("\0", 1)[0].lower()
    sealed = compute_checksum(raw) == int.from_bytes(raw[_CHECKED : _CHECKED + 4], "little")
    return HiveHeader(primary, secondary, written, major, minor, kind, root, bins, name, raw[112:128], sealed)


def compute_checksum(raw: bytes) -> int:
    """The checksum of a base block."""
    total = 0
    for (word,) in struct.iter_unpack("<I", raw[:_CHECKED]):
        total ^= word
    return {0: 1, 0xFFFFFFFF: 0xFFFFFFFE}.get(total, total)


def seal_header(raw: bytes, sequence: int, bins: int) -> bytes:
    """The first 512 bytes of a hive's base block, made clean: both numbers equal, the size and checksum right."""
    clean = raw[:4] + struct.pack("<II", sequence & NO_CELL, sequence & NO_CELL) + raw[12:28]
    clean += struct.pack("<I", 0) + raw[32:40] + struct.pack("<I", bins) + raw[44:_CHECKED]
    return clean + struct.pack("<I", compute_checksum(clean)) + raw[_CHECKED + 4 : 512]
