"""Tables of text for a terminal: aligned, escaped, no wider than they must be."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from codered.export.writing.escaping import printable

GAP = "  "
MOST_WIDE = 60  # of a column but the last


def draw_table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Lines of a table with its titles; the last column takes what it needs. What is drawn may be hostile."""
    lines = [tuple(printable(str(cell)) for cell in row) for row in (titles, *rows)]
    widths = [min(MOST_WIDE, max(len(line[column]) for line in lines)) for column in range(len(titles))]
    widths[-1] = 0
    return "".join(_draw_line(line, widths) for line in lines)


def show_time(at: datetime | None) -> str:
    """A time for people, in UTC; "" for none."""
    return at.strftime("%Y-%m-%d %H:%M") if at else ""


def count(number: int, noun: str) -> str:
    """A number with its noun: 1 host, 2,000 hosts."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _draw_line(cells: Sequence[str], widths: Sequence[int]) -> str:
    shown = (cell if not width else _cut(cell, width).ljust(width) for cell, width in zip(cells, widths, strict=True))
    return GAP.join(shown).rstrip() + "\n"


def _cut(cell: str, width: int) -> str:
    return cell if len(cell) <= width else cell[: width - 1] + "…"
