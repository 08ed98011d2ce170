"""What `codered incident declare`, `list`, `step`, `set` and `close` do."""

from datetime import UTC, datetime
from typing import Any

from codered.cli.lengths import parse_length
from codered.cli.output import say, show
from codered.model.errors import ExitCode, WrongUse
from codered_hq.cli.incident_marks import answer, enter_marked, name_incident, show_document
from codered_hq.cli.speaking import find_speaker
from codered_hq.cli.tables import count, draw_table, show_time
from codered_hq.incidents.current import find_open_incident
from codered_hq.incidents.declaring import Change, Declaration, Left, close_incident, move_to
from codered_hq.incidents.declaring import change as change_incident
from codered_hq.incidents.declaring import declare as declare_incident
from codered_hq.incidents.models import Incident
from codered_hq.incidents.roster import view_roster
from codered_hq.incidents.views import INCIDENTS_FORMAT, view_incident
from codered_hq.reporting.closing import find_obstacles, find_unproved
from codered_hq.reporting.numbers import count_numbers


def declare(given: dict[str, Any]) -> int:
    """A new one. Raises WrongUse."""
    every = int(parse_length(given["report_every"], "--report-every"))
    enter_marked()
    speaker, now = find_speaker(given), datetime.now(UTC)
    said = Declaration(
        name=given["name"], title=given["title"], packs=given["packs"], severity=given["severity"], tlp=given["tlp"],
        drill=given["drill"], report_every=every, summary=given["summary"],
    )  # fmt: skip
    made = declare_incident(said, speaker, now)
    tasks = made.tasks.count()
    text = f"{name_incident(made)} is declared ({made.severity}, TLP:{made.tlp}): {count(tasks, 'task')} opened"
    answer(given, view_incident(made), text)
    if gaps := [view.role for view in view_roster(made, now) if view.gap]:
        say(f"codered: {count(len(gaps), 'role')} without people or backup: codered incident roster show")
    say("codered: next: codered task next   ·   codered incident roster call   ·   codered incident status")
    return ExitCode.CLEAN


def list_all(as_json: bool) -> int:
    """Every one, open ones first."""
    enter_marked()
    found = sorted(Incident.objects.all(), key=lambda each: (each.closed_at is not None, -each.declared_at.timestamp()))
    if as_json:
        show_document({"format": INCIDENTS_FORMAT, "incidents": [view_incident(each) for each in found]})
    elif not found:
        show("no incidents yet\n")
    else:
        titles = ("name", "step", "severity", "TLP", "declared (UTC)", "closed (UTC)", "title")
        show(draw_table(titles, map(_make_row, found)) + f"{count(len(found), 'incident')}\n")
    return ExitCode.CLEAN


def move(given: dict[str, Any]) -> int:
    """On to a step. Raises WrongUse, Refused."""
    incident, given = _find(given)
    opened = move_to(incident, given["step"], find_speaker(given), datetime.now(UTC))
    text = f"{name_incident(incident)}: step {incident.step}, {count(opened, 'task')} opened"
    answer(given, view_incident(incident), text)
    return ExitCode.CLEAN


def change(given: dict[str, Any]) -> int:
    """Note what is new. Raises WrongUse, Refused."""
    every = int(parse_length(given["report_every"], "--report-every")) if given["report_every"] else 0
    said = Change(
        severity=given["severity"], tlp=given["tlp"], summary=given["summary"], title=given["title"],
        impact=dict(_split_impact(each) for each in given["impacts"]), report_every=every,
    )  # fmt: skip
    if said == Change():
        raise WrongUse("nothing is new", advice="--severity, --tlp, --title, --summary, --impact or --report-every")
    incident, given = _find(given)
    changed = change_incident(incident, said, find_speaker(given), datetime.now(UTC))
    answer(given, view_incident(incident), f"{name_incident(incident)}: {', '.join(changed) or 'nothing'} changed")
    return ExitCode.CLEAN


def close(given: dict[str, Any]) -> int:
    """Close it. Raises Refused with the list of what is in the way, unless that is to be left open."""
    incident, given = _find(given)
    now = datetime.now(UTC)
    left = Left(find_obstacles(incident, now), given["leave_open"])
    close_incident(incident, left, find_speaker(given), now)
    for line in left.obstacles:
        say(f"codered: left open: {line}")
    for line in find_unproved(incident):
        say(f"codered: {line}: nothing is known of them, and that is not clean")
    if missing := count_numbers(incident, now).not_covered:
        say(f"codered: {missing:,} addresses were covered by no sweep: that is not clean")
    answer(given, view_incident(incident), f"{name_incident(incident)} is closed")
    return ExitCode.CLEAN


def _find(given: dict[str, Any]) -> tuple[Incident, dict[str, Any]]:
    enter_marked()
    return find_open_incident(given["name"]), given


def _split_impact(text: str) -> tuple[str, str]:
    area, equals, words = text.partition("=")
    if not equals:
        raise WrongUse("says no area", where=f"--impact {text[:40]!a}", advice="write AREA=TEXT")
    return area.strip(), words.strip()


def _make_row(incident: Incident) -> tuple[str, ...]:
    return (
        name_incident(incident), incident.step, incident.severity, incident.tlp, show_time(incident.declared_at),
        show_time(incident.closed_at) or "-", incident.title,
    )  # fmt: skip
