"""Windows crash dumps (MEMORY.DMP): complete ones by runs of pages, bitmap ones by one bit a page."""

import struct
from collections.abc import Iterator
from typing import NamedTuple

from codered.collect.dumps.layout import MOST_HEADER, PAGE, DumpFile, DumpLayout, Lie, Part, Segment
from codered.model.errors import WrongUse

_COMPLETE, _KERNEL, _BITMAP = 1, 2, 5
_FILLER = int.from_bytes(b"PAGE", "little")  # stands where old systems had nothing to say
_BITMAP_MAGICS = (b"SDMPDUMP", b"FDMPDUMP")
_KINDS = {3: "a header only", 4: "a small dump (minidump)"}
_KERNEL_ONLY = "the dump holds the kernel's memory only, that of the processes is not in it"
ADVICE = "have Windows write a complete memory dump, or convert it to a raw image"


class _Shape(NamedTuple):
    """Where things are in the header, for 32 and for 64 bit."""

    bits: int
    header: int
    kind: int
    runs: int
    first_run: int
    most_runs: int
    run: struct.Struct


_SHAPES = {
    b"PAGEDUMP": _Shape(32, PAGE, 3976, 100, 108, 86, struct.Struct("<II")),
    b"PAGEDU64": _Shape(64, 2 * PAGE, 3992, 136, 152, 42, struct.Struct("<QQ")),
}


def read_crash_dump(file: DumpFile) -> DumpLayout | None:
    """The layout of a Windows crash dump; None if it is none. Raises WrongUse for a kind without the machine's memory
    or of unknown layout, and OSError.
    """
    head = file.read(0, 2 * PAGE)
    shape = _SHAPES.get(head[:8])
    if shape is None:
        return None
    name = f"Windows crash dump, {shape.bits} bit"
    if len(head) < shape.header:
        cut = Lie("its header is cut off by the end of the file")
        return DumpLayout(name, iter((cut,)), system="windows")
    kind = int.from_bytes(head[shape.kind : shape.kind + 4], "little")
    if kind in (_COMPLETE, _FILLER):
        return DumpLayout(f"{name}, complete", _walk_runs(head, shape), system="windows")
    if kind == _BITMAP or (kind == _KERNEL and shape.bits == 64):
        return DumpLayout(f"{name}, bitmap", _walk_bitmap(file, shape.header, kind), system="windows")
    what = _KINDS.get(kind, f"a crash dump of kind {kind}")
    raise WrongUse(f"{what}, which can't be read", where=file.shown(), advice=ADVICE)


def _walk_runs(head: bytes, shape: _Shape) -> Iterator[Part]:
    count = int.from_bytes(head[shape.runs : shape.runs + 4], "little")
    if count == _FILLER:
        yield Lie("its header does not say which memory is in it")
        return
    if count > shape.most_runs:
        yield Lie(f"it claims {count} runs of memory; there is room for {shape.most_runs}")
    at = shape.header
    for index in range(min(count, shape.most_runs)):
        first, pages = shape.run.unpack_from(head, shape.first_run + index * shape.run.size)
        yield Segment(index + 1, at, first * PAGE, pages * PAGE)
        at += pages * PAGE


def _walk_bitmap(file: DumpFile, header: int, kind: int) -> Iterator[Part]:
    head = file.read(header, 56)
    if len(head) < 56 or head[:8] not in _BITMAP_MAGICS:
        yield Lie("the header of its bitmap is not there")
        return
    if kind == _KERNEL:
        yield Lie(_KERNEL_ONLY)
    at, claimed, pages = struct.unpack_from("<QQQ", head, 32)
    start = header + 56
    room = max(min(at, file.size) - start, 0) * 8
    if pages > room:
        yield Lie(f"its bitmap claims {pages} pages; there is room for {room}")
        pages = room
    found = 0
    for number, (first, count) in enumerate(_find_runs(file, start, pages), 1):
        yield Segment(number, at, first * PAGE, count * PAGE)
        at += count * PAGE
        found += count
    if found != claimed:
        yield Lie(f"it claims {claimed} pages of memory, its bitmap has {found}", max(claimed - found, 0) * PAGE)


def _find_runs(file: DumpFile, start: int, pages: int) -> Iterator[tuple[int, int]]:
    """The first page and the number of pages of each run of ones, of `pages` bits that start at byte `start`."""
    begin = None
    for word_at, word in _read_words(file, start, pages):
        if word == 0 and begin is None:
            continue
        if word == 2**64 - 1 and begin is not None:
            continue
        for bit in range(64):
            is_set = bool(word >> bit & 1)
            if is_set and begin is None:
                begin = word_at + bit
            elif not is_set and begin is not None:
                yield begin, word_at + bit - begin
                begin = None
    if begin is not None:
        yield begin, pages - begin


def _read_words(file: DumpFile, start: int, pages: int) -> Iterator[tuple[int, int]]:
    """The bitmap as numbers of 64 bits, the bits beyond its end off, each with the page of its first bit."""
    for block_at in range(0, pages, MOST_HEADER * 8):
        bits = min(pages - block_at, MOST_HEADER * 8)
        block = file.read(start + block_at // 8, (bits + 7) // 8)
        block += bytes(-len(block) % 8)
        for index, (word,) in enumerate(struct.iter_unpack("<Q", block)):
            left = bits - index * 64
            yield block_at + index * 64, word & ((1 << left) - 1) if left < 64 else word
