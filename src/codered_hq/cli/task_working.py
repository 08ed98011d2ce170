"""What `codered task` does."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from codered.cli.lengths import parse_length
from codered.cli.output import say, show
from codered.model.errors import ExitCode
from codered_hq.cli.incident_marks import (
    answer,
    begin_reading,
    begin_writing,
    enter_marked,
    name_incident,
    show_document,
)
from codered_hq.cli.speaking import find_speaker
from codered_hq.cli.tables import count, draw_table, show_time
from codered_hq.incidents.current import find_incident_if_any, find_open_incident
from codered_hq.incidents.models import Task
from codered_hq.incidents.people import Speaker, find_person
from codered_hq.incidents.roster import find_roles
from codered_hq.incidents.tasks import (
    LIVE,
    URGENCY,
    add_task,
    block,
    claim_next,
    drop,
    find_free,
    find_task,
    finish,
)
from codered_hq.incidents.tasks import claim as claim_task
from codered_hq.incidents.tasks import take_over as take_all_of
from codered_hq.incidents.templates import Draft
from codered_hq.incidents.views import TASKS_FORMAT, TaskView, view_task

_ENDS: dict[str, Callable[[Task, str, Speaker, datetime], None]] = {"block": block, "done": finish, "drop": drop}


def show_next(given: dict[str, Any]) -> int:
    """The most urgent one, taken if that is wanted."""
    enter_marked()
    if find_incident_if_any(given["incident"]) is None:
        say("codered: no incident is open, so there is no task: codered incident declare NAME --title …")
        if given["as_json"]:
            show_document(None)
        return ExitCode.INCOMPLETE
    incident, speaker, now = find_open_incident(given["incident"]), find_speaker(given), datetime.now(UTC)
    roles = None if given["any_role"] else find_roles(speaker.person, incident, now)
    task = claim_next(incident, roles, speaker, now) if given["claim"] else find_free(incident, roles, now).first()
    if task is None:
        mine = "of any role" if roles is None else f"of {', '.join(sorted(roles)) or 'no role'}"
        say(f"codered: {name_incident(incident)}: no task {mine} is free; codered task list shows who has what")
        if given["as_json"]:
            show_document(None)
        return ExitCode.INCOMPLETE
    answer(given, view_task(task, now), _tell(view_task(task, now)))
    return ExitCode.CLEAN


def claim(given: dict[str, Any]) -> int:
    """Take one, also of another role. Raises Refused."""
    incident, speaker, now = begin_writing(given)
    task = claim_task(find_task(incident, given["number"]), speaker, now)
    roles = find_roles(speaker.person, incident, now)
    if task.role and task.role not in roles:
        say(f"codered: this task is for {task.role}; you are {', '.join(sorted(roles)) or 'in no role'}")
    answer(given, view_task(task, now), _tell(view_task(task, now)))
    return ExitCode.CLEAN


def add(given: dict[str, Any]) -> int:
    """A new one. Raises Refused, WrongUse."""
    incident, speaker, now = begin_writing(given)
    minutes = int(parse_length(given["due"], "--due") // 60) if given["due"] else 0
    draft = Draft(
        step=given["step"] or incident.step, action=given["action"], target=given["target"], text=given["text"],
        role=given["role"], priority=given["priority"], minutes=minutes, source=speaker.name,
    )  # fmt: skip
    task = add_task(incident, draft, speaker, now)
    answer(given, view_task(task, now), _tell(view_task(task, now)))
    return ExitCode.CLEAN


def end(word: str, given: dict[str, Any]) -> int:
    """Blocked, done or dropped. Raises Refused."""
    incident, speaker, now = begin_writing(given)
    task = find_task(incident, given["number"])
    _ENDS[word](task, given["why"], speaker, now)
    answer(given, view_task(task, now), _tell(view_task(task, now)))
    return ExitCode.CLEAN


def list_all(given: dict[str, Any]) -> int:
    """Those that are open, or all."""
    incident, now = begin_reading(given["incident"])
    tasks = incident.tasks.select_related("owner").order_by(*URGENCY)
    tasks = tasks if given["everything"] else tasks.filter(state__in=LIVE)
    tasks = tasks.filter(role=given["role"]) if given["role"] else tasks
    tasks = tasks.filter(owner=find_person(given["mine"])) if given["mine"] else tasks
    views = tuple(view_task(task, now) for task in tasks)
    if given["as_json"]:
        show_document({"format": TASKS_FORMAT, "incident": incident.name, "drill": incident.drill, "tasks": views})
    else:
        titles = ("#", "!", "state", "role", "who", "due (UTC)", "what")
        table = draw_table(titles, map(_make_row, views)) if views else ""
        show(f"{table}{name_incident(incident)}: {count(len(views), 'task')}\n")
    return ExitCode.CLEAN


def take_over(given: dict[str, Any]) -> int:
    """All that somebody has. Raises WrongUse."""
    incident, speaker, now = begin_writing(given)
    taken = take_all_of(incident, find_person(given["person"]), speaker, now)
    answer(given, {"taken": taken}, f"{count(taken, 'task')} of {given['person']} taken over")
    return ExitCode.CLEAN


def _tell(view: TaskView) -> str:
    held = f", {view.owner} until {view.lease_until:%H:%M} UTC" if view.lease_until else ""
    due = f", due {show_time(view.due_at)} UTC{' LATE' if view.late else ''}" if view.due_at else ""
    words = f": {view.why or view.result}" if view.why or view.result else ""
    return f"task {view.number} ({view.state}{held}{words}) [{view.role or 'anybody'}{due}] {view.text}"


def _make_row(view: TaskView) -> tuple[str, ...]:
    due = f"{show_time(view.due_at) or '-'}{' LATE' if view.late else ''}"
    what = view.text + (f" — {view.why}" if view.why else "")
    return f"{view.number}", f"{view.priority}", view.state, view.role or "-", view.owner or "-", due, what
