"""What programs are shown of an incident: its own line, tasks, messages, rumours, lessons, decisions about hosts."""

from datetime import datetime
from typing import Any

import msgspec

from codered_hq.incidents.messages import digest_words, find_missing
from codered_hq.incidents.models import HostDecision, Incident, Lesson, Message, Rumour, Task
from codered_hq.incidents.tasks import is_held

INCIDENTS_FORMAT = "codered/incidents/1"
TASKS_FORMAT = "codered/tasks/1"
MESSAGES_FORMAT = "codered/messages/1"
RUMOURS_FORMAT = "codered/rumours/1"
LESSONS_FORMAT = "codered/lessons/1"


class IncidentView(msgspec.Struct, frozen=True, kw_only=True):
    """One incident."""

    name: str
    title: str
    packs: tuple[str, ...]
    step: str
    severity: str
    tlp: str
    drill: bool
    summary: str
    impact: dict[str, str]
    declared_at: datetime
    declared_by: str
    closed_at: datetime | None
    next_report_at: datetime | None


class TaskView(msgspec.Struct, frozen=True, kw_only=True):
    """One task; `owner` holds it until `lease_until`, "" = nobody does now."""

    number: int
    step: str
    state: str
    action: str
    target: str
    text: str
    role: str
    priority: int
    source: str
    owner: str
    lease_until: datetime | None
    due_at: datetime | None
    late: bool
    why: str
    result: str


class MessageView(msgspec.Struct, frozen=True, kw_only=True):
    """One message; `missing` are the roles that have not approved these words, `sha256` is what they approve."""

    number: int
    audience: str
    subject: str
    body: str
    tlp: str
    state: str
    author: str
    needs: tuple[str, ...]
    missing: tuple[str, ...]
    sha256: str
    written_at: datetime
    sent_at: datetime | None
    replaces: int


class RumourView(msgspec.Struct, frozen=True, kw_only=True):
    """One rumour."""

    number: int
    heard: str
    heard_from: str
    at: datetime
    state: str
    answer: str
    checked_by: str


class LessonView(msgspec.Struct, frozen=True, kw_only=True):
    """One lesson."""

    number: int
    text: str
    state: str
    owner: str
    due_at: datetime | None
    control: str
    proof: str
    recheck_at: datetime | None
    late: bool


def view_incident(incident: Incident) -> IncidentView:
    """An incident as it stands."""
    plain: dict[str, Any] = {name: getattr(incident, name) for name in IncidentView.__struct_fields__}
    return IncidentView(**{**plain, "packs": tuple(incident.packs)})


def view_task(task: Task, at: datetime) -> TaskView:
    """A task at this time (aware): a lease that is over holds nothing."""
    held = is_held(task, at)
    named = task.owner.name if task.owner and (held or task.state != "claimed") else ""
    return TaskView(
        number=task.pk, step=task.step, state="open" if task.state == "claimed" and not held else task.state,
        action=task.action, target=task.target, text=task.text, role=task.role, priority=task.priority,
        source=task.source, owner=named, lease_until=task.lease_until if held else None, due_at=task.due_at,
        late=bool(task.due_at and task.due_at < at and task.ended_at is None), why=task.why, result=task.result,
    )  # fmt: skip


def view_message(message: Message) -> MessageView:
    """A message with what it lacks."""
    return MessageView(
        number=message.pk, audience=message.audience, subject=message.subject, body=message.body, tlp=message.tlp,
        state=message.state, author=message.author, needs=tuple(message.needs), missing=find_missing(message),
        sha256=digest_words(message), written_at=message.written_at, sent_at=message.sent_at,
        replaces=message.replaces_id or 0,
    )  # fmt: skip


def view_rumour(rumour: Rumour) -> RumourView:
    """A rumour as it stands."""
    return RumourView(
        number=rumour.pk, heard=rumour.heard, heard_from=rumour.heard_from, at=rumour.at, state=rumour.state,
        answer=rumour.answer, checked_by=rumour.checked_by,
    )  # fmt: skip


def view_lesson(lesson: Lesson, at: datetime) -> LessonView:
    """A lesson at this time (aware); late: past its day, or its day to be looked at again."""
    day = lesson.due_at if lesson.state == "open" else lesson.recheck_at
    return LessonView(
        number=lesson.pk, text=lesson.text, state=lesson.state, owner=lesson.owner, due_at=lesson.due_at,
        control=lesson.control, proof=lesson.proof, recheck_at=lesson.recheck_at, late=bool(day and day <= at),
    )  # fmt: skip


def tell_decision(decision: HostDecision) -> dict[str, Any]:
    """A decision about a host, as a program is given it."""
    return {
        "host": decision.host.label, "number": decision.host.pk, "treatment": decision.treatment,
        "reasons": decision.reasons, "legal_hold": decision.legal_hold, "decided_by": decision.decided_by,
        "at": decision.at,
    }  # fmt: skip
