"""What `codered incident roster` does."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import rich_click as click

from codered.cli.lengths import parse_length
from codered.cli.output import say, show
from codered.export.writing.escaping import printable
from codered.model.errors import ExitCode, Refused, WrongUse
from codered_hq.accounts.leaving import leave_team
from codered_hq.cli.incident_marks import answer, begin_writing, enter_marked, name_incident, read_moment, show_document
from codered_hq.cli.speaking import find_speaker
from codered_hq.cli.tables import count, draw_table, show_time
from codered_hq.gate.rules_in_force import find_rules
from codered_hq.incidents import calling, roster
from codered_hq.incidents.appointing import find_appointers
from codered_hq.incidents.current import find_incident_if_any, find_open_incident
from codered_hq.incidents.models import Call, Incident, Person
from codered_hq.incidents.people import PersonCard, Speaker, add_person, find_person
from codered_hq.incidents.writing import write_whole
from codered_hq.model.crisis import ROLES

ROSTER_FORMAT = "codered/roster/1"


def show_roster(given: dict[str, Any]) -> int:
    """All roles; exits with 3 if one has a gap."""
    enter_marked()
    incident, now = find_incident_if_any(given["incident"]), datetime.now(UTC)
    views = roster.view_roster(incident, now)
    silent = calling.find_silent(incident, now)
    gaps = [view for view in views if view.gap]
    if given["as_json"]:
        names = [call.person.name for call in silent]
        name = incident.name if incident else ""
        show_document({"format": ROSTER_FORMAT, "incident": name, "roles": views, "silent": names})
        return ExitCode.INCOMPLETE if gaps else ExitCode.CLEAN
    titles = ("role", "who", "", "reach", "answered (UTC)", "dedicated until", "proof")
    show(draw_table(titles, [row for view in views for row in _make_rows(view)]))
    for view in gaps:
        click.secho(f"{view.role}: {view.gap}", fg="red")
    for call in silent:
        click.secho(f"{printable(call.person.name)} does not answer since {show_time(call.at)} UTC", fg="red")
    show(f"{name_incident(incident) if incident else 'standing'}: {count(len(gaps), 'gap')} in {len(views)} roles\n")
    return ExitCode.INCOMPLETE if gaps else ExitCode.CLEAN


def add(given: dict[str, Any]) -> int:
    """A person, and a role. Raises WrongUse, Refused."""
    incident, speaker, now = _begin(given)
    until = read_moment(given["dedicated_until"], "--dedicated-until", now)
    if not given["role"] and (given["backup"] or until):
        raise WrongUse("these are about a role", where="--backup --dedicated-until", advice="say --role ROLE")
    card = PersonCard(
        name=given["person"], mail=given["mail"], phone=given["phone"], account=given["account"],
        public_key_file=given["public_key"],
    )  # fmt: skip
    was_open = not find_appointers(incident, now)

    def enter_both() -> Person:
        person = add_person(card, now, speaker)
        if given["role"]:
            said = roster.Assignment(given["role"], given["backup"], until)
            roster.assign(incident, person, said, speaker, now)
        return person

    person = write_whole(enter_both)
    as_what = f"{'backup of ' if given['backup'] else ''}{given['role']}" if given["role"] else "in the team"
    text = f"{person.name}: {as_what}{_say_where(incident) if given['role'] else ''}"
    if was_open:
        _warn_open(incident, now)
    answer(given, {"person": person.name, "role": given["role"], "incident": _name(incident)}, text)
    return ExitCode.CLEAN


def make_backup(given: dict[str, Any]) -> int:
    """A backup. Raises WrongUse."""
    incident, speaker, now = _begin(given)
    person = find_person(given["person"])
    if not person.active:
        raise WrongUse("is not in the team any more", where=person.name, advice="codered incident roster add")
    roster.assign(incident, person, roster.Assignment(given["role"], backup=True), speaker, now)
    text = f"{person.name}: backup of {given['role']}{_say_where(incident)}"
    answer(given, {"person": person.name, "role": given["role"], "incident": _name(incident)}, text)
    return ExitCode.CLEAN


def remove(given: dict[str, Any]) -> int:
    """Out of a role, or out of the team. Raises WrongUse."""
    incident, speaker, now = _begin(given)
    person = find_person(given["person"])
    if given["from_team"]:
        leave_team(person.name, now, speaker)
        answer(given, {"person": person.name, "active": False}, f"{person.name} left the team")
        return ExitCode.CLEAN
    ended = roster.release(incident, person, given["role"], speaker, now)
    answer(given, {"person": person.name, "ended": ended}, f"{person.name}: {count(ended, 'role')} ended")
    return ExitCode.CLEAN


def test(given: dict[str, Any]) -> int:
    """Everybody is asked to answer."""
    incident, speaker, now = _begin(given)
    return _tell_calls(given, calling.call_all(incident, "this is a test of the roster", speaker, now))


def call(given: dict[str, Any]) -> int:
    """First choices are called. Raises WrongUse."""
    if unknown := [role for role in given["roles"] if role not in ROLES]:
        raise WrongUse("is no role", where=unknown[0][:40], advice=" ".join(ROLES))
    incident, speaker, now = _begin(given)
    return _tell_calls(given, calling.call_roles(incident, given["roles"] or ROLES, given["why"], speaker, now))


def note_reached(given: dict[str, Any]) -> int:
    """Somebody answered. Raises WrongUse."""
    enter_marked()
    speaker, person = find_speaker(given), find_person(given["person"])
    calls = calling.note_reached(person, speaker.name, datetime.now(UTC))
    text = f"{person.name} was reached; {count(calls, 'call')} answered"
    answer(given, {"person": person.name, "calls": calls, "reached_at": person.reached_at}, text)
    return ExitCode.CLEAN


def commandeer(given: dict[str, Any]) -> int:
    """Off other work. Raises Refused where no rule in force lets us."""
    incident, speaker, now = begin_writing(given)
    in_force = find_rules(now)
    if in_force is None or not in_force.book.may_commandeer_staff:
        what = "no rules of engagement in force let us take people off their work"
        raise Refused(what, where="may_commandeer_staff", advice="codered rules show")
    until = now + timedelta(seconds=parse_length(given["length"], "--for"))
    person = find_person(given["person"])
    roster.commandeer(incident, person, roster.Assignment(given["role"], dedicated_until=until), speaker, now)
    text = f"{person.name}: {given['role']}, and nothing else until {show_time(until)} UTC"
    answer(given, {"person": person.name, "role": given["role"], "dedicated_until": until}, text)
    return ExitCode.CLEAN


def _begin(given: dict[str, Any]) -> tuple[Incident | None, Speaker, datetime]:
    """The roster of one incident, or the standing one where none is open or meant. Raises WrongUse."""
    enter_marked()
    if given.get("standing"):
        if given["incident"]:
            raise WrongUse("--standing and --incident are different things", advice="say one of them")
        incident = None
    else:
        incident = find_open_incident(given["incident"]) if given["incident"] else find_incident_if_any()
    return incident, find_speaker(given), datetime.now(UTC)


def _warn_open(incident: Incident | None, now: datetime) -> None:
    """While nobody can appoint, everybody can: that must not stay so unnoticed."""
    if not find_appointers(incident, now):
        say(
            "codered: ATTENTION: nobody can prove that he is incident_commander or executive, so anybody here can"
            " change the roster: give one a key (roster add NAME --role incident_commander --public-key FILE)"
        )
    else:
        say("codered: ATTENTION: this one was believed without a proof; from now on only who may appoint does it")


def _tell_calls(given: dict[str, Any], calls: Sequence[Call]) -> int:
    names = [call.person.name for call in calls]
    text = f"{len(calls)} called: {', '.join(names)}" if calls else "nobody has a role that could be called"
    answer(given, {"called": names}, text)
    return ExitCode.CLEAN if calls else ExitCode.INCOMPLETE


def _make_rows(view: roster.RoleView) -> list[tuple[str, ...]]:
    if not view.holders:
        return [(view.role, "-", "NOBODY", "-", "-", "-", "-")]
    return [
        (
            view.role, holder.person, "backup" if holder.order else "first", holder.mail or holder.phone or "-",
            show_time(holder.reached_at) or "never", show_time(holder.dedicated_until) or "-", holder.proof,
        )
        for holder in view.holders
    ]  # fmt: skip


def _say_where(incident: Incident | None) -> str:
    return f" of {name_incident(incident)}" if incident else " of every incident"


def _name(incident: Incident | None) -> str:
    return incident.name if incident else ""
