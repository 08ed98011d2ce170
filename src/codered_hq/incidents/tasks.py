"""Tasks: one person at a time holds one, for as long as his lease lasts."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet

from codered.model.errors import Refused, WrongUse
from codered_hq.hosts.models import TEXT
from codered_hq.incidents.models import Incident, Person, Task
from codered_hq.incidents.people import Speaker
from codered_hq.incidents.templates import LONGEST_ACTION, Draft
from codered_hq.incidents.writing import write_whole
from codered_hq.ledger.writing import enter
from codered_hq.model.crisis import CSF, ROLES, STEPS

LEASE = timedelta(minutes=30)
LIVE = ("open", "claimed", "blocked")
LONGEST_TEXT = 4_000
URGENCY = ("priority", F("due_at").asc(nulls_last=True), "pk")
"""The most urgent task first; what has no time comes last in every database."""
_ADVICE = "codered task list shows who has what"


def open_drafts(incident: Incident, drafts: Iterable[Draft], at: datetime) -> int:
    """Open these tasks within the caller's transaction; what is open or was done already is not opened again. How many
    are new.
    """
    known = set(incident.tasks.exclude(state="dropped").values_list("action", "target"))
    rows = []
    for draft in drafts:
        if (draft.action, draft.target[:TEXT]) not in known:
            known.add((draft.action, draft.target[:TEXT]))
            rows.append(_make_row(incident, draft, at))
    Task.objects.bulk_create(rows, ignore_conflicts=True)
    if rows:
        what = f"{len(rows)} tasks opened for the step {rows[0].step}"
        detail = {"step": rows[0].step, "csf": CSF[rows[0].step], "tasks": [[row.action, row.target] for row in rows]}  # type: ignore[index]
        enter("task", "templates", what, at, incident=incident.name, detail=detail)
    return len(rows)


def add_task(incident: Incident, draft: Draft, speaker: Speaker, at: datetime) -> Task:
    """Add one by hand. Raises WrongUse, Refused if the same is to be done to the same target already."""
    if draft.step not in STEPS or (draft.role and draft.role not in ROLES):
        raise WrongUse("no such step or role", where=f"{draft.step} {draft.role}"[:60], advice="see --help")
    if not draft.text.strip() or len(draft.text) > LONGEST_TEXT or not 0 < len(draft.action) <= LONGEST_ACTION:
        raise WrongUse("a task is an action and a sentence", where="TEXT", advice="say what is to be done")

    def work() -> Task:
        row = _make_row(incident, draft, at)
        try:
            with transaction.atomic():
                row.save()
        except IntegrityError:
            same = incident.tasks.filter(action=row.action, target=row.target, state__in=LIVE).first()
            what = f"this is task {same.pk if same else '?'} already: {row.action} {row.target}".strip()
            raise Refused(what, where=incident.name, advice=_ADVICE) from None
        _tell(row, speaker.name, f"task {row.pk} added: {row.text}", at)
        return row

    return write_whole(work)


def find_task(incident: Incident, number: int) -> Task:
    """A task of the incident by its number. Raises WrongUse."""
    found = incident.tasks.select_related("owner", "incident").filter(pk=number).first()
    if found is None:
        raise WrongUse("no such task", where=f"{incident.name} {number}", advice=_ADVICE)
    return found


def find_free(incident: Incident, roles: Iterable[str] | None, at: datetime) -> QuerySet[Task]:
    """What nobody holds at this time (aware), the most urgent first: of these roles and of no role, or all (None)."""
    free = incident.tasks.filter(_is_free(at)).select_related("incident", "owner")
    if roles is not None:
        free = free.filter(role__in=["", *roles])
    return free.order_by(*URGENCY)


def claim(task: Task, speaker: Speaker, at: datetime) -> Task:
    """Take it for 30 minutes; taken again, the lease is longer. Raises Refused if somebody else holds it, or if it is
    over; WrongUse for somebody who is not in the team.
    """
    person = need_person(speaker)
    if not _take(task, person, at):
        task.refresh_from_db()
        if task.state not in LIVE:
            raise Refused(f"it is {task.state}", where=f"task {task.pk}", advice=_ADVICE)
        who = task.owner.name if task.owner else "somebody"
        until = f"{task.lease_until:%H:%M}" if task.lease_until else "?"
        what = f"{who} has it until {until} UTC"
        raise Refused(what, where=f"task {task.pk}", advice="take the next one: codered task next --claim")
    task.refresh_from_db()
    return task


def claim_next(incident: Incident, roles: Iterable[str] | None, speaker: Speaker, at: datetime) -> Task | None:
    """Take the most urgent one that is free; None if there is none. Raises WrongUse."""
    person, wanted = need_person(speaker), None if roles is None else tuple(roles)
    while (task := find_free(incident, wanted, at).first()) is not None:
        if _take(task, person, at):
            task.refresh_from_db()
            return task
    return None


def block(task: Task, why: str, speaker: Speaker, at: datetime) -> None:
    """It can't go on; everybody may see why, and whoever claims it takes the block away. Raises Refused, WrongUse."""
    _end(task, "blocked", _need_words(why, "--why"), speaker, at)


def finish(task: Task, result: str, speaker: Speaker, at: datetime) -> None:
    """It is done. Raises Refused if somebody else holds it, or if it is over."""
    _end(task, "done", result.strip()[:LONGEST_TEXT], speaker, at)


def drop(task: Task, why: str, speaker: Speaker, at: datetime) -> None:
    """It need not be done. Raises Refused, WrongUse without a reason."""
    _end(task, "dropped", _need_words(why, "--why"), speaker, at)


def take_over(incident: Incident, of: Person, speaker: Speaker, at: datetime) -> int:
    """Take all that somebody holds; how many tasks. Raises WrongUse."""
    person = need_person(speaker)

    def work() -> int:
        held = incident.tasks.filter(owner=of, state="claimed")
        numbers = list(held.values_list("pk", flat=True))
        held.update(owner=person, lease_until=at + LEASE)
        if numbers:
            what = f"{person.name} took over {len(numbers)} tasks of {of.name}"
            enter("task", person.name, what, at, incident=incident.name, detail={"tasks": numbers, "of": of.name})
        return len(numbers)

    return write_whole(work)


def need_person(speaker: Speaker) -> Person:
    """The person who speaks. Raises WrongUse for an account that nobody of the team has."""
    if speaker.person is None:
        advice = "say --as NAME; codered incident roster add enters people"
        raise WrongUse(f"{speaker.name} is nobody of the team", where="--as", advice=advice)
    return speaker.person


def is_held(task: Task, at: datetime) -> bool:
    """Whether somebody's lease on it holds."""
    return task.state == "claimed" and task.lease_until is not None and task.lease_until > at


def _is_free(at: datetime) -> Q:
    return Q(state="open") | Q(state="claimed", lease_until__lte=at) | Q(state="claimed", lease_until=None)


def _take(task: Task, person: Person, at: datetime) -> bool:
    """One statement decides: of many who try at once, one row is changed for one of them."""

    def work() -> bool:
        mine = Q(state="claimed", owner=person) | Q(state="blocked")
        again = Task.objects.filter(pk=task.pk, state="claimed", owner=person, lease_until__gt=at).exists()
        lease = max(at + LEASE, task.lease_until or at) if again else at + LEASE
        row = Task.objects.filter(Q(pk=task.pk) & (_is_free(at) | mine))
        if not row.update(state="claimed", owner=person, lease_until=lease, why=""):
            return False
        if not again:
            _tell(task, person.name, f"{person.name} took task {task.pk}: {task.text}", at)
        return True

    return write_whole(work)


def _end(task: Task, state: str, words: str, speaker: Speaker, at: datetime) -> None:
    def work() -> None:
        holder = Q(owner=speaker.person) if speaker.person else Q(pk=0)
        row = Task.objects.filter(Q(pk=task.pk) & (_is_free(at) | Q(state="blocked") | Q(state="claimed") & holder))
        field = "result" if state == "done" else "why"
        ended = None if state == "blocked" else at
        said: dict[str, object] = {"state": state, field: words, "ended_at": ended, "lease_until": None}
        if not row.update(**said):
            task.refresh_from_db()
            who = f"{task.owner.name} has it" if is_held(task, at) and task.owner else f"it is {task.state}"
            raise Refused(who, where=f"task {task.pk}", advice=_ADVICE)
        _tell(task, speaker.name, f"task {task.pk} {state}: {task.text}" + (f" ({words})" if words else ""), at)

    write_whole(work)
    task.refresh_from_db()


def _make_row(incident: Incident, draft: Draft, at: datetime) -> Task:
    return Task(
        incident=incident, step=draft.step, role=draft.role, action=draft.action[:LONGEST_ACTION],
        target=draft.target[:TEXT], text=draft.text.strip(), source=draft.source[:TEXT], priority=draft.priority,
        added_at=at, due_at=at + timedelta(minutes=draft.minutes) if draft.minutes else None,
    )  # fmt: skip


def _tell(task: Task, who: str, what: str, at: datetime) -> None:
    detail = {"task": task.pk, "step": task.step, "action": task.action, "target": task.target, "role": task.role}
    enter("task", who, what, at, incident=task.incident.name, detail=detail | {"csf": CSF.get(task.step, "")})  # type: ignore[call-overload]


def _need_words(text: str, where: str) -> str:
    if not text.strip():
        raise WrongUse("says nothing", where=where, advice="say why")
    return text.strip()[:LONGEST_TEXT]
