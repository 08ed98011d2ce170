"""What lies on a disk: its partitions, and what kind of volume each of them holds."""

from importlib import resources
from itertools import pairwise

import msgspec
from msgspec.structs import replace

from codered.targets.images.containers import Disk
from codered.targets.images.shapes import TskImage
from codered.targets.images.table_entries import MOST_PARTITIONS, SECTORS, count_entries, read_entries
from codered.targets.images.volume_sizes import measure_volume

LEAST_GAP = 2 << 20  # bytes; less lies between partitions for their alignment
_HEAD = 66 << 10  # bytes in which every kind of volume shows itself
_ALLOCATED = 1
_RESERVED = "Microsoft reserved partition"
BOTH = "there is a file system where the disk begins, and a partition table too: both are looked at"
TABLE_LOST = "the partition table beside the file system at the start of the disk can't be read"
BEHIND = "the file system ends {} bytes before the image does: what lies behind it is not looked at"
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


def _lay_out_whole(disk: Disk, kind: VolumeKind) -> DiskLayout:
    """A disk that is one volume as a whole."""
    rest = disk.size - (measure_volume(disk, 0, kind.name) or disk.size)
    trouble = BEHIND.format(rest) if rest > LEAST_GAP else ""
    return DiskLayout(partitions=(Partition(number=1, start=0, size=disk.size, kind=kind),), trouble=trouble)


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
    beside = _tell_table(disk) if whole.name != UNKNOWN else ""
    if whole.name != UNKNOWN and not beside:
        return _lay_out_whole(disk, whole)
    table, found, trouble = _read_table(image, beside)
    if beside:  # TSK is strict where Windows is not
        rough = [(each.start, each.size, "") for each in read_entries(disk, beside)]
        table, found, trouble = (table, found, trouble) if found else (beside, rough, TABLE_LOST)
        size = measure_volume(disk, 0, whole.name) or min((start for start, _, _ in found), default=disk.size)
        found, trouble = [(0, min(size, disk.size), whole.name), *sorted(found)], trouble or BOTH
    if not found:
        return DiskLayout(partitions=(), trouble=trouble)
    signature = disk.read(0x1B8, 4)
    guids = {each.start: each.guid for each in read_entries(disk, table)} if table == "GPT" else {}
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


def _tell_table(disk: Disk) -> str:
    """The kind of table that lies beside a file system at the start of a disk ("" = none): a boot sector has code or
    text where an MBR has its entries, so they must make sense.
    """
    if any(disk.read(sector, 8) == b"EFI PART" for sector in SECTORS):
        return "GPT"
    found = read_entries(disk, "MBR")
    certain = any(each.is_extended or tell_volume(disk, each.start).name != UNKNOWN for each in found)
    return "MBR" if certain or (found and len(found) == count_entries(disk)) else ""


def _read_table(image: TskImage, kind: str) -> tuple[str, list[tuple[int, int, str]], str]:
    """The kind of table (of which it must be: "" = any), start, size and description of each partition by where they
    start, and what is wrong.
    """
    import pytsk3

    kinds = {"MBR": pytsk3.TSK_VS_TYPE_DOS, "GPT": pytsk3.TSK_VS_TYPE_GPT}
    try:
        volumes = pytsk3.Volume_Info(image, kinds.get(kind, pytsk3.TSK_VS_TYPE_DETECT), 0)
        sector = int(volumes.info.block_size)
        table = {int(pytsk3.TSK_VS_TYPE_DOS): "MBR", int(pytsk3.TSK_VS_TYPE_GPT): "GPT"}.get(
            int(volumes.info.vstype), "other"
        )
        found = [
            (int(part.start) * sector, int(part.len) * sector, bytes(part.desc).decode(errors="replace"))
            for part in volumes
            if int(part.flags) & _ALLOCATED
        ]
    except (OSError, RuntimeError):
        return "", [], ""
    trouble = f"more than {MOST_PARTITIONS} partitions" if len(found) > MOST_PARTITIONS else ""
    return table, sorted(found)[:MOST_PARTITIONS], trouble


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
