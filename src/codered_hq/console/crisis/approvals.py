"""What waits for a yes: for whoever looks first, then for others; and what was decided lately."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from codered_hq.console.acting import page
from codered_hq.console.crisis.answering import A_PAGE, cut_page
from codered_hq.console.viewing import Viewer
from codered_hq.gate.models import Decision
from codered_hq.gate.showing import DecisionView, list_waiting, may_vote, view_decision

STATES = ("awaiting", "allowed", "taken", "refused", "vetoed", "expired", "void")
MOST_NAMED = 3  # machines of a decision in a list


class Waiting(NamedTuple):
    """A decision that waits, and whether a yes of whoever looks would help."""

    view: DecisionView
    mine: bool


@never_cache
@page
def show_approvals(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """The whole page."""
    return render(request, "console/crisis/approvals.html", {**find_waiting(viewer), **_find_decided(request, viewer)})


@never_cache
@page
def show_waiting_part(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """The part of it that changes while one looks."""
    return render(request, "console/crisis/approvals_part.html", find_waiting(viewer))


def find_waiting(viewer: Viewer) -> dict[str, Any]:
    """What waits, of every incident: nobody's decision is overlooked because another incident is looked at."""
    waiting = list_waiting(viewer.at)
    person = viewer.speaker.person
    helps = {each.pk for each in waiting if person is not None and may_vote(person, each, viewer.at)}
    mine = _view([each for each in waiting if each.pk in helps], viewer.at, True)
    others = _view([each for each in waiting if each.pk not in helps], viewer.at, False)
    return {"mine": mine, "others": others, "others_of": len(waiting) - len(helps), "mine_of": len(helps)}


def _view(decisions: list[Decision], at: datetime, mine: bool) -> list[Waiting]:
    return [Waiting(view_decision(each, at, MOST_NAMED), mine) for each in decisions[:A_PAGE]]


def _find_decided(request: HttpRequest, viewer: Viewer) -> dict[str, Any]:
    state = request.GET.get("state", "")
    rows = Decision.objects.order_by("-at", "-pk").select_related("requester")
    rows = rows.filter(state=state) if state in STATES else rows.exclude(state="awaiting")
    if viewer.incident is not None and request.GET.get("all") != "1":
        rows = rows.filter(incident__in=(viewer.incident.name, ""))
    decided = cut_page(request, rows)
    return {"decided": decided, "views": _view_all(decided, viewer.at), "states": STATES, "state": state}


def _view_all(decisions: Iterable[Decision], at: datetime) -> list[DecisionView]:
    return [view_decision(each, at, MOST_NAMED) for each in decisions]
