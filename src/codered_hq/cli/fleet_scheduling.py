"""`codered fleet schedule`."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from codered.cli.lengths import parse_length
from codered.cli.output import show
from codered.model.errors import ExitCode, WrongUse
from codered.model.job import ScanWish
from codered_hq.cli.entering import enter_headquarters
from codered_hq.cli.fleet_choosing import find_run, read_names
from codered_hq.cli.host_choosing import choose
from codered_hq.cli.tables import count, draw_table, show_time
from codered_hq.fleet.models import Schedule
from codered_hq.fleet.orders import Wish
from codered_hq.fleet.schedules import Wanted, add_schedule
from codered_hq.fleet.views import ScheduleView, view_schedule
from codered_hq.hosts.finding import Selection, select_hosts


def add(names: tuple[str, ...], given: dict[str, Any]) -> int:
    """A new schedule."""
    enter_headquarters()
    now = datetime.now(UTC)
    named = read_names(names)
    if len(named) == 1 and (run := find_run(named[0])):
        named = tuple(f"#{number}" for number in run.hosts.values_list("host_id", flat=True))
    selection = choose(named, given)
    if selection == Selection() and not given["everything"]:
        raise WrongUse("no host is named", advice="name hosts or a run, choose by --tag, --subnet …, or say --all")
    select_hosts(selection).exists()  # a name that nobody has is told now
    wanted = Wanted(
        word=given["word"], selection=selection, every=timedelta(seconds=parse_length(given["every"], "--every")),
        wish=Wish(scan=ScanWish(fast=given["fast"]) if given["word"] == "scan" else None),
        until=_read_until(given["until"], now), reason=given["reason"],
    )  # fmt: skip
    made = add_schedule(wanted, now)
    show(f"schedule {made.pk}: {made} from now on; codered fleet run-queue makes the runs\n")
    return ExitCode.CLEAN


def list_all(as_json: bool) -> int:
    """Every schedule."""
    enter_headquarters()
    views = [view_schedule(each) for each in Schedule.objects.order_by("pk")]
    if as_json:
        show(msgspec.json.encode(views).decode() + "\n")
    elif not views:
        show("no schedules yet\n")
    else:
        titles = ("#", "word", "every", "next (UTC)", "until (UTC)", "hosts", "why")
        show(draw_table(titles, map(_make_row, views)) + f"{count(len(views), 'schedule')}\n")
    return ExitCode.CLEAN


def remove(number: int) -> int:
    """One less. Raises WrongUse if there is none."""
    enter_headquarters()
    gone, _ = Schedule.objects.filter(pk=number).delete()
    if not gone:
        raise WrongUse("no such schedule", where=str(number), advice="codered fleet schedule list shows them")
    show(f"schedule {number} is removed\n")
    return ExitCode.CLEAN


def _make_row(view: ScheduleView) -> tuple[str, ...]:
    said = (f"{name} {value if isinstance(value, str) else ' '.join(value)}" for name, value in view.selection.items())
    following = show_time(view.next_at) if view.active else "over"
    hours, minutes = divmod(view.every_seconds // 60, 60)
    every = f"{hours} h {minutes:02} min" if minutes else f"{hours} h"
    until = show_time(view.until) or "-"
    return f"{view.number}", view.word, every, following, until, "; ".join(said) or "all", view.reason or "-"


def _read_until(text: str, now: datetime) -> datetime | None:
    """A length of time from now, or a date (UTC); "" = without end."""
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return now + timedelta(seconds=parse_length(text, "--until"))
    return at if at.tzinfo else at.replace(tzinfo=UTC)
