"""`codered contain list`."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import msgspec
import rich_click as click

from codered.cli.output import say, show
from codered.export.writing.escaping import printable
from codered.model.errors import ExitCode
from codered_hq.cli.entering import enter_headquarters
from codered_hq.cli.tables import draw_table, show_time
from codered_hq.containment.settling import hear, tell_keeping
from codered_hq.containment.views import ContainmentView, list_views

FORMAT = "codered/network-containments/1"
_TITLES = ("uid", "state", "what", "host", "until", "rule", "by", "timers", "proof")


class Containments(msgspec.Struct, frozen=True, kw_only=True):
    """`codered contain list --json`."""

    containments: tuple[ContainmentView, ...]
    format: str = FORMAT


def list_all(*, ended: bool, as_json: bool) -> int:
    """Show them; the exit code says whether somebody is needed."""
    entered = enter_headquarters()
    for line in hear(entered.folder):  # no device is waited for
        say(f"codered: {printable(line)}")
    for line in tell_keeping(entered.folder):
        say(f"codered: {printable(line)}")
    found = list_views(datetime.now(UTC), ended=ended)
    if as_json:
        show(msgspec.json.format(msgspec.json.encode(Containments(containments=tuple(found)))).decode() + "\n")
    elif found:
        show("".join(_tell(found)))
    else:
        show("nothing is contained in the network\n")
    if any(each.state == "stuck" for each in found):
        return ExitCode.FOUND
    unsure = any(each.overdue or each.state in ("begun", "undoing") for each in found)
    return ExitCode.INCOMPLETE if unsure else ExitCode.CLEAN


def _tell(found: Sequence[ContainmentView]) -> Iterator[str]:
    """A table, red where somebody is needed, and the reason below it."""
    lines = draw_table(_TITLES, [_draw(each) for each in found]).splitlines(keepends=True)
    yield lines[0]
    for line, each in zip(lines[1:], found, strict=True):
        red = each.state == "stuck" or each.overdue
        yield click.style(line, fg="red") if red else line
        if each.error:
            said = f"  {each.uid[:8]}: {printable(each.error)}" + (f" (tried {each.tries} times)" if each.tries else "")
            yield (click.style(said, fg="red") if red else said) + "\n"


def _draw(each: ContainmentView) -> tuple[str, ...]:
    timers = ", ".join(timer.partition(":")[0] for timer in each.timers) or "none"
    until = show_time(each.until) + (" OVERDUE" if each.overdue else "") if each.until else "for good"
    state = f"{each.state} by {each.undone_by}" if each.undone_by else each.state
    if each.overdue and each.state != "stuck":
        state = f"due since {each.until:%H:%M:%S} UTC; not read yet"
    return (each.uid[:8], state, each.what, each.host, until, each.rule, each.requested_by, timers, each.proof)
