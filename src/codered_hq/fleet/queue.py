"""Working off what is due: schedules, hosts that were off, runs that were broken off, watches that are over."""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from codered.model.errors import CodeRedError, Refused
from codered_hq.fleet.cases import end_watches, find_unlooked
from codered_hq.fleet.models import FleetRun, HostRun
from codered_hq.fleet.orders import CHANGING
from codered_hq.fleet.permitting import has_news
from codered_hq.fleet.running import Means, Tell, carry_on, find_due
from codered_hq.fleet.schedules import begin_due
from codered_hq.gate.expiring import expire


class WorkedOff(NamedTuple):
    """What one pass came to: the runs that were carried on, cases closed, and what could not be done, in words;
    `unlooked`: hosts whose watch is over without a clean look since.
    """

    runs: tuple[FleetRun, ...]
    closed: int
    failed: tuple[str, ...]
    unlooked: tuple[str, ...] = ()


def work_queue(means: Means, at: datetime, tell: Tell, say: Callable[[str], None]) -> WorkedOff:
    """One pass at this time (aware). A run that another process works at is left to it; one run's failure does not keep
    the others waiting.
    """
    begin_due(at, say)
    done: list[FleetRun] = []
    failed: list[str] = []
    expire(at)
    opened = FleetRun.objects.filter(state__in=("running", "waiting", "awaiting"))
    for run in opened.exclude(word="sweep").order_by("started"):
        news = run.word in CHANGING and has_news(run)
        if not news and not find_due(run, at).exists() and at < run.expires:
            continue
        try:
            done.append(carry_on(run, means, tell))
        except Refused:
            continue
        except CodeRedError as error:
            failed.append(str(error))
    closed = end_watches(at)
    return WorkedOff(tuple(done), closed, tuple(failed), tuple(host.label for host in find_unlooked(at)))


def find_next(at: datetime) -> datetime | None:
    """When there is something to do again; None = nothing is queued."""
    row = HostRun.objects.filter(state="queued").exclude(next_try=None).order_by("next_try").first()
    return max(row.next_try, at) if row and row.next_try else None
