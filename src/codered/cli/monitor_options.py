"""What `codered monitor` takes."""

from typing import NamedTuple

LENGTH = "72h"  # of a watch for which none was asked


class MonitorOptions(NamedTuple):
    """What the user asked `codered monitor` for."""

    words: tuple[str, ...]
    length: str
    plan: str | None
    on_finding: str
    every: str
    syslog: str | None
    jsonl: str | None
    webhook: str | None
    name: str | None
    only: bool
    install: bool
    resume: str | None
    dry_run: bool
    output: str | None
    as_json: bool
