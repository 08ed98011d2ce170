"""Runs that are due again and again: re-verification after a cure, a scan each night."""

from collections.abc import Callable
from datetime import datetime, timedelta

import msgspec

from codered.model.errors import WrongUse
from codered.model.job import JobWord
from codered_hq.fleet.models import FleetRun, Schedule
from codered_hq.fleet.orders import Wish
from codered_hq.fleet.planning import find_plans
from codered_hq.fleet.running import begin_run
from codered_hq.hosts.finding import Selection, select_hosts

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
    made up for once, not many times; one whose earlier run is not over yet is not begun again.
    """
    begun = []
    for schedule in Schedule.objects.filter(active=True, next_at__lte=at).order_by("next_at"):
        if schedule.until is not None and schedule.until < at:
            schedule.active = False
        elif not FleetRun.objects.filter(schedule=schedule, state__in=("running", "waiting")).exists():
            try:
                begun += _begin(schedule, at, tell)
            except WrongUse as error:
                tell(f"schedule {schedule.pk}: {error}")
        every = timedelta(seconds=schedule.every_seconds)
        schedule.next_at += every * ((at - schedule.next_at) // every + 1)
        schedule.save(update_fields=["active", "next_at"])
    return begun


def read_selection(schedule: Schedule) -> Selection:
    """Which hosts it is for; looked up anew each time."""
    known = {name: value for name, value in schedule.selection.items() if name in Selection._fields}
    lists = {name: tuple(value) for name, value in known.items() if isinstance(value, list)}
    return Selection(**{**known, **lists})


def _begin(schedule: Schedule, at: datetime, tell: Say) -> list[FleetRun]:
    hosts = list(select_hosts(read_selection(schedule)))
    plans = None
    if schedule.word == "verify":
        given = find_plans(hosts, "apply")
        plans = given.documents
        hosts = [host for host in hosts if host.pk in plans]
    if not hosts:
        tell(f"schedule {schedule.pk}: no host fits now")
        return []
    word: JobWord = schedule.word  # type: ignore[assignment]
    run = begin_run(word, hosts, msgspec.convert(schedule.wish, Wish), at, plans)
    run.schedule = schedule
    run.save(update_fields=["schedule"])
    return [run]
