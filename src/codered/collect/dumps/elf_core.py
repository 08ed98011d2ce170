"""ELF core files: of a machine (QEMU, kdump: physical addresses) or of one process (virtual ones)."""

import struct
from collections.abc import Iterator
from typing import NamedTuple

from codered.collect.dumps.layout import DumpFile, DumpLayout, Lie, Omission, Part, Segment
from codered.model.errors import WrongUse

MAGIC = b"\x7fELF"
MOST_HEADERS = 1 << 16  # program headers; more can't be counted in the field that is meant for it
_CORE, _LOAD, _COUNTED_ELSEWHERE = 4, 1, 0xFFFF
_NO_ADDRESS = (0, 2**32 - 1, 2**64 - 1)
_ORDERS = {1: "<", 2: ">"}


class _Shape(NamedTuple):
    """Where things are in a file of this class and byte order."""

    order: str
    wide: bool
    kind: int
    table: int
    sections: int
    entry_size: int
    entries: int

    def least_entry(self) -> int:
        return 56 if self.wide else 32


class _Load(NamedTuple):
    number: int
    offset: int
    virtual: int
    physical: int
    filed: int
    size: int


def read_elf_core(file: DumpFile) -> DumpLayout | None:
    """The layout of an ELF core; None if it is no ELF file. Raises WrongUse for an ELF file that is no core, and
    OSError.
    """
    head = file.read(0, 64)
    if head[:4] != MAGIC:
        return None
    shape = _read_shape(head)
    if shape is None:
        return DumpLayout("ELF core", iter((Lie("its ELF header is cut off or of no known class"),)))
    if shape.kind != _CORE:
        advice = "a program is scanned as a file, without --memory"
        raise WrongUse("an ELF file that is no core dump", where=file.shown(), advice=advice)
    lies: list[Lie] = []
    loads = list(_read_loads(file, shape, lies))
    is_virtual = all(load.physical in _NO_ADDRESS for load in loads) and any(load.virtual for load in loads)
    name = f"ELF core, {64 if shape.wide else 32} bit, {'little' if shape.order == '<' else 'big'} endian"
    return DumpLayout(name, _list_parts(loads, lies, is_virtual), "virtual" if is_virtual else "physical")


def _read_shape(head: bytes) -> _Shape | None:
    order = _ORDERS.get(head[5] if len(head) > 5 else 0)
    if order is None or head[4] not in (1, 2):
        return None
    wide = head[4] == 2
    if len(head) < (64 if wide else 52):
        return None
    kind = struct.unpack_from(order + "H", head, 16)[0]
    table, sections = struct.unpack_from(order + ("QQ" if wide else "II"), head, 32 if wide else 28)
    entry_size, count = struct.unpack_from(order + "HH", head, 54 if wide else 42)
    return _Shape(order, wide, kind, table, sections, entry_size, count)


def _read_loads(file: DumpFile, shape: _Shape, lies: list[Lie]) -> Iterator[_Load]:
    count = _count_headers(file, shape)
    if count > MOST_HEADERS:
        lies.append(Lie(f"it claims {count} segments; those after number {MOST_HEADERS} are left out"))
    if count and shape.entry_size < shape.least_entry():
        lies.append(Lie(f"it claims segment headers of {shape.entry_size} bytes, which is too small"))
        return
    for number in range(1, min(count, MOST_HEADERS) + 1):
        entry = file.read(shape.table + (number - 1) * shape.entry_size, shape.least_entry())
        if len(entry) < shape.least_entry():
            lies.append(Lie(f"the headers of segment {number} and all after it (it claims {count}) are not there"))
            return
        load = _read_load(number, entry, shape)
        if load is not None:
            yield load


def _read_load(number: int, entry: bytes, shape: _Shape) -> _Load | None:
    if shape.wide:
        kind, offset, virtual, physical, filed, size = struct.unpack_from(shape.order + "I4xQQQQQ", entry)
    else:
        kind, offset, virtual, physical, filed, size = struct.unpack_from(shape.order + "IIIIII", entry)
    return _Load(number, offset, virtual, physical, filed, size) if kind == _LOAD else None


def _count_headers(file: DumpFile, shape: _Shape) -> int:
    if shape.entries != _COUNTED_ELSEWHERE or not shape.sections:
        return shape.entries
    at = 44 if shape.wide else 28  # sh_info of the first section header
    found = file.read(shape.sections + at, 4)
    return struct.unpack(shape.order + "I", found)[0] if len(found) == 4 else shape.entries


def _list_parts(loads: list[_Load], lies: list[Lie], is_virtual: bool) -> Iterator[Part]:
    yield from lies
    for load in loads:
        yield Segment(load.number, load.offset, load.virtual if is_virtual else load.physical, load.filed)
        if load.size > load.filed:
            yield Omission("named in its headers, but left out by whoever made the dump", load.size - load.filed)
