"""People are called, and if one does not answer, his backup is called."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from codered_hq.incidents.models import Call, Incident, Person
from codered_hq.incidents.people import Speaker
from codered_hq.incidents.roster import find_holders
from codered_hq.incidents.telling import tell_person
from codered_hq.incidents.writing import write_whole
from codered_hq.ledger.writing import enter
from codered_hq.model.crisis import ROLES
from codered_hq.model.notice import Notice

PATIENCE = timedelta(minutes=10)
"""For which somebody may be silent before his backup is called."""


class Wanted(NamedTuple):
    """Who is called, as what, and why."""

    person: Person
    role: str
    why: str


def call_roles(incident: Incident | None, roles: Iterable[str], why: str, speaker: Speaker, at: datetime) -> list[Call]:
    """Call the first choice of these roles, at this time (aware); a role that nobody has is called by nobody: the
    roster shows it as a gap.
    """
    called = []
    for role in roles:
        if holders := find_holders(role, incident, at):
            called.append(call_person(incident, Wanted(holders[0], role, why), speaker.name, at))
    return called


def call_all(incident: Incident | None, why: str, speaker: Speaker, at: datetime) -> list[Call]:
    """Call everybody once, backups too: a test of the roster."""
    people: dict[int, tuple[Person, str]] = {}
    for role in ROLES:
        for person in find_holders(role, incident, at):
            people.setdefault(person.pk, (person, role))
    return [call_person(incident, Wanted(person, role, why), speaker.name, at) for person, role in people.values()]


def call_person(incident: Incident | None, wanted: Wanted, who: str, at: datetime) -> Call:
    """Call one: a notice is queued, and until he is said to be reached his silence is counted."""
    person, role, why = wanted
    name = incident.name if incident else ""

    def work() -> Call:
        subject = (
            f"{'DRILL: ' if incident and incident.drill else ''}answer me: {role.replace('_', ' ')} {name}".strip()
        )
        body = f"{person.name}, you are called as {role.replace('_', ' ')}: {why}\nAnswer {who} at once.\n"
        tlp = incident.tlp if incident and incident.tlp != "RED" else "AMBER"
        notice = Notice(to=person.mail, subject=subject, body=body, tlp=tlp, urgent=True)  # type: ignore[arg-type]
        way = tell_person(person, notice, at, incident)
        made = Call.objects.create(incident=incident, person=person, role=role, why=why, at=at)
        what = f"{person.name} called as {role} ({way}): {why}"
        enter("roster", who, what, at, incident=name, detail={"person": person.name, "role": role, "way": way})
        return made

    return write_whole(work)


def note_reached(person: Person, who: str, at: datetime) -> int:
    """He answered: his calls are over; how many."""

    def work() -> int:
        person.reached_at = max(at, person.reached_at or at)
        person.save(update_fields=["reached_at"])
        ended = Call.objects.filter(person=person, answered_at=None).update(answered_at=at)
        enter("roster", who, f"{person.name} was reached", at, detail={"person": person.name, "calls": ended})
        return ended

    return write_whole(work)


def escalate(at: datetime, patience: timedelta = PATIENCE) -> list[Call]:
    """For everybody who was called this long ago and has not answered: call the next one of the role who was not
    called since; if there is none, the ledger says so. The new calls.
    """
    silent = Call.objects.filter(answered_at=None, passed_on_at=None, at__lte=at - patience)
    made = [_pass_on(call, at) for call in silent.select_related("incident", "person").order_by("pk")]
    return [call for call in made if call is not None]


def find_silent(incident: Incident | None, at: datetime, patience: timedelta = PATIENCE) -> list[Call]:
    """Who was called and has not answered in time."""
    rows = Call.objects.filter(incident=incident, answered_at=None, at__lte=at - patience)
    return list(rows.select_related("person").order_by("pk"))


def _pass_on(call: Call, at: datetime) -> Call | None:
    def work() -> Call | None:
        mine = Call.objects.filter(pk=call.pk, answered_at=None, passed_on_at=None)
        if (call.incident and call.incident.closed_at) or not mine.update(passed_on_at=at):
            return None
        asked = Call.objects.filter(incident=call.incident, role=call.role, at__gte=call.at - timedelta(days=1))
        known = set(asked.values_list("person_id", flat=True))
        following = [person for person in find_holders(call.role, call.incident, at) if person.pk not in known]
        if following:
            why = f"{call.person.name} does not answer; {call.why}"
            return call_person(call.incident, Wanted(following[0], call.role, why), "escalation", at)
        name = call.incident.name if call.incident else ""
        what = f"{call.person.name} ({call.role}) does not answer, and nobody is left to call"
        enter("roster", "escalation", what, at, incident=name, detail={"person": call.person.name, "role": call.role})
        return None

    return write_whole(work)
