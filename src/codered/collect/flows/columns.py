"""Which column of a table of flows holds what: recognised by its header, or said by the user."""

from importlib.resources import files

import msgspec

from codered.model.errors import WrongUse

MOST_COLUMNS = 512
ROLES = ("time", "source", "destination", "port", "protocol", "outcome", "source_port", "flags")
_NEEDED = ("time", "source", "destination", "port")
_DELIMITERS = (",", "\t", ";", "|", " ")


class Layout(msgspec.Struct, frozen=True):
    """How a table is read. `places` says which column (from 0) holds a role; `header`: its first line is none of its
    records.
    """

    kind: str
    delimiter: str
    places: dict[str, int]
    header: bool


class _KnownTable(msgspec.Struct, frozen=True):
    kind: str
    delimiter: str
    columns: dict[str, str]
    needs: list[str] = []
    head: str = ""


_KNOWN = msgspec.json.decode(
    (files("codered.collect.flows") / "known_tables.json").read_bytes(), type=list[_KnownTable]
)


def recognise_table(line: str) -> Layout | None:
    """The layout of a known export, by the first line of the file; None = it is none of them."""
    for known in _KNOWN:
        cells = split_cells(line, known.delimiter)
        if known.needs and all(name in cells for name in known.needs):
            places = {role: cells.index(name) for role, name in known.columns.items() if name in cells}
            return Layout(known.kind, known.delimiter, places, True)
        names = known.head.split(" ") if known.head else []
        if names and (cells == names or _is_vpc_record(cells, len(names))):
            places = {role: names.index(name) for role, name in known.columns.items()}
            return Layout(known.kind, known.delimiter, places, cells == names)
    return None


def choose_columns(text: str, line: str) -> Layout:
    """The layout that `role=column,…` says of a table that starts with this line: columns are names of its header or
    numbers from 1. Raises WrongUse.
    """
    wanted = _read_map(text)
    delimiter = max(_DELIMITERS, key=lambda one: len(split_cells(line, one)))
    cells = split_cells(line, delimiter)
    places: dict[str, int] = {}
    named = False
    for role, column in wanted.items():
        if column in cells:
            places[role], named = cells.index(column), True
        elif column.isascii() and column.isdigit() and 0 < int(column[:6]) <= min(len(cells), MOST_COLUMNS):
            places[role] = int(column) - 1
        else:
            shown = ", ".join(cells[:20])[:300]
            raise WrongUse(
                f"no column {column!r} in the table",
                where="--columns",
                advice=f"its first line has {len(cells)} columns: {shown!r}; name one or give its number",
            )
    return Layout("a flow table", delimiter, places, named)


def split_cells(line: str, delimiter: str) -> list[str]:
    """The cells of a line, without the quotes around them."""
    return [cell.strip().strip('"') for cell in line.split(delimiter, MOST_COLUMNS)]


def _read_map(text: str) -> dict[str, str]:
    wanted: dict[str, str] = {}
    for part in text.split(","):
        role, equals, column = (piece.strip() for piece in part.partition("="))
        if role not in ROLES or not equals or not column:
            raise WrongUse(
                f"{part.strip()[:60]!r} is no column of a map",
                where="--columns",
                advice=f"write time=NAME,source=NAME,destination=NAME,port=NAME; also {', '.join(ROLES[4:])}",
            )
        if role in wanted or column in wanted.values():
            raise WrongUse(
                f"{role if role in wanted else column!r} comes twice",
                where="--columns",
                advice="say each once",
            )
        wanted[role] = column
    if "outcome" not in wanted and "source_port" not in wanted:
        raise WrongUse(
            "nothing says what became of an attempt",
            where="--columns",
            advice="add outcome=NAME (answered, refused, unreachable, silent, or a word like them: docs/network.md), "
            "or source_port=NAME so that both directions of a flow can be put together (flags=NAME helps only with it)",
        )
    missing = [role for role in _NEEDED if role not in wanted]
    if missing:
        raise WrongUse(f"{' and '.join(missing)} missing", where="--columns", advice="say which column holds it")
    return wanted


def _is_vpc_record(cells: list[str], width: int) -> bool:
    return len(cells) == width and cells[0].isdigit() and cells[-1] in ("OK", "NODATA", "SKIPDATA")
