"""What lies on a disk: its partitions, and what kind of volume each of them holds."""

import struct
from importlib import resources
from itertools import pairwise

import msgspec
from msgspec.structs import replace

from codered.targets.images.containers import Disk
from codered.targets.images.shapes import TskImage

MOST_PARTITIONS = 256
LEAST_GAP = 2 << 20  # bytes; less lies between partitions for their alignment
_HEAD = 66 << 10  # bytes in which every kind of volume shows itself
_ALLOCATED = 1
_RESERVED = "Microsoft reserved partition"
UNKNOWN = "no file system that this version knows"
UNKNOWN_ADVICE = "if it is encrypted unlock it, else mount it read-only, then scan it with --root"


class VolumeKind(msgspec.Struct, frozen=True):
    """A kind of volume: `magic` (hexadecimal) stands at byte `offset`. `read`: this version walks it; else `advice`
    says what to do, or `passed` why nobody needs to. `windows`: Windows gives it a drive letter.
    """

    name: str
    offset: int = 0
    magic: str = ""
    read: bool = False
    windows: bool = False
    advice: str = ""
    passed: str = ""


class Partition(msgspec.Struct, frozen=True, kw_only=True):
    """A volume on a disk: `number` from 1 by where it starts; `start` and `size` in bytes; `guid` as a GPT stores it,
    `troubles` are what is wrong with its place. A disk that is one volume as a whole is partition 1 of a disk without a
    `table`.
    """

    number: int
    start: int
    size: int
    kind: VolumeKind
    guid: bytes = b""
    troubles: tuple[str, ...] = ()


class DiskLayout(msgspec.Struct, frozen=True, kw_only=True):
    """The partitions, the kind of their `table` ("" = none), `signature` of an MBR, bytes that are in no partition, and
    what is wrong with the table ("" = nothing).
    """

    partitions: tuple[Partition, ...]
    table: str = ""
    signature: bytes = b""
    outside: int = 0
    trouble: str = ""


def _load_kinds() -> list[VolumeKind]:
    text = resources.files("codered.targets.images").joinpath("volume_kinds.json").read_bytes()
    return msgspec.json.decode(text, type=list[VolumeKind])


_KINDS = _load_kinds()
_UNKNOWN_KIND = VolumeKind(UNKNOWN, advice=UNKNOWN_ADVICE)


def read_layout(disk: Disk, image: TskImage) -> DiskLayout:
    """What lies on a disk; `image` is its `pytsk3.Img_Info`. Nothing known: no partitions. Raises OSError if its first
    bytes can't be read.
    """
    whole = tell_volume(disk, 0)
    if whole.name != UNKNOWN:
        return DiskLayout(partitions=(Partition(number=1, start=0, size=disk.size, kind=whole),))
    table, found, trouble = _read_table(image)
    if not found:
        return DiskLayout(partitions=(), trouble=trouble)
    signature = disk.read(0x1B8, 4)
    guids = _read_guids(disk) if table == "GPT" else {}
    judged = (_judge(disk, number, found) for number in range(len(found)))
    partitions = tuple(replace(part, guid=guids.get(part.start, b"")) for part in judged)
    return DiskLayout(
        partitions=partitions,
        table=table,
        signature=signature,
        outside=_measure_outside(partitions, disk.size),
        trouble=trouble,
    )


def tell_volume(disk: Disk, start: int) -> VolumeKind:
    """What kind of volume begins at this byte. Raises OSError."""
    head = disk.read(start, _HEAD)
    for kind in _KINDS:
        magic = bytes.fromhex(kind.magic)
        if head[kind.offset : kind.offset + len(magic)] == magic:
            return kind
    return _UNKNOWN_KIND


def _read_table(image: TskImage) -> tuple[str, list[tuple[int, int, str]], str]:
    """The kind of table, start, size and description of each partition by where they start, and what is wrong."""
    import pytsk3

    try:
        volumes = pytsk3.Volume_Info(image)
        sector = int(volumes.info.block_size)
        table = {int(pytsk3.TSK_VS_TYPE_DOS): "MBR", int(pytsk3.TSK_VS_TYPE_GPT): "GPT"}.get(
            int(volumes.info.vstype), "other"
        )
        found = [
            (int(part.start) * sector, int(part.len) * sector, bytes(part.desc).decode(errors="replace"))
            for part in volumes
            if int(part.flags) & _ALLOCATED
        ]
    except OSError as error:
        return "", [], str(error).strip().split("\n", maxsplit=1)[0][:200]
    trouble = f"more than {MOST_PARTITIONS} partitions" if len(found) > MOST_PARTITIONS else ""
    return table, sorted(found)[:MOST_PARTITIONS], trouble


def _read_guids(disk: Disk) -> dict[int, bytes]:
    """The GUID of each partition of a GPT, by where it starts in bytes; none where it can't be read."""
    for sector in (512, 4096):
        head = disk.read(sector, 92)
        if len(head) < 92 or not head.startswith(b"EFI PART"):
            continue
        first, number, size = struct.unpack_from("<QII", head, 72)
        if not 128 <= size <= 4096 or number > MOST_PARTITIONS:
            return {}
        table = disk.read(first * sector, number * size)
        entries = [table[at : at + 40] for at in range(0, len(table) - 40, size)]
        return {struct.unpack_from("<Q", each, 32)[0] * sector: each[16:32] for each in entries if any(each[:16])}
    return {}


def _judge(disk: Disk, index: int, found: list[tuple[int, int, str]]) -> Partition:
    start, size, description = found[index]
    troubles = [
        f"overlaps partition {other + 1}"
        for other, (begin, length, _) in enumerate(found)
        if other != index and begin < start + size and start < begin + length
    ]
    if start + size > disk.size:
        troubles.append(f"ends {start + size - disk.size} bytes behind the end of the image: was it copied whole?")
    kind = _UNKNOWN_KIND
    try:
        kind = tell_volume(disk, start)
        if kind.name == UNKNOWN and description == _RESERVED:
            kind = VolumeKind(description, passed="it holds no files")
    except OSError as error:
        troubles.append(f"its start can't be read: {error}")
    return Partition(number=index + 1, start=start, size=size, kind=kind, troubles=tuple(troubles))


def _measure_outside(partitions: tuple[Partition, ...], size: int) -> int:
    """Bytes in no partition, without what alignment leaves."""
    edges = [(0, 0), *((part.start, part.start + part.size) for part in partitions), (size, size)]
    outside, reached = 0, 0
    for (_, end), (start, _) in pairwise(edges):
        reached = max(reached, end)
        gap = start - reached
        outside += gap if gap > LEAST_GAP else 0
    return outside
