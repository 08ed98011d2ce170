"""The extended W3C format of IIS and others: `#Fields` says what the columns are, and may say it anew at any line."""

import msgspec

from codered.collect.log_times import read_iso_time
from codered.model.observation import LogHit

FIELDS = b"#Fields:"
DATE = b"#Date:"
MOST_DIRECTIVE = 4096  # bytes of a `#` line that are looked at


class Columns(msgspec.Struct, frozen=True):
    """How many columns there are, and in which each value stands; -1 = it is not logged."""

    count: int
    date: int
    time: int
    address: int
    method: int
    stem: int
    query: int
    status: int
    referer: int
    agent: int
    forwarded: int


def read_columns(directive: bytes) -> Columns:
    """The columns of a `#Fields:` line."""
    names = [name.lower() for name in directive[len(FIELDS) : MOST_DIRECTIVE].split()]

    def find(*wanted: bytes) -> int:
        return next((names.index(name) for name in wanted if name in names), -1)

    return Columns(
        count=len(names),
        date=find(b"date"),
        time=find(b"time"),
        address=find(b"c-ip"),
        method=find(b"cs-method"),
        stem=find(b"cs-uri-stem", b"cs-uri"),
        query=find(b"cs-uri-query"),
        status=find(b"sc-status"),
        referer=find(b"cs(referer)"),
        agent=find(b"cs(user-agent)"),
        forwarded=find(b"x-forwarded-for", b"cs(x-forwarded-for)"),
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
        self._learn(start)
        if self._columns is None:
            return None
        line = self._data[start:end]
        if line[:1] == b"#":
            return None
        return _read_line(line, self._columns, self._date)

    def _learn(self, until: int) -> None:
        if self._at >= until:
            return
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
    values = _split(line, columns)
    if values is None:
        return None
    values.append(b"-")  # what a column of -1 reads
    status = values[columns.status]
    address = values[columns.address]
    time = None
    if columns.time >= 0:
        time = read_iso_time(date if columns.date < 0 else values[columns.date], values[columns.time])
        if time is None and (date or columns.date >= 0):
            return None
    if address == b"-" or not (status.isdigit() or status == b"-"):
        return None
    return LogHit(
        address=address.decode("latin-1"),
        time=time,
        request=_join_request(values[columns.method], values[columns.stem], values[columns.query]),
        status=_read_text(status),
        referer=_read_text(values[columns.referer]),
        agent=_read_text(values[columns.agent]),
        forwarded=_read_text(values[columns.forwarded]),
    )


def _join_request(method: bytes, stem: bytes, query: bytes) -> str:
    whole = method + b" " + stem if query == b"-" else method + b" " + stem + b"?" + query
    return whole.decode("latin-1")


def _read_text(value: bytes) -> str:
    return "" if value == b"-" else value.decode("latin-1")


def _split(line: bytes, columns: Columns) -> list[bytes] | None:
    """The values, one a column. An empty value leaves two spaces; a server that did not escape spaces in the address
    leaves too many: those in the middle then belong to stem and query.
    """
    values = line.lstrip(b"\0").split()
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
