"""The board of tasks: who does what, what is free, what is stuck; and one task."""

from datetime import datetime
from typing import Any, Final

from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from codered.model.errors import CodeRedError, WrongUse
from codered_hq.console.acting import page
from codered_hq.console.crisis.answering import A_PAGE, cut_page, find_status, mark
from codered_hq.console.crisis.forms import TaskForm
from codered_hq.console.crisis.task_pages import find_task_page
from codered_hq.console.viewing import Viewer
from codered_hq.incidents.models import Incident, Person, Task
from codered_hq.incidents.tasks import LIVE, URGENCY, find_free, find_task, is_held
from codered_hq.incidents.views import TaskView, view_task
from codered_hq.model.crisis import ROLES, STEPS

STATES: Final = ("open", "claimed", "blocked", "done", "dropped")


@never_cache
@page
def show_tasks(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """The board; with a state, the list of those."""
    return draw_tasks(request, viewer)


@never_cache
@page
def show_tasks_part(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """The columns, which change while one looks."""
    return render(request, "console/crisis/tasks_part.html", _find_board(request, viewer))


@never_cache
@page
def show_task(request: HttpRequest, viewer: Viewer, number: int) -> HttpResponse:
    """One task."""
    return draw_task(request, viewer, number)


def draw_tasks(request: HttpRequest, viewer: Viewer, form: TaskForm | None = None, status: int = 200) -> HttpResponse:
    """The page as things are now; the form with what was typed."""
    context = _find_board(request, viewer) | {"form": form or TaskForm(), "steps": STEPS, "roles": ROLES}
    state = request.GET.get("state", "")
    if viewer.incident is not None and state in STATES:
        rows = _choose(request, viewer.incident).filter(state=state).order_by(*URGENCY)
        context["listed"] = cut_page(request, rows)
        context["list_views"] = [view_task(each, viewer.at) for each in context["listed"]]
    context["holders"] = _list_holders(viewer)
    context |= {"state": state, "states": STATES}
    return render(request, "console/crisis/tasks.html", context, status=status)


def draw_task(request: HttpRequest, viewer: Viewer, number: int, problem: CodeRedError | None = None) -> HttpResponse:
    """One task as it is now, with what was typed and why nothing was done."""
    if viewer.incident is None:
        raise WrongUse("no incident is chosen", advice="choose one")
    task = find_task(viewer.incident, number)
    person = viewer.speaker.person
    context = {
        "task": task, "view": view_task(task, viewer.at), "seen": mark_task(task), "live": task.state in LIVE,
        "mine": person is not None and task.owner_id == person.pk and is_held(task, viewer.at),
        "held": is_held(task, viewer.at), "problem": problem, "typed": request.POST,
        "may": person is not None and viewer.incident.closed_at is None, "where": find_task_page(task.action),
    }  # fmt: skip
    status = find_status(problem) if problem else 200
    return render(request, "console/crisis/task.html", context, status=status)


def mark_task(task: Task) -> str:
    """What somebody has seen who changes it."""
    return mark(task.state, task.owner_id, task.why)


def _find_board(request: HttpRequest, viewer: Viewer) -> dict[str, Any]:
    if viewer.incident is None:
        return {"columns": [], "query": request.GET}
    chosen, at, person = _choose(request, viewer.incident), viewer.at, viewer.speaker.person
    held = chosen.filter(state="claimed", lease_until__gt=at)
    mine = held.filter(owner=person) if person else held.none()
    free = chosen.filter(pk__in=find_free(viewer.incident, None, at).order_by().values("pk"))
    following = find_free(viewer.incident, viewer.roles, at).first() if person else None
    columns = (
        ("mine", "Mine", "claimed", mine.order_by(*URGENCY)),
        ("free", "Free", "open", free.order_by(*URGENCY)),
        ("others", "With others", "claimed", held.exclude(pk__in=mine.values("pk")).order_by(*URGENCY)),
        ("blocked", "Blocked", "blocked", chosen.filter(state="blocked").order_by(*URGENCY)),
        ("done", "Done lately", "done", chosen.filter(state="done").order_by("-ended_at", "-pk")),
    )
    return {
        "columns": [_make_column(*each, at) for each in columns], "next": following and view_task(following, at),
        "role": request.GET.get("role", ""), "step": request.GET.get("step", ""), "query": request.GET.urlencode(),
        "may": person is not None and viewer.incident.closed_at is None,
    }  # fmt: skip


def _make_column(key: str, title: str, state: str, rows: "QuerySet[Task]", at: datetime) -> dict[str, Any]:
    views: list[TaskView] = [view_task(each, at) for each in rows[: A_PAGE // 2 if key != "done" else 10]]
    return {"key": key, "title": title, "state": state, "views": views, "total": rows.count()}


def _choose(request: HttpRequest, incident: Incident) -> "QuerySet[Task]":
    rows = incident.tasks.select_related("owner")
    role, step = request.GET.get("role", ""), request.GET.get("step", "")
    rows = rows.filter(role=role) if role in ROLES else rows
    return rows.filter(step=step) if step in STEPS else rows


def _list_holders(viewer: Viewer) -> list[Person]:
    """Who holds something that somebody else could take over."""
    if viewer.incident is None or viewer.speaker.person is None:
        return []
    held = Q(tasks__incident=viewer.incident, tasks__state="claimed")
    people = Person.objects.annotate(held=Count("tasks", filter=held)).filter(held__gt=0)
    return list(people.exclude(pk=viewer.speaker.person.pk).order_by("name"))
