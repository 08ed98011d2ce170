"""Zeek's logs as tables of tab-separated values. The header says what the columns are and may come again: logs of
several runs are joined with `cat`.
"""

import re

from codered.collect.flows.chunk import FlowChunk, make_chunk, note_damage
from codered.collect.flows.contacts import ContactTable
from codered.collect.flows.lines import Block
from codered.collect.flows.zeek import (
    MOST_ANSWERS,
    ZeekLog,
    ZeekRecord,
    take_record,
)
from codered.collect.flows.zeek_conn import ConnLines, Layout

_ESCAPE = re.compile(rb"\\x([0-9a-fA-F]{2})")
_MOST_COLUMNS = 256
_MOST_DIRECTIVE = 16 << 10
_NAMES: dict[ZeekLog, tuple[bytes, ...]] = {
    "conn": (b"ts", b"id.orig_h", b"id.resp_h", b"id.resp_p", b"proto", b"conn_state"),
    "http": (b"ts", b"id.orig_h", b"id.resp_h", b"id.resp_p", b"method", b"uri", b"version"),
    "dns": (b"ts", b"id.orig_h", b"answers"),
}
_OPTIONAL = (b"version",)


class ZeekTable:
    """Reads blocks in order. `log` is None while no header named one that is read, `path` what the header said."""

    by_line = False

    def __init__(self) -> None:
        self.path = b""
        self.log: ZeekLog | None = None
        self._separator = b"\t"
        self._set_separator = b","
        self._unset = b"-"
        self._places: dict[bytes, int] = {}
        self._width = 0  # names may come twice

    def follow(self, block: Block) -> None:
        """Only take over what the header lines in a block say."""
        data = b"\n" + _end_lines(block.data)
        at = data.find(b"\n#")
        while at >= 0:
            end = data.find(b"\n", at + 1)
            self._take_directive(data[at + 1 : end if end > 0 else len(data)][:_MOST_DIRECTIVE])
            at = data.find(b"\n#", at + 1)

    def read(self, block: Block) -> FlowChunk:
        """The records of a block."""
        chunk, table = make_chunk(), ContactTable()
        contacts = ConnLines(table, chunk)
        lines = _end_lines(block.data).split(b"\n")
        lines.pop()  # what follows the last line end is nothing
        at = 0
        while at < len(lines):
            if lines[at].startswith(b"#"):
                self._take_directive(lines[at][:_MOST_DIRECTIVE])
                at += 1
            elif self.log == "conn":
                at = contacts.read(lines, at, self._lay_out())
                if at < len(lines) and not lines[at].startswith(b"#"):
                    self._read_line(lines[at], block.line + at, table, chunk)
                    at += 1
            else:
                self._read_line(lines[at], block.line + at, table, chunk)
                at += 1
        contacts.finish()
        table.fill(chunk)
        return chunk

    def _take_directive(self, line: bytes) -> None:
        if line.startswith(b"#separator "):
            self._separator = _unescape(line[11:])[:8] or b"\t"
            return
        name, _, rest = line[1:].partition(self._separator)
        if name == b"set_separator":
            self._set_separator = rest[:8] or b","
        elif name == b"unset_field":
            self._unset = rest[:64]
        elif name == b"path":
            self.path = rest[:64]
            self.log = self._find_log()
        elif name == b"fields":
            names = rest.split(self._separator, _MOST_COLUMNS)[:_MOST_COLUMNS]
            self._width = len(names)
            self._places = {word: place for place, word in enumerate(names)}
            self.log = self._find_log()

    def list_missing(self) -> tuple[str, ...]:
        """The columns that a log of this path needs and the header does not name; () for a path that is not read."""
        wanted = next((names for log, names in _NAMES.items() if log.encode() == self.path), ())
        return tuple(name.decode() for name in wanted if name not in (*_OPTIONAL, *self._places))

    def _find_log(self) -> ZeekLog | None:
        known: tuple[ZeekLog, ...] = ("conn", "http", "dns")
        for log in known:
            wanted = [name for name in _NAMES[log] if name not in _OPTIONAL]
            if self.path in (b"", log.encode()) and all(name in self._places for name in wanted):
                return log
        return None

    def _lay_out(self) -> Layout:
        t, s, d, p, q, c = (self._places[name] for name in _NAMES["conn"])
        return self._separator, t, s, d, p, q, c

    def _read_line(self, line: bytes, number: int, table: ContactTable, chunk: FlowChunk) -> None:
        if not line:
            return
        chunk.records += 1
        if self.log is None:
            note_damage(chunk, number, "no header before it says what its columns are")
            return
        cells = line.split(self._separator, _MOST_COLUMNS)
        if len(cells) < self._width:
            note_damage(chunk, number, f"{len(cells)} columns, the header names {self._width}")
            return
        if why := take_record(self.log, self._make_record(cells), table, chunk):
            note_damage(chunk, number, why)

    def _make_record(self, cells: list[bytes]) -> ZeekRecord:
        return ZeekRecord(
            at=_read_number(self._cell(cells, b"ts")),
            source=self._cell(cells, b"id.orig_h"),
            destination=self._cell(cells, b"id.resp_h"),
            port=self._cell(cells, b"id.resp_p"),
            protocol=self._cell(cells, b"proto"),
            state=self._cell(cells, b"conn_state"),
            method=_unescape(self._cell(cells, b"method")),
            path=_unescape(self._cell(cells, b"uri")),
            version=_unescape(self._cell(cells, b"version")),
            answers=tuple(self._cell(cells, b"answers").split(self._set_separator, MOST_ANSWERS)),
        )

    def _cell(self, cells: list[bytes], name: bytes) -> bytes:
        place = self._places.get(name, -1)
        value = cells[place] if place >= 0 else b""
        return b"" if value == self._unset else value


def _end_lines(data: bytes) -> bytes:
    """Lines that end as ours do: some tools write CR LF."""
    return data.replace(b"\r\n", b"\n") if b"\r\n" in data else data


def _read_number(text: bytes) -> float:
    """The number; 0.0 for what is none."""
    try:
        return float(text)
    except ValueError:
        return 0.0


def _unescape(text: bytes) -> bytes:
    """`\\x09` as the byte it stands for."""
    return _ESCAPE.sub(lambda found: bytes.fromhex(found[1].decode()), text) if b"\\x" in text else text
