"""Subnets: what the sweeps reached in each, why not, and who is in there."""

from collections.abc import Sequence
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from codered.model.errors import WrongUse
from codered_hq.console.acting import page
from codered_hq.console.live.caching import keep
from codered_hq.console.live.topics import Look
from codered_hq.console.viewing import Viewer
from codered_hq.console.war.tiles import Tile, find_coverage, make_tiles
from codered_hq.hosts.models import AddressUse, Subnet
from codered_hq.sweeps.coverage import MAX_AGE
from codered_hq.sweeps.models import Sweep, SweptBlock

PER_PAGE = 50
LONGEST = 80
MOST_SWEEPS = 10
SHOWN = ("missed", "partly", "covered", "infected")


@page
def list_subnets(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """GET /subnets/?q=&state=&page=: the map and the list, those with infected hosts first."""
    return render(request, "console/war/subnets.html", _gather(request, viewer, Look()))


@page
def show_part(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """The same list alone, after something moved."""
    return render(request, "console/war/subnets_part.html", _gather(request, viewer, Look(live=True)))


@page
def show_subnet(request: HttpRequest, viewer: Viewer, pk: int) -> HttpResponse:
    """GET /subnets/NUMBER/: one subnet, its addresses by what became of them, its hosts, and who swept it when."""
    subnet = Subnet.objects.select_related("zone", "owner").filter(pk=pk).first()
    if subnet is None:
        raise WrongUse("no such subnet", where=str(pk), advice="choose one of the list")
    look = Look()
    tile = next((each for each in make_tiles(viewer.at, look) if each.number == pk), None)
    uses = AddressUse.objects.filter(current=True, number__gte=subnet.first, number__lte=subnet.last)
    context = {
        "subnet": subnet, "tile": tile, "counts": _count(tile),
        "uses": _cut(request, uses.select_related("host", "host__owner").order_by("number", "host__label")),
        "sweeps": keep(("sweeps of", pk), ("coverage",), lambda: _find_sweeps(subnet), look),
        "said": sorted(subnet.said.items()) if isinstance(subnet.said, dict) else [],
        "max_age_hours": int(MAX_AGE.total_seconds() // 3600),
    }  # fmt: skip
    return render(request, "console/war/subnet.html", context)


def _gather(request: HttpRequest, viewer: Viewer, look: Look) -> dict[str, Any]:
    query, state = request.GET.get("q", "").strip()[:LONGEST], request.GET.get("state", "")
    if state and state not in SHOWN:
        raise WrongUse("is no state of a subnet", where=state[:LONGEST], advice=f"choose one of {', '.join(SHOWN)}")
    tiles = make_tiles(viewer.at, look)
    tallies = {name: sum(_is(tile, name) for tile in tiles) for name in SHOWN}
    fit = [tile for tile in tiles if (not state or _is(tile, state)) and _fits(tile, query.casefold())]
    coverage = find_coverage(viewer.at, look)
    return {
        "page": _cut(request, fit), "q": query, "state": state, "tallies": tallies, "all_of": len(tiles),
        "missing": sum(tile.missing for tile in tiles), "addresses": sum(tile.covered.total for tile in tiles),
        "outside": coverage.outside[:PER_PAGE], "outside_of": len(coverage.outside), "query": request.GET.urlencode(),
    }  # fmt: skip


def _is(tile: Tile, state: str) -> bool:
    return tile.infected > 0 if state == "infected" else tile.state == state


def _fits(tile: Tile, query: str) -> bool:
    known = tile.covered
    words = (known.range, known.name, known.site, known.zone, known.owner)
    return not query or any(query in text.casefold() for text in words)


def _cut(request: HttpRequest, found: "Sequence[Any] | QuerySet[Any]") -> "Page[Any]":
    return Paginator(found, PER_PAGE).get_page(request.GET.get("page"))


def _count(tile: Tile | None) -> list[tuple[str, int, str]]:
    """Its addresses by what became of them, each with the reason if there is one."""
    counts = tile.covered.counts if tile else {}
    reasons = tile.covered.reasons if tile else {}
    names = [*counts, *(name for name in reasons if name not in counts)]
    return [(name, counts.get(name, 0), reasons.get(name, "")) for name in names]


def _find_sweeps(subnet: Subnet) -> list[Sweep]:
    """The newest sweeps that heard of its addresses. A block is 256 addresses: it may begin before the subnet does."""
    begin = f"{int(subnet.first, 16) & ~0xFF:0{len(subnet.first)}x}"
    touched = SweptBlock.objects.filter(first__gte=begin, first__lte=subnet.last).values("sweep")
    heard = Q(addresses__number__gte=subnet.first, addresses__number__lte=subnet.last)
    told = Sweep.objects.filter(Q(pk__in=touched) | Q(pk__in=Sweep.objects.filter(heard).values("pk")))
    return list(told.defer("job", "permit").order_by("-started")[:MOST_SWEEPS])
