"""The list of hosts: filtered, sorted, exported, and what is done with those that were ticked."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse

from codered.model.errors import WrongUse
from codered.model.job import ScanWish
from codered_hq.console.acting import STATUSES, action, page
from codered_hq.console.costly import costly
from codered_hq.console.machines.filtering import PROVED, SORTS, STATES, HostFilter, find_hosts, read_filter
from codered_hq.console.machines.findings import list_packs
from codered_hq.console.machines.host_rows import read_hosts, write_csv
from codered_hq.console.machines.paging import cut
from codered_hq.console.machines.showing import go_to, show
from codered_hq.console.viewing import Viewer
from codered_hq.fleet.orders import Wish
from codered_hq.fleet.planning import find_owed, find_reports, note_left_out
from codered_hq.fleet.starting import begin_once
from codered_hq.hosts.models import CRITICALITIES, Host, Tag

MOST_CHOICES = 200
MOST_TICKED = 500
MOST_CONTAINED = 50
"""Hosts of one question to the gate: a person has to read what it comes to."""


@page
def hosts(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """The list."""
    context: dict[str, Any] = {"choices": list_choices(), "sorts": SORTS.items(), "query": _write_query(request.GET)}
    try:
        asked = read_filter(request.GET)
        found = find_hosts(asked, viewer.incident)
    except WrongUse as error:
        typed = {name: request.GET.get(name, "") for name in HostFilter._fields}
        return show(request, "hosts.html", context | {"asked": typed, "problem": error}, STATUSES[WrongUse])
    context |= {"asked": asked._asdict(), "page": cut(found, request.GET, read_hosts), "known": count_states()}
    return show(request, "hosts.html", context)


@page
def part_hosts(request: HttpRequest, _viewer: Viewer) -> HttpResponse:
    """How many hosts are in which state: a part of the list that changes by itself."""
    return show(request, "part_hosts.html", {"known": count_states()})


@page
@costly
def export_hosts(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """All that fit, as CSV."""
    numbers = list(find_hosts(read_filter(request.GET), viewer.incident).values_list("pk", flat=True))
    answer = HttpResponse(write_csv(numbers), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="hosts-{viewer.at:%Y%m%dT%H%M%SZ}.csv"'
    return answer


@action
def choose_hosts(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """What is to be done with those that were ticked, or with all that fit."""
    viewer.demand_team()
    chosen, wanted = _read_chosen(request, viewer), request.POST.get("do", "")
    if wanted == "contain":
        if len(chosen) > MOST_CONTAINED:
            what = f"these are {len(chosen):,} hosts: at most {MOST_CONTAINED} are cut off with one question"
            raise WrongUse(what, where="contain", advice="tick fewer, or cut off their VLAN or subnet")
        return go_to(f"{reverse('contain')}?{urlencode([('host', host.pk) for host in chosen])}")
    if wanted not in ("scan", "plan"):
        raise WrongUse("is nothing that can be done with hosts", where=wanted[:40], advice="scan, plan or contain")
    return _begin(request, viewer, chosen, wanted)


def _begin(request: HttpRequest, viewer: Viewer, chosen: list[Host], word: str) -> HttpResponse:
    incident = viewer.incident.name if viewer.incident and viewer.incident.closed_at is None else ""
    if word == "scan":
        run, fresh = begin_once("scan", chosen, Wish(scan=ScanWish(), incident=incident), viewer.at)
    else:
        found = find_reports(chosen)
        ready = [host for host in chosen if host.pk in found.documents]
        if not ready:
            why = found.left_out[0].why if found.left_out else "no host was chosen"
            raise WrongUse(f"there is nothing to plan: {why}", where=chosen[0].label, advice="scan first")
        run, fresh = begin_once("plan", ready, Wish(incident=incident), viewer.at, found.documents)
        if fresh:
            note_left_out(run, find_owed(found.left_out, named=True), viewer.at)
    number = run.hosts.count()
    told = f"{word} of {number:,} host{'' if number == 1 else 's'}: the worker of headquarters carries it out"
    messages.success(request, told if fresh else f"the same {word} is under way already")
    return go_to(reverse("run", args=[run.uid]))


def list_choices() -> dict[str, list[str]]:
    """What the selects of the filter offer."""
    sites = Host.objects.exclude(site="").order_by("site").values_list("site", flat=True).distinct()
    return {
        "state": [*(name for name in STATES if name != PROVED), PROVED],
        "criticality": [name for name, _ in CRITICALITIES],
        "tag": list(Tag.objects.order_by("name").values_list("name", flat=True)[:MOST_CHOICES]),
        "site": list(sites[:MOST_CHOICES]), "pack": list_packs(),
    }  # fmt: skip


def count_states() -> list[tuple[str, int]]:
    """How many hosts are in each state, the worst first."""
    counts = dict(Host.objects.order_by().values_list("state").annotate(Count("pk")))
    order = ("infected", "suspect", "contained", "cleaned", "verified", "watch", "closed", "unknown")
    return [(state, counts[state]) for state in order if counts.get(state)]


def _read_chosen(request: HttpRequest, viewer: Viewer) -> list[Host]:
    if request.POST.get("all") == "yes":
        asked = read_filter(QueryDict(request.POST.get("query", "")[:4096]))
        chosen = list(find_hosts(asked, viewer.incident))
        if str(len(chosen)) != request.POST.get("total", ""):
            what = f"{len(chosen):,} hosts fit now, not as many as you were shown; nothing was done"
            raise WrongUse(what, where="hosts", advice="look at the list again")
    else:
        ticked = [text for text in request.POST.getlist("host")[:MOST_TICKED] if text.isascii() and text.isdecimal()]
        chosen = list(Host.objects.filter(pk__in=[int(text[:12]) for text in ticked]).order_by("label", "pk"))
    if not chosen:
        raise WrongUse("no host is ticked", where="hosts", advice="tick some, then choose what is to be done")
    return chosen


def _write_query(query: QueryDict) -> str:
    copy = query.copy()
    copy.pop("page", None)
    return copy.urlencode()
