"""Notices that wait to be sent, and those that were given up."""

from typing import Final

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from codered_hq.console.desk.administering import desk_page
from codered_hq.console.viewing import Viewer
from codered_hq.incidents.models import Outgoing

PAGE = 50
STATES: Final = ("queued", "given_up", "sent")


@desk_page
def show_outbox(request: HttpRequest, viewer: Viewer) -> HttpResponse:  # noqa: ARG001 - each view takes him
    """Notices in one state, those that come next first. What they say is not shown: it may be for others."""
    state = request.GET.get("state", STATES[0])
    state = state if state in STATES else STATES[0]
    rows = Outgoing.objects.filter(state=state).defer("body").order_by("next_try", "pk")
    found = {"page": Paginator(rows, PAGE).get_page(request.GET.get("page")), "state": state, "states": STATES}
    return render(request, "console/desk/outbox.html", found)
