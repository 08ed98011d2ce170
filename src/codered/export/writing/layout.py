"""Lines that fit a terminal: measuring, clipping, wrapping, tables. Everything given here is printable already."""

import unicodedata
from collections.abc import Sequence
from typing import Literal

import msgspec

WIDTH = 100
"""Columns. A report pasted into a mail or a ticket stays readable."""

CUT = "…"


class Column(msgspec.Struct, frozen=True):
    """A column of a table: its heading, its widest allowed width, which side its text stands on, and how narrow it may
    become when the table is too wide (0 = it keeps its width). The `least` and kept widths must fit in WIDTH together.
    """

    heading: str
    most: int
    side: Literal["left", "right"] = "left"
    least: int = 0


def measure(text: str) -> int:
    """The columns that a terminal uses for the text: 2 for a wide character, and 1, to be safe, for any other."""
    if text.isascii():
        return len(text)
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def clip(text: str, width: int) -> str:
    """The text, cut to `width` columns with … when it is longer."""
    return text if measure(text) <= width else _head(text, width - 1) + CUT


def wrap(text: str, *, first: str = "", rest: str = "", width: int = WIDTH) -> list[str]:
    """The text in lines of at most `width` columns: the first starts with `first`, the others with `rest`. Words stay
    whole, unless one alone is longer than a line.
    """
    lines: list[str] = []
    line, is_bare = first, True
    for word in text.split(" "):
        if not is_bare and measure(line) + 1 + measure(word) <= width:
            line += " " + word
            continue
        if not is_bare:
            lines.append(line)
            line = rest
        room = max(width - measure(line), 2)
        while measure(word) > room:
            piece = _head(word, room)
            lines.append(line + piece)
            word, line = word[len(piece) :], rest  # noqa: PLW2901 - what is left of an overlong word
            room = max(width - measure(rest), 2)
        line, is_bare = line + word, False
    return [each.rstrip() for each in [*lines, line]]


def lay_out_table(columns: Sequence[Column], rows: Sequence[Sequence[str]], *, indent: int = 2) -> list[str]:
    """A table with its headings. A cell that is too wide is wrapped; in the first column, which holds addresses and
    paths, it gets a line of its own instead, so that it can be copied whole.
    """
    widths = _fit_widths(columns, rows, WIDTH - indent - 2 * (len(columns) - 1))
    lines = [_line(columns, widths, [column.heading for column in columns], indent)]
    lines.append(" " * indent + "  ".join("-" * width for width in widths))
    for row in rows:
        cells = [[row[0]], *(wrap(cell, width=width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        if measure(row[0]) > widths[0]:
            lines += wrap(row[0], first=" " * indent, rest=" " * (indent + 2))
            cells[0] = [""]
        for at in range(max(map(len, cells))):
            lines.append(_line(columns, widths, [cell[at] if at < len(cell) else "" for cell in cells], indent))
    return lines


def _fit_widths(columns: Sequence[Column], rows: Sequence[Sequence[str]], room: int) -> list[int]:
    widths = [
        min(column.most, max([measure(column.heading), *(measure(row[at]) for row in rows)]))
        for at, column in enumerate(columns)
    ]
    while sum(widths) > room:
        spare = {at: widths[at] for at, column in enumerate(columns) if column.least and widths[at] > column.least}
        if not spare:
            break
        widths[max(spare, key=spare.__getitem__)] -= 1
    return widths


def _line(columns: Sequence[Column], widths: Sequence[int], cells: Sequence[str], indent: int) -> str:
    padded = []
    for column, width, cell in zip(columns, widths, cells, strict=True):
        gap = " " * (width - measure(cell))
        padded.append(gap + cell if column.side == "right" else cell + gap)
    return (" " * indent + "  ".join(padded)).rstrip()


def _head(text: str, width: int) -> str:
    """As much of the text as fits into `width` columns, and at least one character (so that cutting always ends)."""
    used = 0
    for at, character in enumerate(text):
        used += measure(character)
        if used > width:
            return text[: max(at, 1)]
    return text
