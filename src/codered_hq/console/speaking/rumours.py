"""Rumours: what is said, by whom, and what is true."""

from http import HTTPStatus
from typing import Any

from django.db.models import Case, IntegerField, Value, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from codered.model.errors import WrongUse
from codered_hq.console.acting import action, page
from codered_hq.console.crisis.answering import cut_page, need_incident, send_on
from codered_hq.console.speaking.filling import fill
from codered_hq.console.speaking.forms import AnswerForm, RumourForm
from codered_hq.console.viewing import Viewer
from codered_hq.incidents import rumours
from codered_hq.incidents.models import Rumour

STATES = ("open", "true", "false")
_OPEN_FIRST = Case(When(state="open", then=Value(0)), default=Value(1), output_field=IntegerField())


@page
def show_rumours(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """All of them, those that nobody looked into first, and a form for a new one."""
    return _render_list(request, viewer, RumourForm())


@page
def show_rumours_part(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Their list alone."""
    return render(request, "console/speaking/rumours_part.html", _list_context(request, viewer))


@action
def add_rumour(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Note one."""
    viewer.demand_team()
    incident, form = need_incident(viewer), RumourForm(request.POST)

    def work(said: dict[str, Any]) -> Rumour:
        return rumours.add_rumour(incident, said["heard"], said["heard_from"], viewer.speaker, viewer.at)

    made, status = fill(form, work, {"TEXT": "heard"})
    if made is None:
        return _render_list(request, viewer, form, status)
    return send_on(request, f"rumour {made.pk} noted: {made.heard}", "rumours")


@page
def show_rumour(request: HttpRequest, viewer: Viewer, number: int) -> HttpResponse:
    """One, and the form to say what is true."""
    return _render_one(request, _find(viewer, number), AnswerForm())


@action
def check_rumour(request: HttpRequest, viewer: Viewer, number: int) -> HttpResponse:
    """Say what is true. The second who says so is told what the first one found."""
    viewer.demand_team()
    need_incident(viewer)
    found, form = _find(viewer, number), AnswerForm(request.POST)
    if found.state != "open":
        return _render_one(request, found, form, HTTPStatus.CONFLICT)

    def work(said: dict[str, Any]) -> Rumour:
        return rumours.check_rumour(found, said["true"], said["answer"], viewer.speaker, viewer.at)

    checked, status = fill(form, work, {"--answer": "answer"})
    if checked is None:
        return _render_one(request, _find(viewer, number), form, status)
    return send_on(request, f"rumour {number} is {checked.state}: {checked.answer}", "rumours")


def _find(viewer: Viewer, number: int) -> Rumour:
    if viewer.incident is None:
        raise WrongUse("no incident is chosen", advice="choose one")
    return rumours.find_rumour(viewer.incident, number)


def _render_one(
    request: HttpRequest, found: Rumour, form: AnswerForm, status: HTTPStatus = HTTPStatus.OK
) -> HttpResponse:
    return render(
        request, "console/speaking/rumour.html", {"rumour": found, "form": form, "status": status}, status=status
    )


def _render_list(
    request: HttpRequest, viewer: Viewer, form: RumourForm, status: HTTPStatus = HTTPStatus.OK
) -> HttpResponse:
    context = _list_context(request, viewer) | {"form": form}
    return render(request, "console/speaking/rumours.html", context, status=status)


def _list_context(request: HttpRequest, viewer: Viewer) -> dict[str, Any]:
    state = request.GET.get("state", "")
    rows = viewer.incident.rumours.all() if viewer.incident else Rumour.objects.none()
    if state in STATES:
        rows = rows.filter(state=state)
    paged = cut_page(request, rows.order_by(_OPEN_FIRST, "-pk"))
    writable = viewer.incident is not None and viewer.incident.closed_at is None
    return {
        "page": paged, "state": state, "states": STATES, "writable": writable, "query": request.GET.urlencode(),
    }  # fmt: skip
