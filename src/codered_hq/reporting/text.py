"""The status document -> at most 60 lines for a terminal, what is urgent first."""

from collections.abc import Iterator, Sequence

from codered_hq.model.crisis import STEPS
from codered_hq.reporting.document import StatusReport
from codered_hq.reporting.words import (
    FIVE,
    cut,
    mark_tlp,
    name_number,
    name_word,
    tell_count,
    tell_number,
    tell_reached,
    tell_roles,
    tell_time,
)

MOST_LINES = 60
MOST_WIDE = 118
_ROWS = 5  # of each list


def write_text(status: StatusReport) -> str:
    """The text. Every value is printable, whatever it was."""
    lines = [
        *_tell_head(status),
        *_tell_numbers(status),
        *_tell_stuck(status),
        *_tell_waiting(status),
        *_tell_holding(status),
        *_tell_gaps(status),
        *_tell_work(status),
        *_tell_undelivered(status),
    ]
    head = f"ledger: entry {status.ledger_seq:,}, head {status.ledger_head}" if status.ledger_head else "ledger: empty"
    lines = [*lines[: MOST_LINES - 2], cut(head, MOST_WIDE), _mark(status)]
    return "\n".join(lines) + "\n"


def _mark(status: StatusReport) -> str:
    return mark_tlp(status) + ("   *** DRILL: this is an exercise ***" if status.drill else "")


def _tell_head(status: StatusReport) -> Iterator[str]:
    yield _mark(status)
    yield cut(f"{status.incident}: {status.title}", MOST_WIDE)
    when = (
        f"as of {tell_time(status.at)}; severity {status.severity}; {name_word('steps', status.step)} ({status.step})"
    )
    yield cut(when, MOST_WIDE)
    ended = (
        f"closed {tell_time(status.closed_at)}"
        if status.closed_at
        else f"next report {tell_time(status.next_report_at)}"
    )
    yield cut(f"declared {tell_time(status.declared_at)} by {status.declared_by}; {ended}", MOST_WIDE)
    for area, text in list(status.impact.items())[:_ROWS]:
        yield cut(f"  impact, {cut(area, 30)}: {text}", MOST_WIDE)
    yield ""


def _tell_numbers(status: StatusReport) -> Iterator[str]:
    numbers = status.numbers
    before = {each.what: each.before for each in status.changes}
    for name in FIVE:
        value = getattr(numbers, name)
        change = f"  ({value - before[name]:+,} since {tell_time(status.last_report_at)})" if name in before else ""
        note = f" ({told})" if (told := tell_number(name, status)) else ""
        yield f"{value:>9,}  {name_number(name, status)}{note}{change}"
    yield f"{'':9}  also: {numbers.suspect:,} suspected, {numbers.cleaned:,} cleaned but not verified yet"
    yield cut(tell_reached(status), MOST_WIDE * 2)
    yield ""


def _tell_stuck(status: StatusReport) -> Iterator[str]:
    stuck = [each for each in status.containments if each.state == "stuck"]
    rows = [f"  {cut(each.place, 40)}, due {tell_time(each.undo_at)}: {each.error or 'tried again'}" for each in stuck]
    if stuck:
        yield from _tell_list("CAN'T BE TAKEN BACK, tried again until it works", rows, max(status.stuck, len(stuck)))
    due = [each for each in status.containments if each.overdue and each.state != "stuck"]
    rows = [f"  {cut(each.place, 40)}, due since {tell_time(each.undo_at)}; not read yet" for each in due]
    if due:
        yield from _tell_list("due to be taken back, not read yet (codered work reads it)", rows, len(due))


def _tell_waiting(status: StatusReport) -> Iterator[str]:
    rows = [
        f"  {each.uid[:8]}  {cut(name_word('kinds', each.kind), 30)}, {cut(each.target, 36)}: "
        f"{cut(tell_roles(each.missing), 40)} until {tell_time(each.expires_at)}"
        for each in status.waiting
    ]
    yield from _tell_list("Decisions that wait, and whose yes is missing", rows, status.waiting_of)


def _tell_holding(status: StatusReport) -> Iterator[str]:
    rows = [
        f"  {cut(each.place, 36)}  {cut(each.host, 30)}  {name_word('states', each.state)}, "
        + (f"undoes itself {tell_time(each.undo_at)}" if each.undo_at else "undone by hand only")
        for each in status.containments
    ]
    yield from _tell_list("Containments", rows, status.containments_of)


def _tell_gaps(status: StatusReport) -> Iterator[str]:
    rows = [
        f"  {cut(each.range, 40)}  {each.missing:,} of {each.total:,}: {'; '.join(each.reasons)}"
        for each in status.gaps
    ]
    yield from _tell_list("Subnets that are not covered", rows, status.gaps_of)


def _tell_work(status: StatusReport) -> Iterator[str]:
    rows = [
        f"  {cut(each.role.replace('_', ' ') or 'anybody', 24)}: {each.open:,} open, {each.claimed:,} claimed, "
        f"{each.blocked:,} blocked, {each.overdue:,} overdue"
        for each in status.tasks
    ]
    yield from _tell_list("Tasks by role", rows, len(rows))
    done = {each.step: f"{each.done:,}/{each.done + each.left + each.dropped:,}" for each in status.steps}
    steps = ", ".join(f"{'*' if step == status.step else ''}{step} {done.get(step, '0/0')}" for step in STEPS)
    yield cut(f"Steps (tasks done/all): {steps}", MOST_WIDE)
    if status.open_rumours:
        yield f"{tell_count(status.open_rumours, 'rumour')} not checked yet"


def _tell_undelivered(status: StatusReport) -> Iterator[str]:
    rows = [
        f"  {cut(each.way or 'no way', 20)} {cut(each.to, 40)}: {tell_count(each.notices, 'notice')} "
        f"{'given up' if each.given_up else 'tried again'}, {each.error}"
        for each in status.undelivered
    ]
    if rows:
        yield from _tell_list("Notices that did not get through", rows, len(rows))


def _tell_list(title: str, rows: Sequence[str], number: int) -> Iterator[str]:
    yield f"{title}: {number:,}" if number else f"{title}: none"
    yield from (cut_row(row) for row in rows[:_ROWS])
    if number > _ROWS:
        yield f"  … and {number - _ROWS:,} more"


def cut_row(row: str) -> str:
    """A line of a list, with its two spaces."""
    return "  " + cut(row, MOST_WIDE - 2)
