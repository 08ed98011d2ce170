"""Fleet runs as values, for people and programs: a row for each host that was meant, whatever became of it."""

from collections.abc import Iterator
from datetime import datetime
from typing import Literal

import msgspec
from django.db.models import Count, QuerySet

from codered_hq.fleet.models import FleetRun, HostRun, Schedule

RUN_FORMAT: Literal["codered/fleet-run/1"] = "codered/fleet-run/1"
RUNS_FORMAT: Literal["codered/fleet-runs/1"] = "codered/fleet-runs/1"
MISSING = ("awaiting", "queued", "running", "refused", "failed", "given_up")


class TaskView(msgspec.Struct, frozen=True, kw_only=True):
    """One host in a run. `state` is the task's, `case` that of the host; `exit_code` of its word (None = not known)."""

    number: int
    name: str
    owner: str
    state: str
    case: str
    verdict: str
    outcome: str
    reason: str
    attempts: int
    exit_code: int | None
    next_try: datetime | None


class RunView(msgspec.Struct, frozen=True, kw_only=True):
    """A run. `counts`: hosts by state of their task; `whole`: every host answered, and could look at all; `found`:
    hosts where something was found.
    """

    format: Literal["codered/fleet-run/1"]
    uid: str
    word: str
    state: str
    incident: str
    started: datetime
    ended: datetime | None
    expires: datetime
    counts: dict[str, int]
    found: int
    whole: bool
    hosts: tuple[TaskView, ...] = ()


class RunList(msgspec.Struct, frozen=True, kw_only=True):
    """All runs, the newest first."""

    format: Literal["codered/fleet-runs/1"]
    runs: tuple[RunView, ...]


class ScheduleView(msgspec.Struct, frozen=True, kw_only=True):
    """A schedule; `selection` holds what narrows it."""

    number: int
    word: str
    every_seconds: int
    next_at: datetime
    until: datetime | None
    active: bool
    reason: str
    selection: dict[str, list[str] | str]


def view_run(run: FleetRun, *, with_hosts: bool = True) -> RunView:
    """A run as it is now."""
    counts = dict(run.hosts.values_list("state").annotate(Count("pk")).order_by())
    looked = run.word in ("scan", "verify")
    found = run.hosts.filter(state="answered", exit_code=1).count() if looked else 0
    partly = run.hosts.filter(state="answered").exclude(exit_code__in=(0, 1))
    gaps = run.hosts.filter(state="answered", report__gaps__gt=0)
    joined = run.hosts.filter(joined__contains="was not reached")
    missing = any(counts.get(state) for state in MISSING)
    return RunView(
        format=RUN_FORMAT, uid=run.uid, word=run.word, state=run.state, incident=run.incident, started=run.started,
        ended=run.ended, expires=run.expires, counts=counts, found=found,
        whole=not (missing or partly.exists() or gaps.exists() or joined.exists()),
        hosts=tuple(view_tasks(run.hosts.all())) if with_hosts else (),
    )  # fmt: skip


def view_tasks(tasks: "QuerySet[HostRun]") -> Iterator[TaskView]:
    """The rows by the hosts' names."""
    near = tasks.select_related("host__owner").defer("job", "plan", "document").order_by("host__label", "pk")
    for task in near.iterator():
        owner = task.host.owner
        yield TaskView(
            number=task.host.pk, name=task.host.label, owner=owner.name if owner else "", state=task.state,
            case=task.host.state, verdict=task.verdict, outcome=task.outcome, reason=task.reason,
            attempts=task.attempts, exit_code=task.exit_code, next_try=task.next_try,
        )  # fmt: skip


def view_runs(most: int = 200) -> RunList:
    """The newest runs, without their hosts."""
    runs = FleetRun.objects.order_by("-started", "-pk")[:most]
    return RunList(format=RUNS_FORMAT, runs=tuple(view_run(run, with_hosts=False) for run in runs))


def view_schedule(schedule: Schedule) -> ScheduleView:
    """A schedule as it is now."""
    return ScheduleView(
        number=schedule.pk, word=schedule.word, every_seconds=schedule.every_seconds, next_at=schedule.next_at,
        until=schedule.until, active=schedule.active, reason=schedule.reason,
        selection={name: value for name, value in schedule.selection.items() if value},
    )  # fmt: skip
