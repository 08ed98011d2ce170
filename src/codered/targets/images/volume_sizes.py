"""How large a file system says it is, by its first sectors: what lies behind it on a disk is not part of it."""

import struct

from codered.targets.images.containers import Disk

_HEAD = 2048


def measure_volume(disk: Disk, start: int, kind: str) -> int:
    """The size in bytes that a file system of this kind (of `VolumeKind.name`) gives itself; 0 = it can't be told.
    Raises OSError.
    """
    head = disk.read(start, _HEAD)
    if len(head) < _HEAD:
        return 0
    measure = {"NTFS": _measure_ntfs, "exFAT": _measure_exfat, "FAT": _measure_fat, "ext": _measure_ext}.get(kind)
    return measure(head) if measure else 0


def _measure_ntfs(head: bytes) -> int:
    sector, total = struct.unpack_from("<H", head, 11)[0], struct.unpack_from("<Q", head, 40)[0]
    return int((total + 1) * sector) if total else 0  # the last sector is the copy of the first


def _measure_exfat(head: bytes) -> int:
    total, shift = struct.unpack_from("<Q", head, 72)[0], head[108]
    return int(total) << shift if shift <= 12 else 0


def _measure_fat(head: bytes) -> int:
    sector, few, many = struct.unpack_from("<H6xH11xI", head, 11)
    return int(sector * (few or many))


def _measure_ext(head: bytes) -> int:
    low, shift = struct.unpack_from("<I16xI", head, 1024 + 4)
    wide = struct.unpack_from("<I", head, 1024 + 96)[0] & 0x80  # 64-bit numbers of blocks
    high = struct.unpack_from("<I", head, 1024 + 336)[0] if wide else 0
    return (int(high) << 32 | int(low)) << (10 + shift) if shift <= 6 else 0
