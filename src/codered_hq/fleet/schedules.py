"""Runs that are due again and again: re-verification after a cure, a scan each night."""

from collections.abc import Callable
from datetime import datetime, timedelta

import msgspec
from django.db.models import Q, Value
from django.db.models.functions import Concat, Substr

from codered.model.errors import WrongUse
from codered.model.job import JobWord
from codered_hq.fleet.models import FleetRun, Schedule
from codered_hq.fleet.orders import Wish
from codered_hq.fleet.planning import OPEN, find_owed, find_plans, note_left_out
from codered_hq.fleet.running import begin_run
from codered_hq.hosts.finding import Selection, select_hosts
from codered_hq.hosts.models import TEXT

WORDS = ("scan", "verify", "status")
LEAST = timedelta(minutes=5)
MOST = timedelta(days=366)

Say = Callable[[str], None]


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """A schedule as it is asked for; `until` None = without end."""

    word: str
    selection: Selection
    wish: Wish
    every: timedelta
    until: datetime | None = None
    reason: str = ""


def add_schedule(wanted: Wanted, at: datetime) -> Schedule:
    """A new schedule, due for the first time at once. Raises WrongUse, also for words that change something."""
    if wanted.word not in WORDS:
        raise WrongUse("can't be scheduled", where=wanted.word[:40], advice=f"schedule {' or '.join(WORDS)}")
    if not LEAST <= wanted.every <= MOST:
        raise WrongUse("is too often or too seldom", where="--every", advice="from 5m to 366d")
    if wanted.until is not None and wanted.until <= at:
        raise WrongUse("is over already", where="--until", advice="name a time to come")
    return Schedule.objects.create(
        word=wanted.word, selection=wanted.selection._asdict(), wish=msgspec.to_builtins(wanted.wish),
        every_seconds=int(wanted.every.total_seconds()), next_at=at, until=wanted.until, reason=wanted.reason[:255],
    )  # fmt: skip


def begin_due(at: datetime, tell: Say) -> list[FleetRun]:
    """A run for every schedule that is due at this time (aware). What was missed while nobody worked off the queue is
    made up for once, not many times. Hosts that the run before did not reach are asked by the new one; while the one
    before has not gone through all of its hosts, no other is begun, which is told.
    """
    begun = []
    for schedule in Schedule.objects.filter(active=True, next_at__lte=at).order_by("next_at"):
        if schedule.until is not None and schedule.until < at:
            schedule.active = False
        elif _end_before(schedule, at, tell):
            try:
                begun += _begin(schedule, at, tell)
            except WrongUse as error:
                tell(f"schedule {schedule.pk}: {error}")
        every = timedelta(seconds=schedule.every_seconds)
        schedule.next_at += every * ((at - schedule.next_at) // every + 1)
        schedule.save(update_fields=["active", "next_at"])
    return begun


def _end_before(schedule: Schedule, at: datetime, tell: Say) -> bool:
    """End what is left of the runs before: hosts that are off keep nobody waiting. False if one is still under way."""
    for run in FleetRun.objects.filter(schedule=schedule, state__in=("running", "waiting")).order_by("pk"):
        if run.hosts.filter(Q(state="running") | Q(state="queued", next_try=None)).exists():
            tell(f"schedule {schedule.pk}: run {run.uid[:8]} is still under way; no other one is begun")
            return False
        last = Concat(Value("not reached until the next run of its schedule; last: "), "reason")
        reason = Substr(last, 1, TEXT)
        off = run.hosts.filter(state="queued").update(state="given_up", reason=reason, ended=at, next_try=None)
        run.state, run.ended = "done", at
        run.save(update_fields=["state", "ended"])
        tell(f"schedule {schedule.pk}: hosts that run {run.uid[:8]} did not reach: {off:,}; the next run asks them")
    return True


def read_selection(schedule: Schedule) -> Selection:
    """Which hosts it is for; looked up anew each time."""
    known = {name: value for name, value in schedule.selection.items() if name in Selection._fields}
    lists = {name: tuple(value) for name, value in known.items() if isinstance(value, list)}
    return Selection(**{**known, **lists})


def _begin(schedule: Schedule, at: datetime, tell: Say) -> list[FleetRun]:
    selection = read_selection(schedule)
    hosts = list(select_hosts(selection))
    plans, owed = None, []
    if schedule.word == "verify":
        given = find_plans(hosts, "apply")
        plans, owed = given.documents, find_owed(given.left_out, bool(selection.names), OPEN)
        hosts = [host for host in hosts if host.pk in plans]
        if given.left_out:
            left = f"{len(given.left_out):,} hosts to which no plan was applied"
            tell(f"schedule {schedule.pk}: left out: {left}; a gap for {len(owed):,} of them")
    if not hosts and not owed:
        tell(f"schedule {schedule.pk}: no host fits now")
        return []
    word: JobWord = schedule.word  # type: ignore[assignment]
    run = begin_run(word, hosts, msgspec.convert(schedule.wish, Wish), at, plans)
    note_left_out(run, owed, at)
    run.schedule = schedule
    if not hosts:
        run.state, run.ended = "done", at
    run.save(update_fields=["schedule", "state", "ended"])
    return [run]
