"""The parts of the war room that are made anew when something moved; each is a fragment of its own."""

from collections.abc import Callable
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from codered_hq.console.acting import View, page
from codered_hq.console.live.topics import Look
from codered_hq.console.viewing import Viewer
from codered_hq.console.war.standing import (
    draw_curve,
    find_waits,
    list_doing,
    list_happenings,
    list_in_place,
    make_cards,
)
from codered_hq.console.war.tiles import make_tiles

MOST_TILES = 16
_Gather = Callable[[Viewer, Look], dict[str, Any]]


def gather_all(viewer: Viewer) -> dict[str, Any]:
    """What the whole room shows."""
    look = Look()
    return {name: value for gather in PARTS.values() for name, value in gather(viewer, look).items()}


def make_view(name: str) -> View:
    """The view of one part."""

    @page
    def show(request: HttpRequest, viewer: Viewer) -> HttpResponse:
        return render(request, f"console/war/{name}_part.html", PARTS[name](viewer, Look(live=True)))

    return show


def _gather_numbers(viewer: Viewer, look: Look) -> dict[str, Any]:
    return {"cards": make_cards(viewer.incident, viewer.at, look) if viewer.incident else []}


def _gather_curve(viewer: Viewer, look: Look) -> dict[str, Any]:
    return {"curve": draw_curve(viewer.incident, viewer.at, look) if viewer.incident else None}


def _gather_map(viewer: Viewer, look: Look) -> dict[str, Any]:
    tiles = make_tiles(viewer.at, look)
    gaps = sum(tile.state != "covered" for tile in tiles)
    return {"tiles": tiles[:MOST_TILES], "tiles_of": len(tiles), "gaps": gaps}


def _gather_waits(viewer: Viewer, look: Look) -> dict[str, Any]:
    return {"waits": find_waits(viewer, look)}


def _gather_doing(viewer: Viewer, _look: Look) -> dict[str, Any]:
    return {"doing": list_doing(viewer.incident, viewer.at) if viewer.incident else []}


def _gather_held(viewer: Viewer, _look: Look) -> dict[str, Any]:
    return {"held": list_in_place(viewer.at)}


def _gather_newest(viewer: Viewer, look: Look) -> dict[str, Any]:
    return {"newest": list_happenings(viewer.incident, viewer.at, look) if viewer.incident else ()}


def _gather_report(viewer: Viewer, _look: Look) -> dict[str, Any]:
    return {"next_report_at": viewer.incident.next_report_at if viewer.incident else None}


PARTS: Final[dict[str, _Gather]] = {
    "numbers": _gather_numbers, "waits": _gather_waits, "held": _gather_held, "curve": _gather_curve,
    "map": _gather_map, "doing": _gather_doing, "newest": _gather_newest, "report": _gather_report,
}  # fmt: skip
