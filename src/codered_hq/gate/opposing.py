"""Two incidents that want opposite things of one machine."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import lru_cache
from importlib.resources import files

import msgspec
from django.db.models import QuerySet

from codered_hq.gate.deadlines import is_late
from codered_hq.gate.models import Decision, Reservation
from codered_hq.gate.settling import OPEN, read_request
from codered_hq.gate.target_sets import list_machines
from codered_hq.incidents.models import Incident
from codered_hq.model.action import UNDOING, ActionRequest


class Opposite(msgspec.Struct, frozen=True, kw_only=True):
    """What another incident wants, or has done, of a machine."""

    uid: str
    incident: str
    kind: str
    machine: str


def find_opposite(request: ActionRequest, now: datetime) -> Opposite | None:
    """The newest decision of another open incident that wants the opposite of one of these machines: one that waits
    or is allowed, or was carried out and is neither released nor over.
    """
    if not (kinds := _list_opposites().get(request.kind)):
        return None
    asked = frozenset(list_machines(request.subjects))
    others = Incident.objects.filter(closed_at=None, drill=False).exclude(name=request.incident)
    wanted = Decision.objects.filter(kind__in=kinds, incident__in=others.values("name"), drill=False)
    touched = _find_waiting(wanted, asked) + _find_counted(wanted, asked)
    released = dict(_find_taken_releases(asked)) if touched else {}
    for key, machine in sorted(touched, reverse=True):
        decision = Decision.objects.get(pk=key)
        if _holds(decision, now) and released.get(machine, 0) < key:
            return Opposite(uid=decision.uid, incident=decision.incident, kind=decision.kind, machine=machine)
    return None


def list_holding_kinds() -> tuple[str, ...]:
    """The kinds whose effect holds until it is released."""
    return _list_opposites()["release"]


def _holds(decision: Decision, now: datetime) -> bool:
    """Whether a decision may still be used, or what it did is still so."""
    if decision.state in OPEN:
        return not is_late(decision, now)
    if decision.kind in UNDOING or decision.taken_at is None:
        return False  # what was taken back is over at once
    return not decision.undo_after or decision.taken_at + timedelta(seconds=decision.undo_after) > now


def _find_waiting(wanted: QuerySet[Decision], asked: frozenset[str]) -> list[tuple[int, str]]:
    """Decisions that nothing is reserved for yet, and which of the machines they are about."""
    return [
        (decision.pk, machine)
        for decision in wanted.filter(state="awaiting")
        for machine in asked & {*list_machines(read_request(decision).subjects)}
    ]


def _find_counted(wanted: QuerySet[Decision], asked: frozenset[str]) -> list[tuple[int, str]]:
    """Decisions that machines are counted for, unless nothing was changed after all, and which of these."""
    rows = Reservation.objects.filter(decision__in=wanted.filter(state__in=("allowed", "taken")), released=False)
    return [(key, machine) for key, machine in rows.values_list("decision_id", "machine") if machine in asked]


def _find_taken_releases(asked: frozenset[str]) -> Iterator[tuple[str, int]]:
    """The newest release of each of these machines, whoever's it was."""
    rows = Reservation.objects.filter(kind="release", released=False, decision__state="taken").order_by("decision_id")
    return ((machine, key) for machine, key in rows.values_list("machine", "decision_id") if machine in asked)


@lru_cache(maxsize=1)
def _list_opposites() -> dict[str, tuple[str, ...]]:
    """Kind -> the kinds that want the opposite; in both directions."""
    raw = files("codered_hq.gate").joinpath("opposing.json").read_bytes()
    table = msgspec.json.decode(raw, type=dict[str, list[str]])
    both: dict[str, list[str]] = {}
    for kind, opposites in table.items():
        for opposite in opposites:
            both.setdefault(kind, []).append(opposite)
            both.setdefault(opposite, []).append(kind)
    return {kind: tuple(opposites) for kind, opposites in both.items()}
