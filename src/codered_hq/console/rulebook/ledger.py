"""The ledger as people look through it: filtered, entry by entry, proved, and taken away whole."""

import json
from datetime import UTC
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from codered.export.writing.escaping import legible
from codered.model.errors import WrongUse
from codered_hq.console.acting import action, page
from codered_hq.console.costly import costly
from codered_hq.console.crisis.answering import cut_page
from codered_hq.console.speaking.downloads import send_file
from codered_hq.console.viewing import Viewer
from codered_hq.hosts.models import TEXT
from codered_hq.ledger.models import LedgerEntry
from codered_hq.ledger.reading import find_head, iterate_lines, verify_ledger
from codered_hq.ledger.writing import ENTRY_KINDS
from codered_hq.reporting.hourly import STAMP

_DIGITS = frozenset("0123456789abcdef")


@page
def show_ledger(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """All entries, the newest first, by kind, incident, person and words."""
    del viewer
    kind, who, incident, text = (request.GET.get(name, "").strip()[:TEXT] for name in ("kind", "who", "of", "q"))
    rows = LedgerEntry.objects.defer("body").order_by("-seq")
    if kind in ENTRY_KINDS:
        rows = rows.filter(kind=kind)
    if incident:
        rows = rows.filter(incident=incident)
    if who:
        rows = rows.filter(who__icontains=who)
    if text:
        rows = rows.filter(Q(what__icontains=text) | Q(hash__startswith=text.lower()))
    context = {
        "page": cut_page(request, rows), "kinds": ENTRY_KINDS, "kind": kind, "who": who, "of": incident, "q": text,
        "head": find_head(),
    }  # fmt: skip
    return render(request, "console/rulebook/ledger.html", context)


@page
def show_entry(request: HttpRequest, viewer: Viewer, number: int) -> HttpResponse:
    """One entry with all that it tells, and what proves it."""
    del viewer
    found = LedgerEntry.objects.filter(seq=number).first()
    if found is None:
        raise WrongUse("no such entry", where=f"{number}", advice="the ledger shows them")
    context = {"entry": found, "lines": _lay_out(found.body)}
    return render(request, "console/rulebook/entry.html", context)


@action
@costly
def verify(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Walk along the whole chain; with a `head` that was published, also for an end that was cut off."""
    del viewer
    said = request.POST.get("head", "").strip().lower()
    if said and (len(said) != 64 or not _DIGITS.issuperset(said)):
        raise WrongUse(
            "is no head of a ledger", where=legible(said, 80), advice="64 digits: it stands on each status report"
        )
    context = {"verdict": verify_ledger(said), "said": said, "head": find_head()}
    return render(request, "console/rulebook/verdict.html", context)


@page
@costly
def take_ledger(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """The whole ledger as JSON lines: a part of a chain proves nothing."""
    del request
    name = f"ledger-{viewer.at.astimezone(UTC):{STAMP}}.jsonl"
    return send_file("".join(iterate_lines()).encode(), "application/octet-stream", name)


def _lay_out(body: str) -> list[str]:
    """The JSON of an entry in lines; as it is if it can't be read."""
    try:
        told: Any = json.loads(body)
    except ValueError:
        return [legible(body, 100_000)]
    return [legible(line, 100_000) for line in json.dumps(told, indent=2, ensure_ascii=False).splitlines()]
