"""Who has which role, whose backup is who, and what is missing."""

from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec
from django.db.models import Q

from codered.model.errors import Refused, WrongUse
from codered_hq.incidents.appointing import Change, appointing
from codered_hq.incidents.models import Duty, Incident, Person
from codered_hq.incidents.people import Speaker
from codered_hq.incidents.writing import write_whole
from codered_hq.ledger.writing import enter
from codered_hq.model.crisis import ROLES

MAY_COMMANDEER = frozenset(["project_manager", "incident_commander", "executive"])
MOST_COMMANDEERED = 10
LONGEST_DEDICATION = timedelta(days=30)


class Holder(msgspec.Struct, frozen=True, kw_only=True):
    """A person in a role. `reached_at`: the last test that he answered."""

    person: str
    order: int
    mail: str
    phone: str
    standing: bool
    since: datetime
    dedicated_until: datetime | None
    reached_at: datetime | None
    proof: str


class RoleView(msgspec.Struct, frozen=True, kw_only=True):
    """A role, its people in the order in which they are called, and what is missing ("" = nothing)."""

    role: str
    holders: tuple[Holder, ...]
    gap: str


class Assignment(NamedTuple):
    """A role for a person; `dedicated_until` (aware): until then he does nothing else."""

    role: str
    backup: bool = False
    dedicated_until: datetime | None = None


def find_duties(incident: Incident | None, at: datetime) -> list[Duty]:
    """Duties that hold at this time (aware): those of the incident before the standing ones, each in its order."""
    rows = Duty.objects.filter(Q(incident=None) | Q(incident=incident), Q(until=None) | Q(until__gt=at))
    rows = rows.filter(person__active=True, since__lte=at).select_related("person")
    return sorted(rows, key=lambda duty: (duty.order, duty.incident_id is None, duty.pk))


def find_roles(person: Person | None, incident: Incident | None, at: datetime) -> frozenset[str]:
    """The roles that somebody has at this time (aware)."""
    if person is None:
        return frozenset()
    return frozenset(duty.role for duty in find_duties(incident, at) if duty.person_id == person.pk)


def find_holders(role: str, incident: Incident | None, at: datetime) -> list[Person]:
    """The people of a role in the order in which they are called, each once."""
    found = {duty.person_id: duty.person for duty in find_duties(incident, at) if duty.role == role}
    return list(found.values())


def view_roster(incident: Incident | None, at: datetime) -> tuple[RoleView, ...]:
    """All roles of a crisis team, and what each lacks."""
    duties = find_duties(incident, at)
    return tuple(_view_role(role, [duty for duty in duties if duty.role == role]) for role in ROLES)


def assign(incident: Incident | None, person: Person, said: Assignment, speaker: Speaker, at: datetime) -> Duty:
    """Give somebody a role, of an incident or standing (None); said again, what is new about it. Raises WrongUse, and
    Refused if the speaker may not.
    """
    if said.role not in ROLES:
        raise WrongUse("is no role", where=f"--role {said.role[:32]}", advice=" ".join(ROLES))
    if said.dedicated_until is not None and not at < said.dedicated_until <= at + LONGEST_DEDICATION:
        raise WrongUse("people are dedicated for 30 days at most", where="--dedicated-until", advice="name a day ahead")

    def work() -> Duty:
        duty = Duty.objects.filter(incident=incident, role=said.role, person=person, until=None).first()
        duty = duty or Duty(incident=incident, role=said.role, person=person, since=at)
        duty.order = 1 if said.backup else 0
        duty.dedicated_until = said.dedicated_until or duty.dedicated_until
        with appointing(speaker.person, speaker.name, Change(person, incident, said.role), at):
            duty.save()
            what = f"{person.name} is {'backup of ' if said.backup else ''}{said.role}"
            _tell(incident, person, what, speaker, at)
        return duty

    return write_whole(work)


def release(incident: Incident | None, person: Person, role: str, speaker: Speaker, at: datetime) -> int:
    """End somebody's duties there: of one role, or of all (""). How many. Raises WrongUse if there are none, and
    Refused if the speaker may not.
    """

    def work() -> int:
        held = Duty.objects.filter(incident=incident, person=person, until=None)
        held = held.filter(role=role) if role else held
        roles = sorted(held.values_list("role", flat=True))
        if not roles:
            what = f"{person.name} has no such role {'in ' + incident.name if incident else 'standing'}"
            raise WrongUse(what, where=role or "--role", advice="codered incident roster show")
        with appointing(speaker.person, speaker.name, Change(person, incident), at):
            held.update(until=at)
            _tell(incident, person, f"{person.name} is no longer {', '.join(roles)}", speaker, at)
        return len(roles)

    return write_whole(work)


def commandeer(incident: Incident, person: Person, said: Assignment, speaker: Speaker, at: datetime) -> Duty:
    """Take somebody off his work for the incident; whether the rules of engagement let us is for the caller to know.
    Raises Refused unless the project manager, the commander or an executive says so, and beyond ten people.
    """
    if not find_roles(speaker.person, incident, at) & MAY_COMMANDEER:
        what = f"{speaker.name} may not take people off their work"
        raise Refused(what, where=incident.name, advice=f"one of these must say it: {' '.join(sorted(MAY_COMMANDEER))}")
    taken = {duty.person_id for duty in incident.duties.filter(until=None, dedicated_until__gt=at)}
    if person.pk not in taken and len(taken) >= MOST_COMMANDEERED:
        what = f"{MOST_COMMANDEERED} people are taken off their work already"
        raise Refused(what, where=incident.name, advice="let one of them go first: codered incident roster remove")
    return assign(incident, person, said, speaker, at)


def _view_role(role: str, duties: list[Duty]) -> RoleView:
    people = {duty.person_id for duty in duties}
    first = any(duty.order == 0 for duty in duties)
    gap = "nobody" if not duties else "no backup" if len(people) < 2 else "" if first else "no first choice"
    holders = tuple(_view_holder(duty) for duty in duties)
    if not gap and not any(holder.mail or holder.phone for holder in holders):
        gap = "nobody can be reached"
    return RoleView(role=role, holders=holders, gap=gap)


def _view_holder(duty: Duty) -> Holder:
    person = duty.person
    return Holder(
        person=person.name, order=duty.order, mail=person.mail, phone=person.phone, since=duty.since,
        standing=duty.incident_id is None, dedicated_until=duty.dedicated_until, reached_at=person.reached_at,
        proof="key" if person.public_key else "account" if person.account else "none",
    )  # fmt: skip


def _tell(incident: Incident | None, person: Person, what: str, speaker: Speaker, at: datetime) -> None:
    enter("roster", speaker.name, what, at, incident=incident.name if incident else "", detail={"person": person.name})
