"""CSV: of hosts, subnets, owners, zones or scan points. The header says which; `;`, tab and `|` part cells as well."""

import csv
from collections.abc import Iterator
from functools import cache
from typing import Final

import msgspec

from codered.model.errors import WrongUse
from codered_hq.importing.harvest import Harvest
from codered_hq.importing.records import add_record, field_names
from codered_hq.importing.source_files import SourceFile
from codered_hq.importing.values import read_data, show

SEPARATORS: Final = (",", ";", "\t", "|")
MOST_COLUMNS = 200
_FORMULA = ("'=", "'+", "'-", "'@")
_KEYS: Final[dict[str, frozenset[str]]] = {
    "hosts": frozenset({"address", "mac", "name"}),
    "subnets": frozenset({"range"}),
    "owners": frozenset({"mail", "phone", "department"}),
    "zones": frozenset({"kind"}),
    "scan_points": frozenset({"engine", "minion"}),
}
_ALSO: Final[dict[str, str]] = {"owners": "name", "zones": "name", "scan_points": "zone"}


@cache
def _read_columns() -> dict[str, dict[str, list[str]]]:
    return msgspec.json.decode(read_data("columns.json"), type=dict[str, dict[str, list[str]]])


def is_csv(lines: list[str]) -> bool:
    """Whether the first line is a header that is known."""
    header = next((line for line in lines if line.strip()), "")
    return bool(_find_kinds(_split_header(header)))


def read_csv(source: SourceFile, harvest: Harvest) -> None:
    """Take all rows. Raises WrongUse if the header is not known or fits several kinds alike."""
    rows = read_rows(source, harvest)
    _, header = next(rows, ("", []))
    kinds = _find_kinds(header)
    if not kinds:
        advice = "name the columns as the fields of hosts, subnets, owners, zones or scan points are named"
        raise WrongUse("no header that is known", where=source.name, advice=advice)
    best = max(len(found) for found in kinds.values())
    fitting = [kind for kind, found in kinds.items() if len(found) == best]
    if len(fitting) > 1:
        advice = "name one more column that only one of them has"
        raise WrongUse(f"may be {' or '.join(fitting)}", where=f"{source.name}:1", advice=advice)
    kind, columns = fitting[0], kinds[fitting[0]]
    if others := [show(name) for at, name in enumerate(header) if at not in columns and name]:
        harvest.note("header", f"read as {kind}; columns not taken: {', '.join(others[:MOST_COLUMNS])}")
    for where, row in rows:
        if len(row) > len(header) and any(row[len(header) :]):
            harvest.skip(where, "more cells than the header has columns")
        fields = {name: row[at].strip() for at, name in columns.items() if at < len(row)}
        if mask := fields.pop("mask", ""):
            fields["range"] = f"{fields.get('range', '')} {mask}" if fields.get("range") else ""
        if any(fields.values()):
            add_record(harvest, kind, fields, where)


def read_rows(source: SourceFile, harvest: Harvest) -> Iterator[tuple[str, list[str]]]:
    """Where each row stands, and its cells; the header first. Blank lines and PowerShell's #TYPE are passed over."""
    lines = _Lines(source, harvest)
    first = next((line for line in lines if line.strip() and not line.startswith(("#TYPE", "sep="))), "")
    yield f"line {lines.number}", _split_header(first)
    reader = csv.reader(lines, delimiter=_find_separator(first))
    while True:
        begin = lines.number + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            harvest.skip(_say_lines(begin, lines.number), f"not CSV: {error}; an open quote?")
            continue
        if any(row):
            yield _say_lines(begin, lines.number), [_undo_guard(cell) for cell in row]


class _Lines(Iterator[str]):
    """The lines for the csv module; `number` is that of the last one."""

    def __init__(self, source: SourceFile, harvest: Harvest) -> None:
        self._lines = source.lines()
        self._harvest = harvest
        self.number = 0

    def __next__(self) -> str:
        self.number, line = next(self._lines)
        if line is None:
            self._harvest.skip(f"line {self.number}", "too long a line")
            return "\n"
        return line.replace("\0", "\ufffd") + "\n"


def _say_lines(first: int, last: int) -> str:
    return f"line {first}" if last <= first else f"lines {first} to {last}"


def _undo_guard(cell: str) -> str:
    """Spreadsheets are kept from running a cell by a leading '; ours have it where it was needed."""
    return cell[1:] if cell.startswith(_FORMULA) else cell


def _split_header(line: str) -> list[str]:
    try:
        cells = next(csv.reader([line.strip("\r\n")], delimiter=_find_separator(line)), [])
    except csv.Error:
        return []
    return [_plain(cell) for cell in cells[:MOST_COLUMNS]]


def _find_separator(line: str) -> str:
    return max(SEPARATORS, key=line.count)


def _plain(name: str) -> str:
    return " ".join(name.lower().replace("_", " ").replace("-", " ").split())


def _find_kinds(header: list[str]) -> dict[str, dict[int, str]]:
    """Kinds that the header may be of -> place of a column -> its field. A field is taken from its first column."""
    kinds = {}
    for kind, aliases in _read_columns().items():
        found: dict[int, str] = {}
        names = {_plain(name): name for name in field_names(kind)}
        names |= {alias: field for field, others in aliases.items() for alias in others}
        for at, name in enumerate(header):
            if (field := names.get(name)) and field not in found.values():
                found[at] = field
        taken = set(found.values())
        if taken & _KEYS[kind] and (kind not in _ALSO or _ALSO[kind] in taken):
            kinds[kind] = found
    return kinds
