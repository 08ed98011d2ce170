import os
import struct
import zlib
from pathlib import Path

import pytest

from codered.targets.images.partitions import BEHIND, BOTH, TABLE_LOST, UNKNOWN, DiskLayout, read_layout, tell_volume
from codered.targets.images.raw_disk import RawDisk
from codered.targets.images.session import make_image_info
from tests.fixtures.disk_images import make_table, put
from tests.fixtures.ntfs_volumes import MIB, make_ntfs


def layout_of(path: Path) -> DiskLayout:
    disk = RawDisk((os.fsencode(path),))
    return read_layout(disk, make_image_info(disk))


def test_a_volume_without_a_table(tmp_path: Path) -> None:
    layout = layout_of(make_ntfs(tmp_path / "v", 8 * MIB))
    (part,) = layout.partitions
    assert (part.number, part.start, part.size, part.kind.name, layout.table) == (1, 0, 8 * MIB, "NTFS", "")


def test_partitions_in_order_of_place_with_what_is_wrong(tmp_path: Path) -> None:
    disk = make_table(
        tmp_path / "d", 20 * MIB, (8 * MIB, 4 * MIB), (MIB, 2 * MIB), (10 * MIB, 4 * MIB), (18 * MIB, 4 * MIB)
    )
    put(disk, MIB + 3, b"NTFS    ")
    layout = layout_of(disk)
    assert [(part.number, part.start // MIB, part.size // MIB) for part in layout.partitions] == [
        (1, 1, 2), (2, 8, 4), (3, 10, 4), (4, 18, 4),
    ]  # fmt: skip
    first, second, third, last = layout.partitions
    assert (first.troubles, first.kind.read) == ((), True)
    assert (second.troubles, third.troubles) == (("overlaps partition 3",), ("overlaps partition 2",))
    assert "ends 2097152 bytes behind the end" in last.troubles[0]
    assert (layout.table, layout.signature, layout.outside) == ("MBR", b"SIGN", 5 * MIB + 4 * MIB)


def make_gpt(path: Path, *parts: tuple[int, int], size: int = 10 * MIB) -> Path:
    """A disk with a GPT of basic data partitions, by start and size in bytes."""
    basic = bytes.fromhex("a2a0d0ebe5b9334487c068b6b72699c7")
    entries = b""
    for number, (start, length) in enumerate(parts):
        guid = bytes([number + 1]) * 16
        entries += basic + guid + struct.pack("<QQQ", start // 512, (start + length) // 512 - 1, 0) + bytes(72)
    entries = entries.ljust(128 * 128, b"\0")
    last = size // 512 - 1
    head = struct.pack("<8sIIIIQQQQ16sQIII", b"EFI PART", 0x10000, 92, 0, 0, 1, last, 34, last - 33, b"D" * 16, 2, 128,
                       128, zlib.crc32(entries))  # fmt: skip
    head = head[:16] + struct.pack("<I", zlib.crc32(head)) + head[20:]
    protective = (
        bytes(446) + struct.pack("<B3sB3sII", 0, b"\0\2\0", 0xEE, b"\xff\xff\xff", 1, last) + bytes(48) + b"\x55\xaa"
    )
    with path.open("wb") as file:
        file.write(protective + head.ljust(512, b"\0") + entries)
        file.truncate(size)
    return path


def test_a_gpt(tmp_path: Path) -> None:
    disk = make_gpt(tmp_path / "g", (MIB, MIB), (4 * MIB, MIB))
    put(disk, MIB + 3, b"EXFAT   ")
    layout = layout_of(disk)
    assert (layout.table, [part.start // MIB for part in layout.partitions]) == ("GPT", [1, 4])
    assert [part.kind.name for part in layout.partitions] == ["exFAT", UNKNOWN]
    assert [part.guid for part in layout.partitions] == [b"\1" * 16, b"\2" * 16]


@pytest.mark.parametrize(
    ("at", "magic", "name"),
    [(3, b"-FVE-FS-", "BitLocker"), (0, b"LUKS\xba\xbe", "LUKS"), (512, b"LABELONE", "LVM"),
     (3, b"ReFS\0\0\0\0", "ReFS"),
     (4096, b"SPACEDB ", "Storage Spaces"), (0, b"XFSB", "XFS"),
     (65600, b"_BHRfS_M", "Btrfs"), (82, b"FAT32   ", "FAT"),
     (1080, b"\x53\xef", "ext"), (4086, b"SWAPSPACE2", "swap")],
)  # fmt: skip
def test_kinds_of_volumes_say_what_to_do(tmp_path: Path, at: int, magic: bytes, name: str) -> None:
    (tmp_path / "v").write_bytes((bytes(at) + magic).ljust(128 << 10, b"\0"))
    kind = tell_volume(RawDisk((os.fsencode(tmp_path / "v"),)), 0)
    assert kind.name == name
    assert kind.read or kind.advice or kind.passed


def test_nothing_known(tmp_path: Path) -> None:
    (tmp_path / "v").write_bytes(os.urandom(1 << 20))
    layout = layout_of(tmp_path / "v")
    assert layout.partitions == ()


def test_a_table_that_leads_in_circles(tmp_path: Path) -> None:
    disk = make_table(tmp_path / "d", 8 * MIB, (MIB, 2 * MIB))
    put(disk, 446 + 4, b"\x05")  # an extended partition, whose table is that of the disk again
    put(disk, MIB, disk.read_bytes()[:512])
    put(disk, MIB + 446 + 8, struct.pack("<I", 0))
    layout = layout_of(disk)
    assert len(layout.partitions) < 10


def write_decoy(disk: Path, entries: bytes) -> Path:
    """A small file system where a disk begins, and a real one at 8 MiB, with these entries in sector 0."""
    decoy, real = make_ntfs(disk.with_name("decoy"), 4 * MIB), make_ntfs(disk.with_name("real"), 8 * MIB)
    disk.write_bytes(decoy.read_bytes().ljust(8 * MIB, b"\0") + real.read_bytes())
    put(disk, 446, entries.ljust(64, b"\0") + b"\x55\xaa")
    return disk


ENTRY = struct.pack("<B3sB3sII", 0x80, b"\xfe\xff\xff", 7, b"\xfe\xff\xff", 8 * MIB // 512, 8 * MIB // 512)


@pytest.mark.parametrize("entries", [ENTRY, bytes(32) + ENTRY, b"any text here..." + ENTRY])
def test_a_file_system_at_the_start_hides_no_partitions(tmp_path: Path, entries: bytes) -> None:
    layout = layout_of(write_decoy(tmp_path / "d", entries))
    assert [(part.number, part.start // MIB, part.kind.name) for part in layout.partitions][:1] == [(1, 0, "NTFS")]
    assert (8, "NTFS") in [(part.start // MIB, part.kind.name) for part in layout.partitions]
    assert layout.table == "MBR"
    assert layout.trouble in (BOTH, TABLE_LOST)
    assert layout.partitions[0].size <= 4 * MIB


@pytest.mark.parametrize("entries", [b"", b"Press Ctrl+Alt+Del to restart\r\n" * 2])
def test_what_lies_behind_a_file_system_is_said(tmp_path: Path, entries: bytes) -> None:
    layout = layout_of(write_decoy(tmp_path / "d", entries))
    assert [part.start for part in layout.partitions] == [0]
    assert layout.trouble == BEHIND.format(12 * MIB)


def test_a_gpt_behind_a_file_system(tmp_path: Path) -> None:
    disk = write_decoy(tmp_path / "d", b"")
    gpt = make_gpt(tmp_path / "g", (8 * MIB, 8 * MIB), size=20 * MIB).read_bytes()
    put(disk, 512, gpt[512 : 34 * 512])
    layout = layout_of(disk)
    assert (layout.table, [part.start // MIB for part in layout.partitions]) == ("GPT", [0, 8])
    put(disk, 512, b"EFI PART".ljust(92, b"\xff"))
    assert (layout_of(disk).trouble, len(layout_of(disk).partitions)) == (TABLE_LOST, 1)
