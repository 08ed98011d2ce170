"""Evidence of hosts that was saved: where it lies, the head of its custody chain, and whether anybody read it."""

from http import HTTPStatus
from typing import Any

from django import forms
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from codered.model.errors import CodeRedError, WrongUse
from codered_hq.accounts.auditing import note_view
from codered_hq.console.acting import action, page
from codered_hq.console.crisis.answering import cut_page, find_status, need_incident, send_on
from codered_hq.console.crisis.forms import PlainForm
from codered_hq.console.speaking.filling import fill
from codered_hq.console.viewing import Viewer
from codered_hq.hosts.finding import find_host
from codered_hq.hosts.models import TEXT
from codered_hq.incidents.evidence_records import Saved, read_again, record_evidence
from codered_hq.incidents.models import EvidenceRecord

MOST_HASHES = 50
_PLACES = {"--container": "container", "--head": "head"}


class EvidenceForm(PlainForm):
    """A container that lies elsewhere."""

    host = forms.CharField(max_length=TEXT, help_text="Name, address or #NUMBER")
    container = forms.CharField(
        max_length=TEXT, label="Where it lies", help_text="Its id, or its path on another machine"
    )
    head = forms.CharField(
        required=False, max_length=64, label="Head of its custody chain",
        help_text="64 digits: codered evidence verify prints it; empty: not known",
    )  # fmt: skip


@page
def show_evidence(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """All records, the newest first. Looking is noted."""
    text, kind = request.GET.get("q", "").strip()[:TEXT], request.GET.get("checked", "")
    rows = EvidenceRecord.objects.select_related("host", "incident").order_by("-pk")
    if text:
        rows = rows.filter(Q(host__label__icontains=text) | Q(container__icontains=text) | Q(who__icontains=text))
    if kind in ("yes", "no"):
        rows = rows.filter(checked=kind == "yes")
    note_view(viewer.name, "evidence", "the list", viewer.at)
    paged = cut_page(request, rows)
    writable = viewer.incident is not None and viewer.incident.closed_at is None
    context = {"page": paged, "q": text, "checked": kind, "writable": writable}
    return render(request, "console/rulebook/evidence.html", context)


@page
def show_new_record(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """The form for a container that lies elsewhere."""
    return _render_new(request, viewer, EvidenceForm(initial={"host": request.GET.get("host", "")[:TEXT]}))


@action
def add_record(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Note it; nobody read it, and the page says so."""
    viewer.demand_team()
    incident, form = need_incident(viewer), EvidenceForm(request.POST)

    def work(said: dict[str, Any]) -> EvidenceRecord:
        host, saved = find_host(said["host"]), Saved(said["container"], said["head"], elsewhere=True)
        return record_evidence(incident, host, saved, viewer.speaker, viewer.at)

    made, status = fill(form, work, _PLACES)
    if made is None:
        return _render_new(request, viewer, form, status)
    return send_on(request, f"noted for {made.host.label}, NOT checked: {made.container}", "evidence-record", made.pk)


@page
def show_record(request: HttpRequest, viewer: Viewer, number: int) -> HttpResponse:
    """One record. Looking is noted."""
    found = _find(number)
    note_view(viewer.name, "evidence", _name(found), viewer.at)
    return render(request, "console/rulebook/evidence_record.html", {"record": found})


@action
def read_chain(request: HttpRequest, viewer: Viewer, number: int) -> HttpResponse:
    """Read the custody chain of a container that lies here once more, and show what is so. It changes nothing."""
    viewer.demand_team()
    found, context, status = _find(number), dict[str, Any](), 200
    note_view(viewer.name, "custody chain", _name(found), viewer.at)
    try:
        hashes = read_again(found)
        since = len(hashes) - 1 - hashes.index(found.head)
        context = {"hashes": hashes[-MOST_HASHES:], "entries": len(hashes), "since": since}
    except CodeRedError as error:
        context, status = {"problem": error}, find_status(error)
    return render(request, "console/rulebook/evidence_record.html", {"record": found, **context}, status=status)


def _find(number: int) -> EvidenceRecord:
    found = EvidenceRecord.objects.select_related("host", "incident").filter(pk=number).first()
    if found is None:
        raise WrongUse("no such record of evidence", where=f"{number}", advice="the list shows them")
    return found


def _name(found: EvidenceRecord) -> str:
    return f"record {found.pk} of {found.host.label}"


def _render_new(
    request: HttpRequest, viewer: Viewer, form: EvidenceForm, status: HTTPStatus = HTTPStatus.OK
) -> HttpResponse:
    writable = viewer.incident is not None and viewer.incident.closed_at is None
    context = {"form": form, "writable": writable}
    return render(request, "console/rulebook/evidence_new.html", context, status=status)
