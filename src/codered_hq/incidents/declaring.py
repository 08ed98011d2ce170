"""An incident is declared, moves from step to step, changes, and is closed."""

import re
from datetime import datetime, timedelta
from typing import NamedTuple

from codered.model.errors import Refused, WrongUse
from codered_hq.config import is_exercise
from codered_hq.hosts.models import TEXT
from codered_hq.incidents.models import Incident
from codered_hq.incidents.people import Speaker
from codered_hq.incidents.tasks import open_drafts
from codered_hq.incidents.templates import find_packs, make_drafts
from codered_hq.incidents.writing import write_whole
from codered_hq.ledger.writing import enter
from codered_hq.model.crisis import CSF, STEPS, Severity, Step, Tlp

LONGEST_TEXT = 20_000
MOST_IMPACTS = 40
SHORTEST_REPORT = 300  # seconds between two status reports
LONGEST_REPORT = 7 * 86_400
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_AREA = re.compile(r"[^\W_][\w /&.-]{0,39}")


class Declaration(NamedTuple):
    """What is known at the first minute. `report_every` in seconds; a drill stays one for good, and in a headquarters
    that is a drill's own every incident is one.
    """

    name: str
    title: str
    packs: tuple[str, ...] = ()
    severity: Severity = "high"
    tlp: Tlp = "AMBER"
    drill: bool = False
    report_every: int = 3600
    summary: str = ""


class Change(NamedTuple):
    """What is new; "" = as before. An area of `impact` with an empty text is taken away."""

    severity: str = ""
    tlp: str = ""
    summary: str = ""
    title: str = ""
    impact: dict[str, str] = {}  # noqa: RUF012 - nobody writes into it
    report_every: int = 0


class Left(NamedTuple):
    """What is in the way of closing, as whoever knows it found (reporting.closing), and why it may stay so ("" = it may
    not).
    """

    obstacles: tuple[str, ...] = ()
    why: str = ""


def declare(said: Declaration, speaker: Speaker, at: datetime) -> Incident:
    """Declare an incident at this time (aware) and open the tasks of its first step. Raises WrongUse."""
    if not _NAME.fullmatch(said.name):
        raise WrongUse("is no name for an incident", where=said.name[:64], advice="letters, digits, . _ - (64 at most)")
    title = _check_text(said.title, "--title", TEXT)
    _check_every(said.report_every)
    packs = find_packs(said.packs)
    drill = said.drill or is_exercise()

    def work() -> Incident:
        if Incident.objects.filter(name=said.name).exists():
            raise WrongUse("an incident of this name was declared before", where=said.name, advice="give another name")
        made = Incident.objects.create(
            name=said.name, title=title, packs=[pack.name for pack in packs], severity=said.severity, tlp=said.tlp,
            drill=drill, summary=_check_text(said.summary, "--summary", LONGEST_TEXT, empty=True),
            declared_at=at, declared_by=speaker.name, report_every_seconds=said.report_every,
            next_report_at=at + timedelta(seconds=said.report_every),
        )  # fmt: skip
        what = f"{'DRILL ' if drill else ''}incident {said.name} declared: {title}"
        detail = {"packs": made.packs, "severity": said.severity, "tlp": said.tlp, "drill": drill}
        enter("incident", speaker.name, what, at, incident=said.name, detail=detail | {"csf": CSF["detect"]})
        open_drafts(made, make_drafts(made, "detect", packs), at)
        return made

    return write_whole(work)


def move_to(incident: Incident, step: Step, speaker: Speaker, at: datetime) -> int:
    """Go on to a step, or back to one: an infection may come back. Its tasks are opened; how many are new. Raises
    WrongUse.
    """
    if step not in STEPS:
        raise WrongUse("is no step", where=step[:20], advice=" ".join(STEPS))
    packs = find_packs(tuple(incident.packs))

    def work() -> int:
        before, incident.step = incident.step, step
        incident.save(update_fields=["step"])
        if before != step:
            what = f"step: {before} -> {step}"
            enter("incident", speaker.name, what, at, incident=incident.name, detail={"step": step, "csf": CSF[step]})
        return open_drafts(incident, make_drafts(incident, step, packs), at)

    return write_whole(work)


def change(incident: Incident, said: Change, speaker: Speaker, at: datetime) -> tuple[str, ...]:
    """Note what is new; the names of what changed. Raises WrongUse."""
    fields = {name: getattr(said, name) for name in ("severity", "tlp") if getattr(said, name)}
    if said.title:
        fields["title"] = _check_text(said.title, "--title", TEXT)
    if said.summary:
        fields["summary"] = _check_text(said.summary, "--summary", LONGEST_TEXT)
    if said.impact:
        fields["impact"] = _merge_impact(incident.impact, said.impact)
    if said.report_every:
        _check_every(said.report_every)
        fields["report_every_seconds"] = said.report_every
        fields["next_report_at"] = at + timedelta(seconds=said.report_every)
    changed = {name: value for name, value in fields.items() if getattr(incident, name) != value}

    def work() -> tuple[str, ...]:
        for name, value in changed.items():
            setattr(incident, name, value)
        incident.save(update_fields=list(changed))
        what = f"changed: {', '.join(sorted(changed))}"
        enter("incident", speaker.name, what, at, incident=incident.name, detail=changed)
        return tuple(sorted(changed))

    return write_whole(work) if changed else ()


def close_incident(incident: Incident, left: Left, speaker: Speaker, at: datetime) -> None:
    """Close it. Raises Refused with what is still in the way, unless there is a reason to leave it so: that is entered
    word for word.
    """
    why = _check_text(left.why, "--leave-open", LONGEST_TEXT, empty=True)
    if left.obstacles and not why:
        advice = "end these first, or say why they stay: --leave-open REASON"
        raise Refused("can't be closed: " + "; ".join(left.obstacles), where=incident.name, advice=advice)

    def work() -> None:
        incident.closed_at, incident.next_report_at = at, None
        incident.save(update_fields=["closed_at", "next_report_at"])
        tasks = incident.tasks.filter(state__in=("open", "claimed", "blocked"))
        dropped = tasks.update(
            state="dropped", why="the incident was closed", ended_at=at, owner=None, lease_until=None
        )
        incident.duties.filter(until=None).update(until=at)
        open_still = f" although: {'; '.join(left.obstacles)} (why: {why})" if left.obstacles else ""
        detail = {"tasks_dropped": dropped, "left_open": list(left.obstacles), "why": why}
        what = f"incident {incident.name} closed{open_still}"
        enter("incident", speaker.name, what, at, incident=incident.name, detail=detail)

    write_whole(work)


def _merge_impact(before: dict[str, str], said: dict[str, str]) -> dict[str, str]:
    merged = dict(before)
    for area, text in said.items():
        if not _AREA.fullmatch(area):
            raise WrongUse("is no name of an area", where=f"--impact {area[:40]!a}", advice="write AREA=TEXT")
        if text:
            merged[area] = _check_text(text, "--impact", 2_000)
        else:
            merged.pop(area, None)
    if len(merged) > MOST_IMPACTS:
        raise WrongUse(f"more than {MOST_IMPACTS} areas", where="--impact", advice="put some of them together")
    return merged


def _check_text(text: str, where: str, most: int, *, empty: bool = False) -> str:
    text = text.strip()
    if not text and not empty:
        raise WrongUse("says nothing", where=where, advice="write a sentence")
    if len(text) > most or "\0" in text:
        raise WrongUse(f"is longer than {most:,} signs, or no text", where=where, advice="make it shorter")
    return text


def _check_every(seconds: int) -> None:
    if not SHORTEST_REPORT <= seconds <= LONGEST_REPORT:
        raise WrongUse("a report is due every 5 minutes to 7 days", where="--report-every", advice="write 1h")
