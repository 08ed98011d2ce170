"""What happened, newest first: filtered, linked to what it is about, and as files for others."""

import csv
import io
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.views.decorators.cache import never_cache

from codered.export.writing.escaping import printable
from codered.model.errors import WrongUse
from codered_hq.config import headquarters_folder, read_config
from codered_hq.console.acting import page
from codered_hq.console.costly import costly
from codered_hq.console.crisis.answering import cut_page
from codered_hq.console.viewing import Viewer
from codered_hq.incidents.models import Incident
from codered_hq.ledger.models import LedgerEntry
from codered_hq.ledger.reading import read_detail
from codered_hq.reporting.happened import gather_happenings
from codered_hq.reporting.timeline import Happening, list_newest, make_timeline
from codered_hq.standards import ocsf
from codered_hq.standards.happenings import Happenings

NEWEST = 4
MOST_NEEDLE = 200
ALWAYS: Final = datetime(1970, 1, 1, tzinfo=UTC)
FORMS: Final = {"text": "text/plain", "csv": "text/csv", "ocsf": "application/x-ndjson"}
_PAGES: Final = {
    "rules": "rules", "roster": "roster", "incident": "incident", "message": "messages", "rumour": "rumours",
    "lesson": "lessons", "evidence": "evidence", "handover": "incident", "treatment": "incident", "task": "tasks",
}  # fmt: skip


class Line(NamedTuple):
    """A happening, and the page of what it is about ("" = none)."""

    happening: Happening
    link: str


@never_cache
@page
def show_timeline(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """The whole page."""
    context: dict[str, Any] = {"forms": FORMS, "asked": request.GET}
    if viewer.incident is not None:
        everything = make_timeline(viewer.incident, *_read_span(request, viewer.at)).happenings
        listed = cut_page(request, choose(everything, request)[::-1])
        context |= {"listed": listed, "lines": find_links(list(listed)), "newest": _find_newest(viewer)}
        context["kinds"] = sorted({each.kind for each in everything})
    return render(request, "console/crisis/timeline.html", context)


@never_cache
@page
def show_timeline_part(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """The newest lines, which change while one looks."""
    return render(request, "console/crisis/timeline_part.html", {"newest": _find_newest(viewer)})


@page
@costly
def export_timeline(request: HttpRequest, viewer: Viewer, form: str) -> HttpResponse:
    """What is chosen as text or CSV; OCSF is of all."""
    if viewer.incident is None or form not in FORMS:
        raise WrongUse("no incident is chosen, or there is no such form", where=form[:20], advice=" ".join(FORMS))
    if form == "ocsf":
        text = "".join(ocsf.iterate_lines(_gather(viewer.incident, viewer.at)))
    else:
        made = make_timeline(viewer.incident, *_read_span(request, viewer.at))
        text = (write_csv if form == "csv" else write_text)(choose(made.happenings, request))
    answer = HttpResponse(text, content_type=f"{FORMS[form]}; charset=utf-8")
    ending = {"text": "txt", "ocsf": "jsonl"}.get(form, form)
    answer["Content-Disposition"] = f'attachment; filename="{viewer.incident.name}-timeline.{ending}"'
    return answer


def choose(happenings: Sequence[Happening], request: HttpRequest) -> list[Happening]:
    """Those that the filters of the page leave: `kind`, `who`, `q`."""
    kind, who, words = (request.GET.get(name, "")[:MOST_NEEDLE].strip().casefold() for name in ("kind", "who", "q"))
    return [
        each
        for each in happenings
        if (not kind or each.kind.casefold() == kind)
        and (not who or who in each.who.casefold())
        and (not words or words in f"{each.what} {each.kind} {each.who}".casefold())
    ]


def find_links(happenings: Sequence[Happening]) -> list[Line]:
    """Each with the page of what it is about."""
    numbers = [each.number for each in happenings if each.number]
    entries = {row.seq: row for row in LedgerEntry.objects.filter(seq__in=numbers)}
    return [Line(each, _find_link(each, entries.get(each.number))) for each in happenings]


def write_text(happenings: Sequence[Happening]) -> str:
    """A line each, in their order."""
    return "".join(
        f"{each.at.astimezone(UTC):%Y-%m-%d %H:%M:%S} {each.kind:12} {printable(each.who or '-')}: "
        f"{printable(each.what)}\n"
        for each in happenings
    )


def write_csv(happenings: Sequence[Happening]) -> str:
    """RFC 4180; no cell begins like a formula."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(("time", "source", "kind", "who", "what", "ledger"))
    for each in happenings:
        at = each.at.astimezone(UTC).isoformat(timespec="seconds")
        writer.writerow((at, each.source, *map(_disarm, (each.kind, each.who, each.what)), each.number or ""))
    return out.getvalue()


def _disarm(cell: str) -> str:
    text = printable(cell)
    return f"'{text}" if text.lstrip().startswith(("=", "+", "-", "@")) else text


def _find_newest(viewer: Viewer) -> list[Line]:
    return find_links(list_newest(viewer.incident, viewer.at, NEWEST)) if viewer.incident else []


def _find_link(happening: Happening, entry: LedgerEntry | None) -> str:
    if entry is None:
        return reverse("hosts") if happening.source == "host" else reverse("plans")
    detail = read_detail(entry)
    if isinstance(uid := detail.get("decision"), str) and uid:
        return reverse("approval", args=[uid])
    if isinstance(number := detail.get("task"), int):
        return reverse("task", args=[number])
    if isinstance(number := detail.get("host"), int) and number > 0:
        return reverse("host", args=[number])
    return reverse(_PAGES[entry.kind]) if entry.kind in _PAGES else ""


def _read_span(request: HttpRequest, now: datetime) -> tuple[datetime, datetime]:
    """`from` and `to`, as the browser's field writes them, in UTC. Raises WrongUse."""
    return _read_time(request, "from") or ALWAYS, _read_time(request, "to") or now


def _read_time(request: HttpRequest, name: str) -> datetime | None:
    text = request.GET.get(name, "")[:40].strip()
    if not text:
        return None
    try:
        at = parse_datetime(text if len(text) > 10 else f"{text}T00:00")
    except ValueError:
        at = None
    if at is None:
        raise WrongUse("is no time", where=f"{name} {ascii(text)[1:-1]}", advice="write 2001-07-19T14:05, in UTC")
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _gather(incident: Incident, at: datetime) -> Happenings:
    return gather_happenings(incident, read_config(headquarters_folder()).name, at)
