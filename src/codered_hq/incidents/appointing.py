"""Who may change who decides: from the moment on when a commander or an executive can prove himself, only these two."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import NamedTuple

from django.db.models import F, Q

from codered.model.errors import Refused
from codered_hq.incidents.models import Duty, Incident, Person
from codered_hq.ledger.writing import enter

APPOINTING = ("incident_commander", "executive")
_SAY_WHO = "say who you are, and prove it: --as NAME --key FILE"


class Change(NamedTuple):
    """A change of the roster: of whom, where (None: of everything), which role is given ("" = none), and whether it
    is about what proves who speaks.
    """

    person: Person
    incident: Incident | None = None
    role: str = ""
    proof: bool = False


def find_appointers(incident: Incident | None, at: datetime) -> dict[int, frozenset[str]]:
    """Who may change the roster at this time (aware), by number, and in which roles: those who can prove themselves.
    The roles of a closed incident count on, or closing one would leave the roster to anybody; those of a drill count
    in that drill only.
    """
    lasts = Q(until=None) | Q(until__gt=at) | Q(until=F("incident__closed_at"))
    real = Q(incident=None) | Q(incident__drill=False) | Q(incident=incident)
    proved = ~Q(person__public_key="") | ~Q(person__account="") | ~Q(person__console_since=None)
    duties = Duty.objects.filter(lasts, real, proved, role__in=APPOINTING, person__active=True, since__lte=at)
    found: dict[int, frozenset[str]] = {}
    for person, role in duties.values_list("person_id", "role"):
        found[person] = found.get(person, frozenset()) | {role}
    return found


def can_anybody_prove() -> bool:
    """Whether anybody of the team has a key or an account that proves him."""
    proved = ~Q(public_key="") | ~Q(account="") | ~Q(console_since=None)
    return Person.objects.filter(proved, active=True).exists()


def check_appointer(by: Person | None, name: str, what: str, at: datetime) -> None:
    """Raises Refused unless who speaks (proved, by this name) may appoint, or nobody can prove yet that he may. `what`
    is what he would do.
    """
    holders = find_appointers(None, at)
    if holders and (by is None or by.pk not in holders):
        raise Refused(f"{name} is neither incident_commander nor executive", where=what, advice=_SAY_WHO)


@contextmanager
def appointing(by: Person | None, name: str, change: Change, at: datetime) -> Iterator[None]:
    """Make a change of the roster within a transaction, as who speaks (proved, by this name). Raises Refused if he may
    not, and if nobody could change the roster any more.
    """
    holders = find_appointers(change.incident, at)
    _check(by, name, change, holders)
    yield
    left = find_appointers(change.incident, at)
    if holders and not left:
        what = "is the last who can prove himself as incident_commander or executive"
        raise Refused(what, where=change.person.name, advice="appoint another one first")
    if left and not holders:
        first = change.person.name
        what = f"{first} is the first who may change the roster: entered by {name}, from whom nobody could ask a proof"
        enter("roster", name, what, at, detail={"person": first, "roles": sorted(left.get(change.person.pk, ()))})


def _check(by: Person | None, name: str, change: Change, holders: dict[int, frozenset[str]]) -> None:
    if not holders:
        return
    where = change.person.name
    mine = holders.get(by.pk, frozenset()) if by is not None else frozenset()
    if not mine:
        raise Refused(f"{name} is neither incident_commander nor executive", where=where, advice=_SAY_WHO)
    if by is not None and by.pk == change.person.pk and (change.role or change.proof):
        what = "nobody gives himself a role, a key or an account"
        raise Refused(what, where=where, advice=_name_who_can(change, holders))
    known = any("executive" in roles for roles in holders.values())
    if known and "executive" not in mine and _is_about_executive(change):
        what = "only an executive appoints, changes or removes an executive"
        raise Refused(what, where=where, advice=_name_who_can(change, holders))


def _name_who_can(change: Change, holders: dict[int, frozenset[str]]) -> str:
    """The advice: by name, who may do this to somebody."""
    executives = {person for person, roles in holders.items() if "executive" in roles}
    able = executives if executives and _is_about_executive(change) else set(holders)
    others = Person.objects.filter(pk__in=able - {change.person.pk}).order_by("name")
    names = list(others.values_list("name", flat=True))
    own = change.proof and change.person.pk in holders
    own_word = "a first account: codered account invite, by the person, with --as and --key" if own else ""
    asked = f"ask {' or '.join(names)}" if names else "" if own else "have another one appointed first"
    return "; ".join(filter(None, (asked, own_word)))


def _is_about_executive(change: Change) -> bool:
    """Whoever enters the key of an executive could speak as one."""
    if change.role:
        return change.role == "executive"
    return change.person.pk is not None and change.person.duties.filter(role="executive", until=None).exists()
