"""Tables of flows as text: CSV and its like, with the columns a layout says. With source ports and without outcomes a
record is one direction of a flow, and both are put together later.
"""

import csv
from importlib.resources import files

import msgspec

from codered.collect.flows.addresses import pack_address
from codered.collect.flows.chunk import (
    FlowChunk,
    OneWay,
    is_port,
    is_time,
    make_chunk,
    note_damage,
    note_left_out,
)
from codered.collect.flows.columns import MOST_COLUMNS, Layout
from codered.collect.flows.contacts import ContactTable
from codered.collect.flows.json_lines import to_bytes
from codered.collect.flows.lines import Block
from codered.collect.flows.times import read_time
from codered.model.traffic import Outcome, Transport

_LETTERS = {"F": 0x01, "S": 0x02, "R": 0x04, "P": 0x08, "A": 0x10, "U": 0x20, "E": 0x40, "C": 0x80, "W": 0x80}


class _Words(msgspec.Struct, frozen=True):
    outcomes: dict[str, Outcome]
    protocols: dict[str, Transport]


_WORDS = msgspec.json.decode((files("codered.collect.flows") / "table_words.json").read_bytes(), type=_Words)

_SOME_WORDS = f"{', '.join(sorted(set(_WORDS.outcomes.values())))} are, and {len(_WORDS.outcomes) - 4} more"


class TableLines:
    """Reads blocks in any order; the header is known by its place."""

    by_line = False

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._ended = False  # nfdump's summary follows the records

    def follow(self, block: Block) -> None:
        """Nothing in one block is said of the next, but that the records have ended."""
        self._ended = self._ended or block.data.startswith(b"Summary\n") or b"\nSummary\n" in block.data

    def read(self, block: Block) -> FlowChunk:
        """The records of a block."""
        chunk, table = make_chunk(), ContactTable()
        for number, line in enumerate(block.data.split(b"\n"), block.line):
            if line in (b"Summary", b"Summary\r"):
                self._ended = True
            if self._ended or not line or line.isspace() or (number == 1 and self._layout.header):
                continue
            chunk.records += 1
            try:
                why = self._take_line(line.decode("utf-8", "backslashreplace"), table, chunk)
            except (csv.Error, StopIteration) as error:
                why = f"no line of a table: {str(error)[:80]}"
            if why:
                note_damage(chunk, number, why)
        table.fill(chunk)
        return chunk

    def _take_line(self, line: str, table: ContactTable, chunk: FlowChunk) -> str:
        delimiter = self._layout.delimiter
        cells = next(csv.reader([line], delimiter=delimiter)) if '"' in line else line.split(delimiter, MOST_COLUMNS)
        cell = {role: cells[place].strip() for role, place in self._layout.places.items() if place < len(cells)}
        if len(cell) < len(self._layout.places):
            return f"only {len(cells)} columns"
        if "-" in (cell["source"], cell["destination"]):
            note_left_out(chunk, "records without addresses (no data)")
            return ""
        source, destination = to_bytes(cell["source"]), to_bytes(cell["destination"])
        at = read_time(cell["time"])
        protocol = _WORDS.protocols.get(cell.get("protocol", "tcp").lower())
        if not is_time(at):
            return "its time can't be one"
        if not pack_address(source) or not pack_address(destination):
            return "an address can't be one"
        if protocol is None:
            note_left_out(chunk, "neither tcp nor udp")
            return ""
        port, source_port = _read_port(cell["port"]), _read_port(cell.get("source_port", "0"))
        if not is_port(port) or not is_port(source_port):
            return "its port can't be one"
        if "outcome" not in cell:
            flags = _read_flags(cell.get("flags", ""))
            here, there = pack_address(source), pack_address(destination)
            chunk.one_way.append(OneWay(at, here, there, source_port, port, protocol, flags))
            return ""
        outcome = _WORDS.outcomes.get(cell["outcome"].lower())
        if outcome is None:
            return f"its outcome {cell['outcome'][:20]!r} is no word that is known: {_SOME_WORDS}"
        table.add((source, destination, port, protocol, outcome, at // 60), at)
        return ""


def _read_port(text: str) -> int:
    """The port; -1 for what is none. nfdump writes ICMP's as 8.0."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 5 else -1


def _read_flags(text: str) -> int:
    """TCP flags as letters (nfdump: `...AP.SF`) or as a number; -1 for none."""
    if text.isascii() and text.isdigit() and len(text) <= 4:
        return int(text) & 0xFF
    if text[:2] in ("0x", "0X"):
        try:
            return int(text[2:6] or "z", 16) & 0xFF
        except ValueError:
            return -1
    letters = text.upper().replace(".", "")
    if not letters or not all(letter in _LETTERS for letter in letters):
        return -1 if "." not in text else 0
    return sum(_LETTERS[letter] for letter in set(letters))
