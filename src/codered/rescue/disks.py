"""The disks of the machine a rescue medium was booted on: which partitions there are, and what they hold."""

import os
import re
import struct
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

_BLOCK = Path("/sys/class/block")
_NAME = re.compile(r"^[A-Za-z0-9_-]{1,32}\Z", re.ASCII)
_EXT_SUPERBLOCK, _EXT_MAGIC = 1024, 0xEF53


class Partition(NamedTuple):
    """A block device with a file system: its node, its number on its disk (1 = a disk without partitions), the serial
    number of an NTFS volume and the UUID of an ext file system ("" = another file system).
    """

    device: str
    number: int
    serial: str
    uuid: str


def list_partitions(block: Path = _BLOCK, nodes: Path = Path("/dev")) -> tuple[Partition, ...]:
    """Every partition and whole disk that can be read, by name. What can't be read is passed over."""
    found = []
    for name in sorted(os.listdir(block)):
        if not _NAME.match(name) or name.startswith(("ram", "zram")):
            continue
        number = _read_text(block / name / "partition")
        head = _read_head(nodes / name)
        if head:
            place = int(number) if number.isdigit() else 1
            found.append(Partition(str(nodes / name), place, read_serial(head), read_uuid(head)))
    return tuple(found)


def find_state(partitions: tuple[Partition, ...], uuid: str) -> Partition | None:
    """The medium's own partition, by the UUID it was given when it was made; None unless there is exactly one."""
    found = [one for one in partitions if uuid and one.uuid == uuid]
    return found[0] if len(found) == 1 else None


def read_serial(head: bytes) -> str:
    """The serial number in the boot sector of an NTFS volume; "" if it is none."""
    return head[0x48:0x50][::-1].hex() if head[3:11] == b"NTFS    " and len(head) >= 512 else ""


def read_uuid(head: bytes) -> str:
    """The UUID in the superblock of an ext file system; "" if it is none."""
    block = head[_EXT_SUPERBLOCK : _EXT_SUPERBLOCK + 256]
    if len(block) < 256 or struct.unpack_from("<H", block, 56)[0] != _EXT_MAGIC:
        return ""
    return str(UUID(bytes=block[104:120]))


def _read_head(node: Path) -> bytes:
    try:
        with open(node, "rb") as device:
            return device.read(4096)
    except OSError:
        return b""


def _read_text(path: Path) -> str:
    try:
        return path.read_text("ascii", "replace").strip()
    except OSError:
        return ""
