"""Observations: one thing seen, not judged."""

from datetime import datetime

import msgspec


class FileSeen(msgspec.Struct, frozen=True, kw_only=True):
    """A file's place and metadata, as the scan met it. `rel` is the path below the target's root; size in bytes."""

    rel: bytes
    size: int
    mode: int
    mtime_ns: int


class LogHit(msgspec.Struct, frozen=True, kw_only=True):
    """One parsed request of a web log. `time` is UTC (None: the log has none), `request` is "METHOD path?query" as
    sent, `line` counts from 1."""

    line: int
    address: str
    time: datetime | None
    request: str
    status: str
    referer: str = ""
    agent: str = ""
