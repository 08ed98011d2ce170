"""The crisis team: who has which role, who answers, who can prove himself, and what is missing."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from codered.model.errors import CodeRedError
from codered_hq.console.acting import page
from codered_hq.console.crisis.answering import find_status
from codered_hq.console.crisis.forms import AssignForm, PersonForm
from codered_hq.console.viewing import Viewer
from codered_hq.incidents.appointing import find_appointers
from codered_hq.incidents.calling import find_silent
from codered_hq.incidents.models import Incident, Person
from codered_hq.incidents.roster import view_roster


@never_cache
@page
def show_roster(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """The whole page."""
    return draw_roster(request, viewer)


def draw_roster(
    request: HttpRequest, viewer: Viewer, problem: CodeRedError | None = None, **forms: Any
) -> HttpResponse:
    """The page as things are now; `forms` (assign, person) keep what was typed."""
    incident = find_scope(viewer)
    views = view_roster(incident, viewer.at)
    holders = find_appointers(incident, viewer.at)
    speaker = viewer.speaker.person
    people = Person.objects.filter(active=True).order_by("name").prefetch_related("console")
    context = {
        "roles": views, "gaps": [view for view in views if view.gap], "silent": find_silent(incident, viewer.at),
        "people": [(person, _tell_proofs(person)) for person in people], "scope": incident, "problem": problem,
        "appointers": list(Person.objects.filter(pk__in=holders).order_by("name")),
        "may": speaker is not None, "may_appoint": speaker is not None and (not holders or speaker.pk in holders),
        "assign": forms.get("assign") or AssignForm(), "person": forms.get("person") or PersonForm(),
    }  # fmt: skip
    status = find_status(problem) if problem else 400 if forms else 200
    return render(request, "console/crisis/roster.html", context, status=status)


def find_scope(viewer: Viewer) -> Incident | None:
    """The incident whose roster it is; None for the standing one."""
    return viewer.incident if viewer.incident and viewer.incident.closed_at is None else None


def _tell_proofs(person: Person) -> str:
    """By what somebody proves that it is him who speaks."""
    proofs = (
        "key" if person.public_key else "",
        f"account {person.account}" if person.account else "",
        f"console since {person.console_since:%Y-%m-%d}" if person.console_since else "",
    )
    return ", ".join(filter(None, proofs))
