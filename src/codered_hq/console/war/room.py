"""The war room: one page that says where we stand, what waits for me, and what runs."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from codered_hq.console.acting import page
from codered_hq.console.live.topics import Look
from codered_hq.console.viewing import Viewer
from codered_hq.console.war.first_steps import list_lacking
from codered_hq.console.war.parts import gather_all
from codered_hq.console.war.standing import list_in_place
from codered_hq.console.war.tiles import find_coverage
from codered_hq.hosts.models import Host, Subnet
from codered_hq.incidents.models import Incident

MOST_BEFORE = 5


@page
def show_room(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """GET /. Without an incident: what is known, and where to declare one."""
    if viewer.incident is not None:
        return render(request, "console/war/room.html", gather_all(viewer))
    before = Incident.objects.exclude(closed_at=None).order_by("-closed_at")[:MOST_BEFORE]
    known = {
        "hosts": Host.objects.count(), "subnets": Subnet.objects.count(), "coverage": find_coverage(viewer.at, Look()),
        "infected": Host.objects.filter(state="infected").count(),
        "suspect": Host.objects.filter(state="suspect").count(),
        "held": list_in_place(viewer.at), "before": before, "lacking": list_lacking(viewer.at),
    }  # fmt: skip
    return render(request, "console/war/quiet.html", known)
