"""Observations: one thing seen, not judged."""

from collections.abc import Callable
from datetime import datetime
from typing import Literal

import msgspec

from codered.model.paths import FilePath


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


class SettingSeen(msgspec.Struct, frozen=True, kw_only=True):
    """A value of a configuration. `key` as the examined system names it, concrete (no `CurrentControlSet`), `value` its
    name (None = the key or element itself), `forms` the texts that its data may be written as (a DWORD in decimal and
    hexadecimal), `type` as packs name it. `path` is the file it stands in (None = live), `line` where (0 = no line),
    `written` when its key was last written, UTC; `hive_state` as of `model.registry.HiveSeen`; `control_set` says what
    the system uses that one for ("current", "last known good").
    """

    store: Literal["registry", "metabase", "iis_config", "file"]
    key: str
    value: str | None = None
    forms: tuple[str, ...] = ()
    type: str = "string"
    data: bytes = b""
    path: FilePath | None = None
    shown: str | None = None
    line: int = 0
    written: datetime | None = None
    hive_state: str = "clean"
    control_set: str = ""


class LogHit(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One parsed line of a web log. `time` is UTC (None: the log has none; a log without a zone is taken as UTC),
    `request` is "METHOD path?query" as sent, `line` counts from 1 (0 = not counted). `error` is the message of an error
    log, `forwarded` the X-Forwarded-For field. All texts hold one character a byte (Latin-1): they are hostile bytes.
    """

    line: int = 0
    address: str
    time: datetime | None
    request: str
    status: str
    referer: str = ""
    agent: str = ""
    forwarded: str = ""
    error: str = ""


class LogChunk(msgspec.Struct, frozen=True):
    """Whole lines of a log, and the way to read one of them: `read(start, end)` parses the line that lies there in
    `data` (None: it is not a line of this log's format). Lines must be asked for in rising order: a log may say in
    its middle how the rest is to be read.
    """

    data: bytes
    read: Callable[[int, int], LogHit | None]
