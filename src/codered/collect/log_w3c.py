"""The extended W3C format of IIS and others: `#Fields` says what the columns are, and may say it anew at any line."""

from collections.abc import Callable
from functools import lru_cache
from operator import itemgetter

import msgspec

from codered.collect.log_times import read_iso_time
from codered.model.observation import LogHit

FIELDS = b"#Fields:"
DATE = b"#Date:"
_WANTED = (
    (b"date",),
    (b"time",),
    (b"c-ip",),
    (b"cs-method",),
    (b"cs-uri-stem", b"cs-uri"),
    (b"cs-uri-query",),
    (b"sc-status",),
    (b"cs(referer)",),
    (b"cs(user-agent)",),
    (b"x-forwarded-for", b"cs(x-forwarded-for)"),
)
_LONGEST_REMEMBERED = 2048  # bytes of a request: a worm sends the same one from everywhere
MOST_DIRECTIVE = 4096  # bytes of a `#` line that are looked at


class Columns(msgspec.Struct, frozen=True):
    """How many columns there are, where the path stands (-1 = nowhere), and how to get all values that matter out of
    a line's values, in the order of `_WANTED`. A value that is not logged comes from behind the last one.
    """

    count: int
    address: int
    stem: int
    query: int
    has_date: bool
    has_time: bool
    pick: Callable[[list[bytes]], tuple[bytes, ...]]


def read_columns(directive: bytes) -> Columns:
    """The columns of a `#Fields:` line."""
    names = [name.lower() for name in directive[len(FIELDS) : MOST_DIRECTIVE].split()]
    found = [next((names.index(name) for name in wanted if name in names), -1) for wanted in _WANTED]
    return Columns(
        count=len(names),
        address=found[2],
        stem=found[4],
        query=found[5],
        has_date=found[0] >= 0,
        has_time=found[1] >= 0,
        pick=itemgetter(*found),
    )


class W3cReader:
    """Reads the lines of one log from its beginning, or from the middle with the directives that hold there."""

    def __init__(self, fields: bytes = b"", date: bytes = b"") -> None:
        self._columns = read_columns(fields) if fields else None
        self._date = _date_of(date)
        self._data = b""
        self._at = 0  # directives of `_data` up to here are known

    def open_chunk(self, data: bytes) -> "W3cReader":
        """Go on with the next lines; `read` then speaks of these."""
        self._learn(len(self._data))
        self._data, self._at = data, 0 if _has_directives(data) else len(data)
        if data.startswith(b"#"):
            self._take_directive(0)
        return self

    def read(self, start: int, end: int) -> LogHit | None:
        """The line at these offsets of the chunk; None if it is none."""
        if self._at < start:
            self._learn(start)
        if self._columns is None or self._data[start : start + 1] == b"#":
            return None
        return _read_line(self._data[start:end], self._columns, self._date)

    def _learn(self, until: int) -> None:
        at = self._data.find(b"\n#", self._at, until)
        while at >= 0:
            self._take_directive(at + 1)
            at = self._data.find(b"\n#", at + 2, until)
        self._at = max(self._at, until - 1)

    def _take_directive(self, start: int) -> None:
        head = self._data[start : start + MOST_DIRECTIVE].partition(b"\n")[0]
        if head.startswith(FIELDS):
            self._columns = read_columns(head)
        elif head.startswith(DATE):
            self._date = _date_of(head)


def _has_directives(data: bytes) -> bool:
    """Whether any line but the first says how to read on: asked of every chunk, the quickest test comes first."""
    return b"#" in data and (data.rfind(b"\n" + FIELDS) >= 0 or data.rfind(b"\n" + DATE) >= 0)


def _date_of(directive: bytes) -> bytes:
    return directive[len(DATE) :].split(maxsplit=1)[0] if directive[len(DATE) :].strip() else b""


def _read_line(line: bytes, columns: Columns, date: bytes) -> LogHit | None:
    values = line.split()
    if len(values) != columns.count or line[:1] == b"\0":
        again = _realign(line.lstrip(b"\0"), columns)
        if again is None:
            return None
        values = again
    values.append(b"-")  # what a column that is not logged reads
    day, clock, address, method, stem, query, status, referer, agent, forwarded = columns.pick(values)
    time = read_iso_time(day if columns.has_date else date, clock) if columns.has_time else None
    if time is None and columns.has_time and (date or columns.has_date):
        return None
    if address == b"-" or not (status.isdigit() or status == b"-"):
        return None
    short = len(method) + len(stem) + len(query) < _LONGEST_REMEMBERED
    return LogHit(
        address=address.decode("latin-1"),
        time=time,
        request=_recall_request(method, stem, query) if short else _join_request(method, stem, query),
        status=status.decode() if len(status) == 3 else "",  # any other number is none, and could be 2 MiB of digits
        referer="" if referer == b"-" else referer.decode("latin-1"),
        agent="" if agent == b"-" else agent.decode("latin-1"),
        forwarded="" if forwarded == b"-" else forwarded.decode("latin-1"),
    )


def _join_request(method: bytes, stem: bytes, query: bytes) -> str:
    whole = method + b" " + stem if query == b"-" else method + b" " + stem + b"?" + query
    return whole.decode("latin-1")


_recall_request = lru_cache(maxsize=4096)(_join_request)


def _realign(line: bytes, columns: Columns) -> list[bytes] | None:
    """The values of a line that has not one a column. An empty value leaves two spaces; a server that did not escape
    spaces in the address leaves too many: those in the middle then belong to stem and query.
    """
    values = line.split()
    surplus = len(values) - columns.count
    if surplus == 0:
        return values
    stem, query = columns.stem, columns.query
    if surplus < 0 or stem < 0:
        exact = line.rstrip(b"\r\n").split(b" ")
        return exact if len(exact) == columns.count else None
    if query == stem + 1:
        middle = values[stem : query + surplus + 1]
        return [*values[:stem], middle[0], b" ".join(middle[1:]), *values[query + surplus + 1 :]]
    return [*values[:stem], b" ".join(values[stem : stem + surplus + 1]), *values[stem + surplus + 1 :]]
