"""An incident is declared, moved on, changed, closed and handed over in the browser."""

import msgspec
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from codered.model.errors import CodeRedError, WrongUse
from codered_hq.console.acting import action, page
from codered_hq.console.crisis.answering import check_seen, find_status, mark, need_incident, send_on
from codered_hq.console.crisis.forms import ChangeForm, CloseForm, DeclareForm, HandoverForm, ImpactForm
from codered_hq.console.crisis.incident import draw_declare, draw_incident, mark_incident
from codered_hq.console.viewing import CHOSEN, Viewer
from codered_hq.incidents.current import find_incident
from codered_hq.incidents.declaring import Change, Declaration, Left, change, close_incident, declare, move_to
from codered_hq.incidents.handing_over import hand_over
from codered_hq.reporting.closing import find_obstacles, find_unproved
from codered_hq.reporting.numbers import count_numbers
from codered_hq.reporting.shift_page import make_page

_PAGES = (
    ("waiting for approval", "approvals"), ("still in place", "hosts"), ("broken glass", "tasks"),
    ("open tasks", "tasks"), ("no sweep", "subnets"), ("lesson", "lessons"),
)  # fmt: skip


@action
def do_declare(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Declare one, and look at it from now on."""
    viewer.demand_team()
    form = DeclareForm(request.POST)
    if not form.is_valid():
        return draw_declare(request, viewer, form, 400)
    said = form.cleaned_data
    declaration = Declaration(
        name=said["name"], title=said["title"], packs=tuple(said["packs"]), severity=said["severity"], tlp=said["tlp"],
        drill=said["drill"], report_every=int(said["report_every"]), summary=said["summary"],
    )  # fmt: skip
    try:
        made = declare(declaration, viewer.speaker, viewer.at)
    except CodeRedError as error:
        form.add_error("name" if error.where == said["name"] else None, error.what)
        return draw_declare(request, viewer, form, find_status(error))
    request.session[CHOSEN] = made.name
    return send_on(request, f"incident {made.name} is declared: {made.tasks.count()} tasks are opened", "incident")


@action
def do_choose(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Look at this open incident from now on, in this browser: `name`."""
    name = request.POST.get("name", "")
    found = find_incident(name) if name else None
    if found is None or found.closed_at is not None:
        raise WrongUse("is not open", where=(name or "incident")[:64], advice="choose an open one")
    request.session[CHOSEN] = found.name
    return send_on(request, f"{viewer.name} looks at {found.name} from now on", "war")


@action
def do_move(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """On to a step, or back to one: `step`, `seen`."""
    viewer.demand_team()
    incident, step = need_incident(viewer), request.POST.get("step", "")
    if step == incident.step:
        return send_on(request, f"it is the step {step} already", "incident")
    try:
        check_seen(request, mark_incident(incident), incident.name)
        opened = move_to(incident, step, viewer.speaker, viewer.at)  # type: ignore[arg-type]  # it says what is no step
    except CodeRedError as error:
        return draw_incident(request, viewer, error)
    return send_on(request, f"step {step}: {opened} tasks are opened", "incident")


@action
def do_change(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Severity, TLP, title, summary, rhythm of the reports."""
    viewer.demand_team()
    incident, form = need_incident(viewer), ChangeForm(request.POST)
    form.offer(incident)
    if not form.is_valid():
        return draw_incident(request, viewer, change=form)
    said = form.cleaned_data
    every = int(said["report_every"])
    new = Change(
        severity=said["severity"], tlp=said["tlp"], summary=said["summary"], title=said["title"],
        report_every=every if every != incident.report_every_seconds else 0,
    )  # fmt: skip
    try:
        check_seen(request, mark_incident(incident), incident.name)
        changed = change(incident, new, viewer.speaker, viewer.at)
    except CodeRedError as error:
        incident.refresh_from_db()
        return draw_incident(request, viewer, error, change=form)
    return send_on(request, f"changed: {', '.join(changed) or 'nothing'}".replace("_", " "), "incident")


@action
def do_impact(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """What it costs one area."""
    viewer.demand_team()
    incident, form = need_incident(viewer), ImpactForm(request.POST)
    if not form.is_valid():
        return draw_incident(request, viewer, impact=form)
    said = form.cleaned_data
    try:
        change(incident, Change(impact={said["area"]: said["text"]}), viewer.speaker, viewer.at)
    except CodeRedError as error:
        return draw_incident(request, viewer, error, impact=form)
    return send_on(request, f"impact on {said['area']} is {'noted' if said['text'] else 'taken away'}", "incident")


@never_cache
@page
def show_close(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """What is in the way, with where to end it."""
    return _draw_close(request, viewer, CloseForm())


@action
def do_close(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Close it, or leave open what is said."""
    viewer.demand_team()
    incident, form = need_incident(viewer), CloseForm(request.POST)
    if not form.is_valid():
        return _draw_close(request, viewer, form, status=400)
    left = Left(find_obstacles(incident, viewer.at), form.cleaned_data["leave_open"])
    try:
        check_seen(request, mark(incident.closed_at, left.obstacles), incident.name)
        close_incident(incident, left, viewer.speaker, viewer.at)
    except CodeRedError as error:
        return _draw_close(request, viewer, form, error)
    return send_on(request, f"incident {incident.name} is closed", "incident")


@never_cache
@page
def show_handover(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """The page that one shift gives to the next."""
    return _draw_handover(request, viewer, HandoverForm())


@action
def do_handover(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """All roles and tasks of who speaks go to another one."""
    viewer.demand_team()
    incident, form = need_incident(viewer), HandoverForm(request.POST)
    if not form.is_valid():
        return _draw_handover(request, viewer, form, 400)
    to, told = form.cleaned_data["person"], msgspec.to_builtins(make_page(incident, viewer.at))
    try:
        over = hand_over(incident, to, told, viewer.speaker, viewer.at)
    except CodeRedError as error:
        form.add_error("person", error.what)
        return _draw_handover(request, viewer, form, find_status(error))
    roles = ", ".join(over.roles).replace("_", " ") or "no role"
    return send_on(request, f"handed over to {to.name}: {roles}, {len(over.tasks)} tasks", "incident")


def _draw_close(
    request: HttpRequest, viewer: Viewer, form: CloseForm, problem: CodeRedError | None = None, status: int = 200
) -> HttpResponse:
    incident = need_incident(viewer)
    found = find_obstacles(incident, viewer.at)
    obstacles = [(each, next((page for words, page in _PAGES if words in each), "hosts")) for each in found]
    context = {
        "form": form, "obstacles": obstacles, "unproved": find_unproved(incident), "problem": problem,
        "not_covered": count_numbers(incident, viewer.at).not_covered, "seen": mark(incident.closed_at, found),
        "may": bool(viewer.speaker.person),
    }  # fmt: skip
    code = find_status(problem) if problem else status
    return render(request, "console/crisis/close.html", context, status=code)


def _draw_handover(request: HttpRequest, viewer: Viewer, form: HandoverForm, status: int = 200) -> HttpResponse:
    shift = make_page(need_incident(viewer), viewer.at)
    context = {"form": form, "shift": shift, "may": bool(viewer.speaker.person)}
    return render(request, "console/crisis/handover.html", context, status=status)
