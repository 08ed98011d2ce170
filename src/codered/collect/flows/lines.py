"""A flow log, plain or packed, in blocks of whole lines, in bounded memory."""

import itertools
import os
from collections.abc import Iterator
from typing import NamedTuple

from codered.collect.log_unpacking import UnpackingStopped, detect_packing, unpack

BLOCK = 4 << 20  # bytes
MOST_LINE = 1 << 20  # bytes; a longer one is passed over and counted
MOST_HEAD = 64 << 10
_BOM = b"\xef\xbb\xbf"


class Block(NamedTuple):
    """Whole lines. `line` is the number of the first; `cut` lines before them were too long; a `trouble` ends it."""

    data: bytes
    line: int
    cut: int = 0
    trouble: str = ""


def read_head(descriptor: int) -> bytes:
    """The first bytes, unpacked; what cannot be unpacked is b""."""
    packing = detect_packing(os.pread(descriptor, 8, 0))
    if packing == "plain":
        return os.pread(descriptor, MOST_HEAD, 0).removeprefix(_BOM)
    head = b""
    try:
        for piece in unpack(descriptor, packing):
            head += piece
            if len(head) >= MOST_HEAD:
                break
    except UnpackingStopped:
        pass  # whoever reads on meets the same end, and says it
    return head[:MOST_HEAD].removeprefix(_BOM)


def read_pieces(descriptor: int) -> Iterator[bytes]:
    """The whole content, unpacked, in pieces. Raises UnpackingStopped and OSError."""
    packing = detect_packing(os.pread(descriptor, 8, 0))
    if packing != "plain":
        yield from unpack(descriptor, packing)
        return
    at = 0
    while piece := os.pread(descriptor, BLOCK, at):
        yield piece
        at += len(piece)


def read_blocks(descriptor: int) -> Iterator[Block]:
    """All lines; a last line without an end gets one. What stops the reading is the last block's trouble."""
    cutter = _Cutter()
    trouble = ""
    try:
        for piece in read_pieces(descriptor):
            cutter.take(piece)
            if cutter.size >= BLOCK and (block := cutter.cut_off()):
                yield block
    except (UnpackingStopped, OSError) as reason:
        trouble = str(reason)
    yield cutter.finish(trouble)


def is_plain(descriptor: int) -> bool:
    """Whether the file is not packed, so that its parts can be read by themselves."""
    return detect_packing(os.pread(descriptor, 8, 0)) == "plain"


def read_stretches(descriptor: int, share: int, shares: int) -> Iterator[Block]:
    """Every n-th stretch of a plain file, from the first line that begins in it to the end of the last one. Lines are
    numbered from 1 in each.
    """
    for number in itertools.count(share, shares):
        try:
            block = _read_stretch(descriptor, number * BLOCK)
        except OSError as reason:
            yield Block(b"", 1, 0, str(reason))
            return
        if block is None:
            return
        yield block


def _read_stretch(descriptor: int, start: int) -> Block | None:
    data = os.pread(descriptor, BLOCK, start)
    if not data:
        return None
    begin = 0
    if start and os.pread(descriptor, 1, start - 1) != b"\n":
        begin = data.find(b"\n") + 1 or len(data)
    cut = 0
    if begin < len(data) and not data.endswith(b"\n"):
        rest = os.pread(descriptor, MOST_LINE, start + len(data))
        end = rest.find(b"\n") + 1
        if end or len(rest) < MOST_LINE:
            data += rest[:end] if end else rest + b"\n"
        else:
            data, cut = data[: max(data.rfind(b"\n") + 1, begin)], 1
    data = data[begin:] if begin else data
    return Block(data if start else data.removeprefix(_BOM), 1, cut)


class _Cutter:
    """Gathers pieces until they are worth a block, and cuts behind the last line end."""

    def __init__(self) -> None:
        self.size = 0
        self._pieces: list[bytes] = []
        self._line = 1
        self._cut = 0
        self._skipping = False  # the rest of a line that was too long

    def take(self, piece: bytes) -> None:
        if self._skipping:
            end = piece.find(b"\n") + 1
            if not end:
                return
            self._skipping = False
            self._line += 1
            piece = piece[end:]
        self._pieces.append(piece)
        self.size += len(piece)

    def cut_off(self) -> Block | None:
        data = b"".join(self._pieces)
        end = data.rfind(b"\n") + 1
        rest = data[end:]
        block = self._make(data[:end], "") if end else None
        if len(rest) > MOST_LINE:
            rest, self._skipping = b"", True
            self._cut += 1
        self._pieces, self.size = [rest], len(rest)
        return block

    def finish(self, trouble: str) -> Block:
        data = b"".join(self._pieces)
        return self._make(data if data.endswith(b"\n") or not data else data + b"\n", trouble)

    def _make(self, data: bytes, trouble: str) -> Block:
        block = Block(data.removeprefix(_BOM) if self._line == 1 else data, self._line, self._cut, trouble)
        self._line += data.count(b"\n")
        self._cut = 0
        return block
