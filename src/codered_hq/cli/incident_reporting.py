"""`codered incident status`: how it stands, as text, page, PDF or JSON; with --executive as one page for a board."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from codered.cli.output import check_place, say, show, write_whole
from codered.export.writing.escaping import printable
from codered.model.errors import ExitCode
from codered_hq.cli.entering import enter_headquarters
from codered_hq.containment.settling import hear
from codered_hq.incidents.current import find_incident
from codered_hq.reporting.document import StatusReport
from codered_hq.reporting.executive import tell_executive, write_executive
from codered_hq.reporting.gathering import make_status
from codered_hq.reporting.hourly import find_last
from codered_hq.reporting.page import write_page
from codered_hq.reporting.printing import check_printing, make_pdf
from codered_hq.reporting.text import write_text
from codered_hq.reporting.writing import write_bytes


def status(given: dict[str, Any]) -> int:
    """Words: name ("" = the open one), pdf and html (files, "" = none), as_json, executive. Exits with 1 while hosts
    are infected, suspected or contained, else 3 if something was not looked at, else 0.
    """
    _check(given)
    for line in hear(enter_headquarters().folder):  # what the keeper did; no device is waited for
        say(f"codered: {printable(line)}")
    at = datetime.now(UTC)
    incident = find_incident(str(given.get("name") or ""))
    found = make_status(incident, at, find_last(incident, at))
    _write_pages(write_executive(found) if given.get("executive") else write_page(found), given, found)
    if given.get("as_json"):
        show(msgspec.json.encode(found).decode() + "\n")
    elif not (given.get("pdf") or given.get("html")):
        show(tell_executive(found) if given.get("executive") else write_text(found))
    return judge(found)


def executive(given: dict[str, Any]) -> int:
    """The same as one page for people who decide."""
    return status({**given, "executive": True})


def judge(found: StatusReport) -> int:
    """The exit code: absence of an answer is never clean."""
    numbers = found.numbers
    if numbers.infected or numbers.suspect or numbers.contained:
        return ExitCode.FOUND
    if numbers.not_reached or numbers.partly or not found.coverage_complete:
        return ExitCode.INCOMPLETE
    return ExitCode.CLEAN


def _check(given: dict[str, Any]) -> None:
    """Refused before the work is done."""
    for path in filter(None, (given.get("pdf"), given.get("html"))):
        check_place(str(path))
    if given.get("pdf"):
        check_printing()


def _write_pages(page: str, given: dict[str, Any], found: StatusReport) -> None:
    if given.get("html"):
        write_whole(str(given["html"]), page)
        say(f"codered: {given['html']} written ({found.tlp})")
    if given.get("pdf"):
        write_bytes(Path(str(given["pdf"])), make_pdf(page))
        say(f"codered: {given['pdf']} written ({found.tlp})")
