"""What is done with the crisis team: called, answered, appointed, released, entered, removed."""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse

from codered.model.errors import CodeRedError, Refused, WrongUse
from codered_hq.accounts.leaving import leave_team
from codered_hq.console.acting import action
from codered_hq.console.crisis.answering import need_incident, send_on
from codered_hq.console.crisis.forms import AssignForm, PersonForm
from codered_hq.console.crisis.roster import draw_roster, find_scope
from codered_hq.console.viewing import Viewer
from codered_hq.gate.rules_in_force import find_rules
from codered_hq.incidents.calling import call_all, call_roles, note_reached
from codered_hq.incidents.people import PersonCard, add_person, find_person
from codered_hq.incidents.roster import Assignment, assign, commandeer, release
from codered_hq.model.crisis import ROLES

MOST_WORDS = 400


@action
def call(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Call the first choice of a role (`role`), or of all (""): `why`."""
    viewer.demand_team()
    role, why = request.POST.get("role", ""), request.POST.get("why", "").strip()[:MOST_WORDS]
    if role and role not in ROLES:
        raise WrongUse("is no role", where=role[:40])
    roles = (role,) if role else ROLES
    called = call_roles(find_scope(viewer), roles, why or "you are needed", viewer.speaker, viewer.at)
    names = ", ".join(each.person.name for each in called)
    return send_on(request, f"called: {names}" if names else "nobody has a role that could be called", "roster")


@action
def test(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Everybody is asked to answer."""
    viewer.demand_team()
    called = call_all(find_scope(viewer), "this is a test of the roster", viewer.speaker, viewer.at)
    return send_on(request, f"{len(called)} people are asked to answer", "roster")


@action
def answered(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Somebody answered: `person`; oneself without it."""
    viewer.demand_team()
    person = find_person(request.POST.get("person") or viewer.name)
    calls = note_reached(person, viewer.name, viewer.at)
    return send_on(request, f"{person.name} is reached; {calls} calls are answered", "roster")


@action
def appoint(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """A role for somebody, for a time nothing else."""
    viewer.demand_team()
    form = AssignForm(request.POST)
    if not form.is_valid():
        return draw_roster(request, viewer, assign=form)
    said = form.cleaned_data
    hours = said["hours"]
    until = viewer.at + timedelta(hours=hours) if hours else None
    incident, given = find_scope(viewer), Assignment(said["role"], said["backup"], until)
    try:
        if hours:
            _demand_commandeering(viewer)
            commandeer(need_incident(viewer), said["person"], given, viewer.speaker, viewer.at)
        else:
            assign(None if said["standing"] else incident, said["person"], given, viewer.speaker, viewer.at)
    except CodeRedError as error:
        return draw_roster(request, viewer, error, assign=form)
    what = f"{'backup of ' if said['backup'] else ''}{said['role'].replace('_', ' ')}"
    return send_on(request, f"{said['person'].name} is {what}", "roster")


@action
def end_role(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Somebody has a role no longer: `person`, `role`, `standing`."""
    viewer.demand_team()
    person, role = find_person(request.POST.get("person", "")), request.POST.get("role", "")
    if role not in ROLES:
        raise WrongUse("is no role", where=role[:40])
    scope = None if request.POST.get("standing") == "1" else find_scope(viewer)
    release(scope, person, role, viewer.speaker, viewer.at)
    return send_on(request, f"{person.name} is no longer {role.replace('_', ' ')}", "roster")


@action
def enter_person(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Somebody new, or what is new about one."""
    viewer.demand_team()
    form = PersonForm(request.POST)
    if not form.is_valid():
        return draw_roster(request, viewer, person=form)
    said = form.cleaned_data
    card = PersonCard(name=said["name"], mail=said["mail"], phone=said["phone"])
    try:
        person = add_person(card, viewer.at, viewer.speaker)
    except CodeRedError as error:
        return draw_roster(request, viewer, error, person=form)
    return send_on(request, f"{person.name} is in the team; a role and an invitation come next", "roster")


@action
def leave(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Somebody leaves the team: `person`."""
    viewer.demand_team()
    person = leave_team(request.POST.get("person", ""), viewer.at, viewer.speaker)
    return send_on(request, f"{person.name} left the team: roles, votes, account and tokens are ended", "roster")


def _demand_commandeering(viewer: Viewer) -> None:
    rules = find_rules(viewer.at)
    if rules is None or not rules.book.may_commandeer_staff:
        what = "no rules of engagement in force let us take people off their work"
        raise Refused(what, where="may_commandeer_staff", advice="the page of the rules shows them")
