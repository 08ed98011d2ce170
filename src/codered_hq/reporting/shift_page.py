"""The page that one shift hands to the next: what is open, what waits, what undoes itself when, what comes next."""

from datetime import datetime

import msgspec
from django.db.models import F

from codered_hq.containment.models import Containment
from codered_hq.gate.showing import list_waiting
from codered_hq.gate.voters import find_missing_votes
from codered_hq.incidents.models import Incident, Task
from codered_hq.incidents.tasks import LIVE, URGENCY, is_held
from codered_hq.reporting.closing import IN_PLACE

SHIFT_FORMAT = "codered/handover/1"
MOST_LINES = 500


class OpenTask(msgspec.Struct, frozen=True, kw_only=True):
    """A task that is not over. `owner` is who holds it now, "" = nobody."""

    number: int
    state: str
    text: str
    role: str
    owner: str
    due_at: datetime | None
    why: str


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """A decision that waits, for whom, and until when."""

    uid: str
    what: str
    missing: tuple[str, ...]
    expires_at: datetime | None


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """A containment, and when it undoes itself (None = never by itself)."""

    uid: str
    what: str
    state: str
    undo_at: datetime | None
    error: str


class ShiftPage(msgspec.Struct, frozen=True, kw_only=True):
    """The page. `messages` are those not sent yet; `following` is what comes next, in its order."""

    format: str
    incident: str
    drill: bool
    step: str
    at: datetime
    tasks: tuple[OpenTask, ...]
    waiting: tuple[Waiting, ...]
    held: tuple[Held, ...]
    messages: tuple[str, ...]
    rumours: tuple[str, ...]
    following: tuple[str, ...]


def make_page(incident: Incident, at: datetime) -> ShiftPage:
    """The page at this time (aware)."""
    tasks = incident.tasks.filter(state__in=LIVE).select_related("owner").order_by(*URGENCY)
    contained = Containment.objects.filter(incident=incident.name, state__in=IN_PLACE)
    held = tuple(
        Held(uid=each.uid, what=str(each), state=each.state, undo_at=each.undo_at, error=each.error)
        for each in contained.order_by(F("undo_at").asc(nulls_last=True), "pk")[:MOST_LINES]
    )
    waiting = tuple(
        Waiting(
            uid=each.uid, what=f"{each.kind} {each.target}", expires_at=each.expires_at,
            missing=find_missing_votes(each, each.needs, at),
        )
        for each in list_waiting(at, incident.name)
    )  # fmt: skip
    drafts = incident.messages.filter(state__in=("draft", "approved")).order_by("pk")
    return ShiftPage(
        format=SHIFT_FORMAT, incident=incident.name, drill=incident.drill, step=incident.step, at=at,
        tasks=tuple(_view(task, at) for task in tasks[:MOST_LINES]), waiting=waiting, held=held,
        messages=tuple(f"{each.pk} to {each.audience} ({each.state}): {each.subject}" for each in drafts),
        rumours=tuple(f"{each.pk}: {each.heard}" for each in incident.rumours.filter(state="open").order_by("pk")),
        following=_list_following(incident, waiting, held, at),
    )  # fmt: skip


def _view(task: Task, at: datetime) -> OpenTask:
    owner = task.owner.name if task.owner and (is_held(task, at) or task.state == "blocked") else ""
    state = "open" if task.state == "claimed" and not owner else task.state
    return OpenTask(
        number=task.pk, state=state, text=task.text, role=task.role, owner=owner, due_at=task.due_at, why=task.why
    )


def _list_following(
    incident: Incident, waiting: tuple[Waiting, ...], held: tuple[Held, ...], at: datetime
) -> tuple[str, ...]:
    """What has a time, in the order of the times; what is late says so."""
    found: list[tuple[datetime, str]] = []
    if incident.next_report_at:
        found.append((incident.next_report_at, "status report"))
    found += [(each.expires_at, f"approval expires: {each.what}") for each in waiting if each.expires_at]
    found += [(each.undo_at, f"undoes itself: {each.what}") for each in held if each.undo_at]
    due = incident.tasks.filter(state__in=LIVE).exclude(due_at=None).order_by("due_at", "pk")
    found += [(task.due_at, f"task {task.pk}: {task.text}") for task in due[:10] if task.due_at]
    lines = (f"{when:%m-%d %H:%M} {'LATE ' if when < at else ''}{what}" for when, what in sorted(found))
    return tuple(lines)
