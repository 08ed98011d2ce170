"""Which format a log is in, judged by its content, and the reader for it.

To add a format: a `read_…` function in a `log_*.py` of this room, and a line in `_LINE_READERS`.
"""

from collections.abc import Callable
from typing import Literal

from codered.collect.log_errors import read_apache_error, read_nginx_error, read_urlscan
from codered.collect.log_iis import read_iis_line
from codered.collect.log_ncsa import read_access_line
from codered.collect.log_w3c import FIELDS, W3cReader, read_columns
from codered.model.observation import LogChunk, LogHit

LogFormat = Literal["access", "w3c", "iis", "urlscan", "apache_error", "nginx_error"]
ReadLine = Callable[[bytes], LogHit | None]

BOM = b"\xef\xbb\xbf"
MOST_HEAD = 64 << 10  # bytes a format is judged by
_MOST_LINES = 40  # of these bytes that are tried
_ENOUGH = 0.5  # share of the tried lines that must be in the format
_LONGEST_TRIED = 16 << 10

_LINE_READERS: dict[LogFormat, ReadLine] = {
    "access": read_access_line,
    "iis": read_iis_line,
    "urlscan": read_urlscan,
    "nginx_error": read_nginx_error,
    "apache_error": read_apache_error,
}
# What an error log says about the server itself has no client, but proves the format just as well.
_CLIENT_OF: dict[LogFormat, tuple[bytes, bytes]] = {
    "apache_error": (b"] ", b"] [client 0.0.0.0] "),
    "nginx_error": (b"\n", b", client: 0.0.0.0, \n"),
}


def detect_format(head: bytes) -> LogFormat | None:
    """The format of a log that starts with these bytes; None if it is no web log. The last line may be cut."""
    head = head[:MOST_HEAD].removeprefix(BOM).lstrip(b"\0")
    if _has_fields(head):
        return "w3c"
    lines = [line for line in head.split(b"\n")[:_MOST_LINES] if line.strip() and len(line) <= _LONGEST_TRIED]
    if len(lines) > 1 and not head.endswith(b"\n"):
        lines.pop()  # cut by the size of the head
    return next((name for name in _LINE_READERS if _fits(name, lines)), None)


def _has_fields(head: bytes) -> bool:
    at = 0 if head.startswith(FIELDS) else head.find(b"\n" + FIELDS) + 1
    if at == 0 and not head.startswith(FIELDS):
        return False
    columns = read_columns(head[at:].partition(b"\n")[0])
    return columns.address >= 0 and columns.stem >= 0


def _fits(name: LogFormat, lines: list[bytes]) -> bool:
    found = sum(1 for line in lines if _is_line_of(name, line))
    return found > 0 and found >= len(lines) * _ENOUGH


def _is_line_of(name: LogFormat, line: bytes) -> bool:
    read = _LINE_READERS[name]
    if read(line) is not None:
        return True
    if name not in _CLIENT_OF:
        return False
    mark, client = _CLIENT_OF[name]
    return b"client" not in line and read((line + b"\n").replace(mark, client, 1)) is not None


class LineReader:
    """Reads the lines of a format in which every line speaks for itself."""

    def __init__(self, read_line: ReadLine) -> None:
        self._read_line = read_line
        self._data = b""

    def open_chunk(self, data: bytes) -> "LineReader":
        """Go on with the next lines; `read` then speaks of these."""
        self._data = data
        return self

    def read(self, start: int, end: int) -> LogHit | None:
        """The line at these offsets of the chunk; None if it is none."""
        return self._read_line(self._data[start:end])


def make_reader(name: LogFormat, fields: bytes = b"", date: bytes = b"") -> LineReader | W3cReader:
    """A reader for one pass over a log. `fields` and `date` are the directives that hold where it starts (W3C only)."""
    return W3cReader(fields, date) if name == "w3c" else LineReader(_LINE_READERS[name])


def parse_line(name: LogFormat, line: bytes, fields: bytes = b"", date: bytes = b"") -> LogHit | None:
    """One line alone; None if it is not in that format."""
    return make_reader(name, fields, date).open_chunk(b"\n" + line).read(1, len(line) + 1)


def make_chunk(reader: LineReader | W3cReader, data: bytes) -> LogChunk:
    """The next lines of a log, readable by their offsets. The chunk before it is done with then."""
    return LogChunk(data, reader.open_chunk(data).read)
