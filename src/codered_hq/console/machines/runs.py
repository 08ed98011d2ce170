"""Fleet runs: which word, of how many hosts, and what came of each."""

from typing import Any

from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse

from codered.model.errors import WrongUse
from codered_hq.console.acting import page
from codered_hq.console.machines.paging import cut
from codered_hq.console.machines.showing import show
from codered_hq.console.viewing import Viewer
from codered_hq.fleet.models import FleetRun, HostRun
from codered_hq.fleet.views import view_run, view_tasks


@page
def runs(request: HttpRequest, _viewer: Viewer) -> HttpResponse:
    """The list, the newest first."""
    return show(request, "runs.html", {"page": cut(FleetRun.objects.order_by("-started", "-pk"), request.GET, _read)})


@page
def run(request: HttpRequest, _viewer: Viewer, uid: str) -> HttpResponse:
    """One run, host by host; ?state= one state alone."""
    return show(request, "run.html", _gather(request, uid))


@page
def part_run(request: HttpRequest, _viewer: Viewer, uid: str) -> HttpResponse:
    """Its hosts alone, as they are now."""
    return show(request, "part_run.html", _gather(request, uid))


def _gather(request: HttpRequest, uid: str) -> dict[str, Any]:
    found = FleetRun.objects.filter(uid=uid[:32]).first()
    if found is None:
        raise WrongUse("there is no such run", where=uid[:8], advice="the list of runs has those there are")
    rows, state = found.hosts.order_by("host__label", "pk"), request.GET.get("state", "")
    rows = rows.filter(state=state) if state else rows
    seen = view_run(found, with_hosts=False)
    return {
        "run": seen, "counts": sorted(seen.counts.items()), "state": state, "query": request.GET.urlencode(),
        "page": cut(rows, request.GET, _read_tasks), "total": sum(seen.counts.values()),
    }  # fmt: skip


def _read_tasks(numbers: list[int]) -> list[Any]:
    some: QuerySet[HostRun] = HostRun.objects.filter(pk__in=numbers)
    return list(view_tasks(some))


def _read(numbers: list[int]) -> list[dict[str, Any]]:
    counts: dict[int, list[tuple[str, int]]] = {}
    rows = HostRun.objects.filter(run__in=numbers).order_by("state").values_list("run", "state")
    for number, state, many in rows.annotate(Count("pk")):
        counts.setdefault(number, []).append((state, many))
    known = FleetRun.objects.in_bulk(numbers)
    return [{"run": known[each], "counts": counts.get(each, [])} for each in numbers if each in known]
