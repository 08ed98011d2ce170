"""What is done with tasks: taken, done, blocked, dropped, added, taken over."""

from collections.abc import Callable
from datetime import datetime

from django.http import HttpRequest, HttpResponse

from codered.model.errors import CodeRedError, WrongUse
from codered_hq.console.acting import action
from codered_hq.console.crisis.answering import check_seen, find_status, need_incident, send_on
from codered_hq.console.crisis.forms import TaskForm
from codered_hq.console.crisis.tasks import draw_task, draw_tasks, mark_task
from codered_hq.console.viewing import Viewer
from codered_hq.incidents.models import Incident, Task
from codered_hq.incidents.people import Speaker, find_person
from codered_hq.incidents.tasks import (
    add_task,
    block,
    claim,
    claim_next,
    drop,
    find_task,
    finish,
    take_over,
)
from codered_hq.incidents.templates import Draft

ENDS: dict[str, Callable[[Task, str, Speaker, datetime], None]] = {"done": finish, "blocked": block, "dropped": drop}


@action
def take(request: HttpRequest, viewer: Viewer, number: int) -> HttpResponse:
    """Take a task for 30 minutes, or for 30 minutes more."""
    incident = _begin(viewer)
    try:
        task = claim(find_task(incident, number), viewer.speaker, viewer.at)
    except CodeRedError as error:
        return draw_task(request, viewer, number, error)
    return send_on(request, f"task {task.pk} is yours until {task.lease_until:%H:%M} UTC", "task", task.pk)


@action
def take_next(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """The most urgent one that is free for the roles of who asks; with `any`, of every role."""
    incident = _begin(viewer)
    roles = None if request.POST.get("any") == "1" else viewer.roles
    task = claim_next(incident, roles, viewer.speaker, viewer.at)
    if task is None:
        return send_on(request, "no task is free for you: the board shows who has what", "tasks")
    return send_on(request, f"task {task.pk} is yours until {task.lease_until:%H:%M} UTC", "task", task.pk)


@action
def end(request: HttpRequest, viewer: Viewer, number: int) -> HttpResponse:
    """Done, blocked or dropped: `state`, `words`, `seen`. The same said twice is said once."""
    incident = _begin(viewer)
    task, state = find_task(incident, number), request.POST.get("state", "")
    if state not in ENDS:
        raise WrongUse("is no end of a task", where=state[:20], advice=" ".join(ENDS))
    if task.state == state:
        return send_on(request, f"task {task.pk} is {state} already", "tasks")
    try:
        check_seen(request, mark_task(task), f"task {task.pk}")
        ENDS[state](task, request.POST.get("words", ""), viewer.speaker, viewer.at)
    except CodeRedError as error:
        return draw_task(request, viewer, number, error)
    return send_on(request, f"task {task.pk} is {state}", "tasks")


@action
def add(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """A new one."""
    incident, form = _begin(viewer), TaskForm(request.POST)
    if not form.is_valid():
        return draw_tasks(request, viewer, form, 400)
    said = form.cleaned_data
    draft = Draft(
        step=said["step"] or incident.step, action=said["action"], text=said["text"], target=said["target"],
        role=said["role"], priority=said["priority"], minutes=said["minutes"] or 0, source=viewer.name,
    )  # fmt: skip
    try:
        task = add_task(incident, draft, viewer.speaker, viewer.at)
    except CodeRedError as error:
        form.add_error(None, str(error))
        return draw_tasks(request, viewer, form, find_status(error))
    return send_on(request, f"task {task.pk} is added", "task", task.pk)


@action
def take_all(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """All that somebody holds: `person`."""
    incident, person = _begin(viewer), find_person(request.POST.get("person", ""))
    taken = take_over(incident, person, viewer.speaker, viewer.at)
    return send_on(request, f"you took over {taken} tasks of {person.name}", "tasks")


def _begin(viewer: Viewer) -> Incident:
    viewer.demand_team()
    return need_incident(viewer)
