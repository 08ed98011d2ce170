"""Observations: one thing seen, not judged."""

from datetime import datetime

import msgspec


class Piece(msgspec.Struct, frozen=True):
    """Bytes of a file and where they start in it."""

    offset: int
    data: bytes


class FileSeen(msgspec.Struct, frozen=True, kw_only=True):
    """A file or folder as the scan met it. `path` is absolute on the machine that runs the tool, `shown` the examined
    system's own name for it, `windows` whether that is a Windows name; `size` in bytes (None = a folder).
    """

    path: bytes
    shown: str | None
    windows: bool
    size: int | None

    def system_path(self) -> str:
        """The path as the examined system names it."""
        return self.shown or self.path.decode(errors="backslashreplace")


class LogHit(msgspec.Struct, frozen=True, kw_only=True):
    """One parsed request of a web log. `time` is UTC (None: the log has none), `request` is "METHOD path?query" as
    sent, `line` counts from 1.
    """

    line: int
    address: str
    time: datetime | None
    request: str
    status: str
    referer: str = ""
    agent: str = ""
