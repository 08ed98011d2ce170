"""The entries of a partition table as they stand there, for what TSK refuses to read or does not tell."""

import struct
from typing import NamedTuple

from codered.targets.images.containers import Disk

MOST_PARTITIONS = 256
SECTORS = (512, 4096)
"""Sizes of a sector in bytes; a GPT begins in the second one."""
_EXTENDED = (0x05, 0x0F, 0x85)
_ENTRIES = range(446, 510, 16)  # of an MBR, in bytes


class TableEntry(NamedTuple):
    """Where a partition lies, in bytes; `guid` as a GPT stores it. An extended one of an MBR leads to further ones."""

    start: int
    size: int
    guid: bytes = b""
    is_extended: bool = False


def read_entries(disk: Disk, table: str) -> list[TableEntry]:
    """The entries of a table ("MBR" without the further ones, "GPT") that lie on the disk. Raises OSError."""
    found = _read_gpt(disk) if table == "GPT" else _read_mbr(disk)
    return [each for each in found if 0 < each.start < disk.size and each.size > 0]


def count_entries(disk: Disk) -> int:
    """How many entries of what may be an MBR hold anything. Raises OSError."""
    head = disk.read(0, 512)
    return sum(1 for at in _ENTRIES if any(head[at : at + 16]))


def _read_mbr(disk: Disk) -> list[TableEntry]:
    head = disk.read(0, 512)
    if head[510:] != b"\x55\xaa":
        return []
    entries = [struct.unpack_from("<B3xB3xII", head, at) for at in _ENTRIES]
    return [
        TableEntry(start * 512, length * 512, is_extended=kind in _EXTENDED)
        for state, kind, start, length in entries
        if state in (0, 0x80) and kind
    ]


def _read_gpt(disk: Disk) -> list[TableEntry]:
    for sector in SECTORS:
        head = disk.read(sector, 92)
        if len(head) < 92 or not head.startswith(b"EFI PART"):
            continue
        first, number, size = struct.unpack_from("<QII", head, 72)
        if not 128 <= size <= 4096 or number > MOST_PARTITIONS or first * sector > disk.size:
            return []
        table = disk.read(first * sector, number * size)
        entries = [table[at : at + 48] for at in range(0, len(table) - 47, size)]
        places = [(*struct.unpack_from("<QQ", each, 32), each[16:32]) for each in entries if any(each[:16])]
        return [TableEntry(start * sector, (last - start + 1) * sector, guid) for start, last, guid in places]
    return []
