"""Opening a web log, plain or packed, and reading it in chunks of whole lines."""

import os
from collections.abc import Iterator
from datetime import datetime

from codered.collect.log_formats import BOM, MOST_HEAD, LogFormat, detect_format, make_chunk, make_reader
from codered.collect.log_unpacking import Packing, UnpackingStopped, detect_packing, unpack
from codered.collect.log_w3c import DATE, FIELDS, MOST_DIRECTIVE
from codered.model.observation import LogChunk
from codered.system.descriptors import read_at

BLOCK = 2 << 20  # bytes read at a time; fits the processor's cache, and what it holds at once stays below 10 MiB
MOST_LINE = 2 << 20  # bytes; a longer line is cut there and counted
WHOLE_FILE = -1
_BACK = 1 << 20
_MOST_TRIED = 200
_MOST_NUL_BLOCKS = 64
_MOST_KNOWN = 64
# Files lately read in ranges (device, inode, mtime) -> the offset up to which their directives are known, and these.
_DIRECTIVES: dict[tuple[int, int, int], tuple[int, bytes, bytes]] = {}


class LogSource:
    """An open log. `format` is None when it is no web log; `splittable`: ranges of it can be read on their own. After
    `chunks` is through, `trouble` says why not everything could be read ("" = it could), and `cut_lines` how many
    lines were longer than MOST_LINE.
    """

    def __init__(self, descriptor: int, name: str, packing: Packing) -> None:
        self.name = name
        self.packing = packing
        self.trouble = ""
        self.cut_lines = 0
        self._descriptor = descriptor
        self._head = self._read_head()
        self.format: LogFormat | None = detect_format(self._head)

    @property
    def splittable(self) -> bool:
        """Whether `chunks` can start in the middle."""
        return self.packing == "plain"

    def first_time(self) -> datetime | None:
        """The time of its first line that has one, to put the files of a rotated log in order."""
        if self.format is None:
            return None
        reader = make_reader(self.format).open_chunk(self._head)
        start = 0
        for _ in range(_MOST_TRIED):
            end = self._head.find(b"\n", start) % (len(self._head) + 1)  # a last line may have no end
            hit = reader.read(start, end)
            if hit is not None and hit.time is not None:
                return hit.time
            start = end + 1
        return None

    def chunks(self, start: int = 0, end: int = WHOLE_FILE) -> Iterator[LogChunk]:
        """The lines that begin in these bytes of the file, in order. A packed log can only be read whole. Reading stops
        where it can't go on, and `trouble` tells. Raises ValueError if it is no web log.
        """
        if self.format is None:
            raise ValueError(f"{self.name} is no web log")
        if not self.splittable and (start, end) != (0, WHOLE_FILE):
            raise ValueError(f"{self.name} is packed and has no ranges")
        fields, date = self._directives_before(start) if self.format == "w3c" else (b"", b"")
        reader = make_reader(self.format, fields, date)
        for data in self._whole_lines(_gather(self._blocks(start, end))):
            yield make_chunk(reader, data)

    def _read_head(self) -> bytes:
        if self.packing == "plain":
            return _skip_hole(self._descriptor)
        head = b""
        try:
            for piece in unpack(self._descriptor, self.packing):
                head += piece
                if len(head) >= MOST_HEAD:
                    break
        except UnpackingStopped:
            pass  # what could be read decides; `chunks` meets the same end and reports it
        return head[:MOST_HEAD].removeprefix(BOM)

    def _blocks(self, start: int, end: int) -> Iterator[bytes]:
        size = os.fstat(self._descriptor).st_size
        try:
            if self.packing == "plain":
                blocks = _read_range(self._descriptor, start, size if end == WHOLE_FILE else min(end, size))
            else:
                blocks = unpack(self._descriptor, self.packing)
            first = start == 0
            for block in blocks:
                yield block.removeprefix(BOM) if first else block
                first = False
        except (UnpackingStopped, OSError) as reason:
            self.trouble = str(reason)

    def _whole_lines(self, blocks: Iterator[bytes]) -> Iterator[bytes]:
        carry = b""
        skipping = False  # the rest of a line that was cut
        for block in blocks:
            if skipping:
                block = block[block.find(b"\n") + 1 :] if b"\n" in block else b""  # noqa: PLW2901
                skipping = not block and skipping
                if skipping:
                    continue
            data = carry + block if carry else block
            cut = data.rfind(b"\n") + 1
            if cut:
                yield data[:cut]
            carry = data[cut:]
            if len(carry) > MOST_LINE and carry[:1] == b"\0":
                carry = carry.lstrip(b"\0")  # a hole, no long line: what follows it is one to read
            if len(carry) > MOST_LINE:
                yield carry[:MOST_LINE] + b"\n"
                self.cut_lines += 1
                carry, skipping = b"", True
        if carry:
            yield carry

    def _directives_before(self, start: int) -> tuple[bytes, bytes]:
        """The last `#Fields` and `#Date` lines before this byte. Searched backwards, down to where an earlier search
        in the same file has been: ranges of one file come one after the other.
        """
        status = os.fstat(self._descriptor)
        key = (status.st_dev, status.st_ino, status.st_mtime_ns)
        known = _DIRECTIVES.get(key)
        floor = known[0] if known is not None and known[0] <= start else 0
        fields, date = _search_back(self._descriptor, floor, start)
        if known is not None and floor:
            fields, date = fields or known[1], date or known[2]
        if len(_DIRECTIVES) >= _MOST_KNOWN:
            _DIRECTIVES.clear()
        _DIRECTIVES[key] = (start, fields, date)
        return fields, date


def open_log(descriptor: int, name: str) -> LogSource:
    """Look at a file's content and make it readable as a log; its `format` tells whether it is one. The descriptor
    stays the caller's, and its position does not matter. Raises OSError.
    """
    return LogSource(descriptor, name, detect_packing(read_at(descriptor, 8, 0)))


def split_ranges(size: int, parts: int) -> list[tuple[int, int]]:
    """Byte ranges that cover a plain log once, for `chunks`, which makes them end with a line. Few large ones are best:
    each looks for the `#Fields` before it.
    """
    step = max(-(-size // max(parts, 1)), BLOCK)
    return [(start, min(start + step, size)) for start in range(0, size, step)]


def _skip_hole(descriptor: int) -> bytes:
    """The first bytes of the file; a log truncated while its server wrote on starts with a hole."""
    head = read_at(descriptor, MOST_HEAD, 0)
    if head and not head.strip(b"\0"):
        try:
            at = os.lseek(descriptor, 0, os.SEEK_DATA)
        except OSError:
            return b""  # nothing but a hole
        head = read_at(descriptor, MOST_HEAD, _after_nuls(descriptor, at))
    return head.removeprefix(BOM)


def _after_nuls(descriptor: int, at: int) -> int:
    """The first byte behind the NULs that stand here: a copy of a hole may be written out. Looks at 64 MiB at most."""
    for _ in range(_MOST_NUL_BLOCKS):
        block = read_at(descriptor, _BACK, at)
        nuls = len(block) - len(block.lstrip(b"\0"))
        at += nuls
        if nuls < len(block) or not block:
            break
    return at


def _read_range(descriptor: int, start: int, end: int) -> Iterator[bytes]:
    """The lines that begin in [start, end): the one that holds `start` belongs to whoever reads before it."""
    at = start
    if start:
        at = _after_newline(descriptor, start - 1)
    block = b"\n"
    while at < end:
        block = read_at(descriptor, min(BLOCK, end - at), at)
        if not block:
            return
        at += len(block)
        yield block
    while not block.endswith(b"\n"):
        block = read_at(descriptor, _BACK, at)
        if not block:
            return
        block = block[: block.find(b"\n") + 1] or block
        at += len(block)
        yield block


def _gather(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """The same bytes in blocks of at least BLOCK bytes, but the last: joining a long line to many tiny blocks, as a
    hostile archive has, would copy it for each of them.
    """
    waiting: list[bytes] = []
    size = 0
    for block in blocks:
        waiting.append(block)
        size += len(block)
        if size >= BLOCK:
            yield b"".join(waiting)  # a single block is not copied
            waiting, size = [], 0
    if waiting:
        yield b"".join(waiting)


def _after_newline(descriptor: int, at: int) -> int:
    """The first byte after the first newline at or behind this byte, or the end of the file."""
    while block := read_at(descriptor, _BACK, at):
        place = block.find(b"\n")
        if place >= 0:
            return at + place + 1
        at += len(block)
    return at


def _search_back(descriptor: int, floor: int, start: int) -> tuple[bytes, bytes]:
    """The last `#Fields` and `#Date` lines that begin in [floor, start); b"" for none."""
    found = {FIELDS: b"", DATE: b""}
    at = start
    while at > floor and not all(found.values()):
        begin = max(at - _BACK, floor, 0)
        before = max(begin - 1, 0)  # one byte more, to see that a line begins at `begin`
        block = read_at(descriptor, at - before + MOST_DIRECTIVE, before)
        if begin == 0:
            block = b"\n" + block.removeprefix(BOM)
        for name, known in found.items():
            place = block.rfind(b"\n" + name, 0, at - begin + len(name) + 1)
            if not known and place >= 0:
                found[name] = block[place + 1 : place + MOST_DIRECTIVE].partition(b"\n")[0]
        at = begin
    return found[FIELDS], found[DATE]
