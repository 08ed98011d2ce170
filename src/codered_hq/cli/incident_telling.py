"""What `codered incident timeline` and `handover` do."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import rich_click as click

from codered.cli.lengths import parse_length
from codered.cli.output import say, show
from codered.export.writing.escaping import printable
from codered.model.errors import ExitCode
from codered_hq.cli.incident_marks import begin_reading, begin_writing, name_incident, show_document
from codered_hq.cli.tables import count, draw_table, show_time
from codered_hq.incidents.handing_over import hand_over as change_hands
from codered_hq.incidents.people import find_person
from codered_hq.reporting.shift_page import ShiftPage, make_page
from codered_hq.reporting.timeline import make_timeline

_ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)


def show_timeline(given: dict[str, Any]) -> int:
    """What happened. Raises WrongUse."""
    incident, now = begin_reading(given["name"])
    made = make_timeline(incident, _read_since(given["since"], now), now)
    if given["as_json"]:
        show_document(made)
        return ExitCode.CLEAN
    rows = ((f"{each.at:%Y-%m-%d %H:%M:%S}", each.kind, each.who or "-", each.what) for each in made.happenings)
    table = draw_table(("time (UTC)", "kind", "who", "what"), rows) if made.happenings else ""
    show(f"{table}{name_incident(incident)}: {count(len(made.happenings), 'line')}\n")
    return ExitCode.CLEAN


def hand_over(given: dict[str, Any]) -> int:
    """To the next shift. Raises WrongUse."""
    incident, speaker, now = begin_writing(given)
    to, page = find_person(given["to"]), make_page(incident, now)
    over = change_hands(incident, to, msgspec.to_builtins(page), speaker, now)
    if given["as_json"]:
        show_document({"to": to.name, "roles": over.roles, "tasks": over.tasks, "page": page})
    else:
        _draw(page, name_incident(incident))
    roles = ", ".join(over.roles) or "no role"
    say(f"codered: {speaker.name} handed over to {to.name}: {roles}, {count(len(over.tasks), 'task')}")
    return ExitCode.CLEAN


def _read_since(text: str, now: datetime) -> datetime:
    """A date, or a length of time back from now; "" = all."""
    if not text:
        return _ALWAYS
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return now - timedelta(seconds=parse_length(text, "--since"))
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _draw(page: ShiftPage, name: str) -> None:
    show(f"HANDOVER {printable(name)}, step {page.step}, {show_time(page.at)} UTC\n")
    _draw_part("what comes next", page.following)
    _draw_part(
        "decisions waiting",
        [f"{each.uid[:8]} {each.what} (missing: {' '.join(each.missing)})" for each in page.waiting],
    )
    for each in page.held:
        if each.state == "stuck":
            click.secho(printable(f"can't be taken back: {each.what}: {each.error}"), fg="red")
    held = [f"{each.what} ({each.state}), undoes itself {show_time(each.undo_at) or 'never'}" for each in page.held]
    _draw_part("contained", held)
    tasks = [
        f"{task.number} {task.state} {task.owner or '-'} [{task.role or 'anybody'}] {task.text}"
        + (f" — {task.why}" if task.why else "")
        for task in page.tasks
    ]
    _draw_part("open tasks", tasks)
    _draw_part("messages not sent", page.messages)
    _draw_part("rumours not looked into", page.rumours)


def _draw_part(title: str, lines: "list[str] | tuple[str, ...]") -> None:
    show(f"\n{title}: {len(lines) or 'none'}\n" + "".join(f"  {printable(line)}\n" for line in lines))
