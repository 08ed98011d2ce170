"""`codered fleet take`: the report of a look at a host from outside."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from codered.cli.output import show
from codered.export.writing.escaping import printable
from codered.model.errors import ExitCode
from codered.packs.strict_yaml import read_bytes
from codered_hq.cli.entering import enter_headquarters
from codered_hq.cli.speaking import find_speaker
from codered_hq.cli.tables import count
from codered_hq.fleet.asking import settle_incident
from codered_hq.fleet.vouching import MOST_BYTES, Vouched, take_report
from codered_hq.hosts.finding import find_host


def take(given: dict[str, Any]) -> int:
    """Take it; 1 if something was found, 3 if not everything was looked at, else 0. Raises Refused, WrongUse."""
    enter_headquarters()
    raw = read_bytes(Path(given["report"]), MOST_BYTES)
    host, speaker, incident = find_host(given["host"]), find_speaker(given), settle_incident(given["incident"])
    told = take_report(host, raw, speaker, datetime.now(UTC), incident)
    show(msgspec.json.encode(told).decode() + "\n" if given["as_json"] else _tell(told))
    if told.findings or told.verdict != "clean":
        return ExitCode.INCOMPLETE if told.verdict == "incomplete" else ExitCode.FOUND
    return ExitCode.INCOMPLETE if told.gaps else ExitCode.CLEAN


def _tell(told: Vouched) -> str:
    again = "taken already: " if told.repeated else ""
    gaps = f", {count(told.gaps, 'gap')}" if told.gaps else ""
    open_now = f", {count(told.findings, 'open finding')}" if told.findings else ""
    return f"{again}{printable(told.host)}: {told.verdict}{gaps}{open_now}; it is {told.state} now\n"
