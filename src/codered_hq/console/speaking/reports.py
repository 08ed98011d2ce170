"""The status of the incident on a page, the reports that were written of it, and what can be taken away of both."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import mark_safe

from codered_hq.config import is_exercise
from codered_hq.console.acting import page
from codered_hq.console.crisis.answering import cut_page
from codered_hq.console.speaking.downloads import FORMS as NOW_FORMS
from codered_hq.console.viewing import Viewer
from codered_hq.ledger.reading import find_head
from codered_hq.reporting.charts import draw_chart
from codered_hq.reporting.curve import FINE_SPANS, make_curve
from codered_hq.reporting.document import StatusReport
from codered_hq.reporting.executive import tell_executive
from codered_hq.reporting.exporting import FORMS
from codered_hq.reporting.gathering import make_status
from codered_hq.reporting.hourly import find_last
from codered_hq.reporting.words import FIVE, name_number, name_word, tell_number, tell_reached
from codered_hq.reporting.written_reports import list_written

_TONES = {"infected": "bad", "contained": "held", "verified": "good", "not_reached": "warn", "awaiting": "warn"}
_LISTS = {
    "infected": ("hosts", "?state=infected"), "contained": ("hosts", "?state=contained"),
    "verified": ("hosts", "?state=proved"), "not_reached": ("hosts", "?reach=missed"), "awaiting": ("approvals", ""),
}  # fmt: skip


@page
def show_reports(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """What is so now, as the status report has it."""
    incident = viewer.incident
    head = find_head()
    context: dict[str, Any] = {"head": head, "forms": NOW_FORMS, "standards": FORMS, "exercise": is_exercise()}
    if incident is not None:
        paged = cut_page(request, list_written(incident))
        context |= _tell_status(make_status(incident, viewer.at, find_last(incident, viewer.at)))
        curve = make_curve(incident, viewer.at, FINE_SPANS)
        chart = mark_safe(draw_chart(curve)) if curve else ""  # noqa: S308 - numbers in escaped markup
        context |= {"page": paged, "chart": chart}
    return render(request, "console/speaking/reports.html", context)


@page
def show_due_part(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """When the next report is due."""
    del viewer
    return render(request, "console/speaking/reports_due_part.html")


def _tell_status(status: StatusReport) -> dict[str, Any]:
    numbers = [
        {
            "label": name_number(name, status), "value": getattr(status.numbers, name), "tone": _TONES[name],
            "more": tell_number(name, status), "url": _LISTS[name][0], "query": _LISTS[name][1],
        }
        for name in FIVE
    ]  # fmt: skip
    changes = [
        (name_word("numbers", each.what), each.before, each.after, f"{each.after - each.before:+,}")
        for each in status.changes
    ]
    return {
        "status": status, "numbers": numbers, "changes": changes, "reached": tell_reached(status),
        "for_executives": tell_executive(status),
    }  # fmt: skip
