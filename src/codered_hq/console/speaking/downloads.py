"""What is taken away from the console as a file: the status now, reports that were written, events, indicators."""

from collections.abc import Callable
from datetime import UTC
from typing import Final, NamedTuple

import msgspec
from django.http import HttpRequest, HttpResponse

from codered.model.errors import WrongUse
from codered_hq.config import headquarters_folder, read_config
from codered_hq.console.acting import page
from codered_hq.console.costly import costly
from codered_hq.console.viewing import Viewer
from codered_hq.incidents.models import Incident
from codered_hq.reporting.document import StatusReport
from codered_hq.reporting.executive import tell_executive, write_executive
from codered_hq.reporting.exporting import render_export
from codered_hq.reporting.gathering import make_status
from codered_hq.reporting.happened import gather_happenings
from codered_hq.reporting.hourly import STAMP, find_last, spell_name
from codered_hq.reporting.page import write_page
from codered_hq.reporting.printing import make_pdf
from codered_hq.reporting.text import write_text
from codered_hq.reporting.written_reports import read_written


class Form(NamedTuple):
    """A form of the status: what people call it, the end of its file's name, its type, and what makes it."""

    text: str
    ending: str
    type: str
    make: Callable[[StatusReport], bytes]


TYPES: Final = {"html": "text/html", "pdf": "application/pdf", "txt": "text/plain", "json": "application/json"}
FORMS: Final[dict[str, Form]] = {
    "pdf": Form("PDF", "pdf", TYPES["pdf"], lambda status: make_pdf(write_page(status))),
    "html": Form("HTML, one file", "html", TYPES["html"], lambda status: write_page(status).encode()),
    "text": Form("text", "txt", TYPES["txt"], lambda status: write_text(status).encode()),
    "json": Form("JSON", "json", TYPES["json"], msgspec.json.encode),
    "executive-pdf": Form("one page, PDF", "pdf", TYPES["pdf"], lambda status: make_pdf(write_executive(status))),
    "executive-html": Form("one page, HTML", "html", TYPES["html"], lambda status: write_executive(status).encode()),
    "executive-text": Form("one page, text", "txt", TYPES["txt"], lambda status: tell_executive(status).encode()),
}
_STANDARDS: Final = {"ocsf": "jsonl", "syslog": "log", "stix": "json", "cacao": "json"}


@page
@costly
def take_status(request: HttpRequest, viewer: Viewer, form: str) -> HttpResponse:
    """The status as it is now, in one of FORMS. Raises WrongUse."""
    del request
    incident, chosen = need_any_incident(viewer), FORMS.get(form)
    if chosen is None:
        raise WrongUse("is no form of a report", where=form[:40], advice=" ".join(FORMS))
    status = make_status(incident, viewer.at, find_last(incident, viewer.at))
    name = f"{form.partition('-')[0] if 'executive' in form else 'status'}-{viewer.at.astimezone(UTC):{STAMP}}"
    return send_file(chosen.make(status), chosen.type, f"{spell_name(incident.name)}-{name}.{chosen.ending}")


@page
def take_written(request: HttpRequest, viewer: Viewer, name: str) -> HttpResponse:
    """A report that was written, as it lies in headquarters' folder. Raises WrongUse."""
    del request
    content, ending = read_written(need_any_incident(viewer), name)
    return send_file(content, TYPES[ending], name)


@page
@costly
def take_export(request: HttpRequest, viewer: Viewer, form: str) -> HttpResponse:
    """What happened, in the form of a standard. Raises WrongUse."""
    del request
    incident = need_any_incident(viewer)
    happened = gather_happenings(incident, read_config(headquarters_folder()).name, viewer.at)
    text = render_export(form, happened, incident)
    name = f"{spell_name(incident.name)}-{form}-{viewer.at.astimezone(UTC):{STAMP}}.{_STANDARDS[form]}"
    return send_file(text.encode(), "application/octet-stream", name)


def need_any_incident(viewer: Viewer) -> Incident:
    """The incident that is looked at, open or closed. Raises WrongUse."""
    if viewer.incident is None:
        raise WrongUse("no incident is chosen", advice="choose one, or declare one")
    return viewer.incident


def send_file(content: bytes, kind: str, name: str) -> HttpResponse:
    """A file to be kept, never shown in the console's own origin. `name` is of letters, digits, dots and dashes."""
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'",
    }  # fmt: skip
    text = kind.startswith("text/") or kind == "application/json"
    return HttpResponse(content, content_type=f"{kind}; charset=utf-8" if text else kind, headers=headers)
