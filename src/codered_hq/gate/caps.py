"""How many machines were touched within a while, and room for more: counted and reserved under the gate's lock."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from codered_hq.gate.models import Decision, Reservation
from codered_hq.model.action import ACTION_KINDS, LOOKING, Cap
from codered_hq.rules.book import RuleBook
from codered_hq.rules.facts import find_moment_facts
from codered_hq.rules.judging import find_caps

_UNITS = ((86400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))


class UsedCap(NamedTuple):
    """A cap, how many machines count under it now, and how many more it lets through."""

    cap: Cap
    counted: int
    left: int


def measure_caps(book: RuleBook, now: datetime) -> tuple[UsedCap, ...]:
    """Each cap of these rules that holds at this time (aware)."""
    moment = find_moment_facts(book, now)
    caps = dict.fromkeys(cap for kind in ACTION_KINDS for cap in find_caps(book, kind, False, moment))
    counts = {cap: len(_count_machines(cap, now)) for cap in caps}
    return tuple(UsedCap(cap, counted, max(0, cap.hosts - counted)) for cap, counted in counts.items())


def explain_full_cap(caps: Sequence[Cap], machines: Sequence[str], now: datetime) -> tuple[str, str] | None:
    """The first cap that has no room for these machines: its id, and its sentence with the count."""
    for cap in caps:
        counted = _count_machines(cap, now)
        new = set(machines) - counted  # one that is counted already costs nothing
        if new and len(counted) + len(new) > cap.hosts:
            return _explain(cap, len(counted), len(new))
    return None


def count_again(decision: Decision, wanted: Mapping[str, Sequence[Cap]], now: datetime) -> dict[str, tuple[str, str]]:
    """Count machines of a decision from now on: they are touched now, not when it was taken. `wanted` are the machines
    and the caps that hold for each. Gives those that have no room any more, with the cap's id and sentence.
    """
    counted = {cap: _count_machines(cap, now) for cap in {cap for caps in wanted.values() for cap in caps}}
    full: dict[str, tuple[str, str]] = {}
    for machine, caps in wanted.items():
        over = (cap for cap in caps if machine not in counted[cap] and len(counted[cap]) >= cap.hosts)
        if (cap := next(over, None)) is not None:
            full[machine] = _explain(cap, len(counted[cap]), 1)
            continue
        for cap in caps:
            counted[cap].add(machine)
    renew(decision, [machine for machine in wanted if machine not in full], now)
    return full


def _explain(cap: Cap, counted: int, new: int) -> tuple[str, str]:
    more = f"; this would be {new} more" if new > 1 or counted < cap.hosts else ""
    return cap.rule, f"{cap.why} ({counted} of {cap.hosts} in the last {say_seconds(cap.seconds)}{more})"


def _count_machines(cap: Cap, now: datetime) -> set[str]:
    """The machines that count under a cap at this time."""
    rows = Reservation.objects.filter(kind__in=cap.kinds, at__gt=now - timedelta(seconds=cap.seconds), released=False)
    return set(rows.values_list("machine", flat=True).distinct())


def reserve(decision: Decision, machines: Sequence[str], now: datetime) -> None:
    """Count these machines from now on. Looking is not counted: it changes nothing."""
    if decision.kind in LOOKING:
        return
    Reservation.objects.bulk_create(
        (Reservation(decision=decision, kind=decision.kind, machine=machine, at=now) for machine in machines),
        batch_size=500,
    )


def renew(decision: Decision, machines: Sequence[str], now: datetime) -> None:
    """What was reserved for these machines counts from now on, also if it was released."""
    decision.reservations.filter(machine__in=machines).update(at=now, released=False)


def release(decision: Decision) -> int:
    """Count its machines no more: nothing was changed. How many there were."""
    return decision.reservations.filter(released=False).update(released=True)


def say_seconds(seconds: int) -> str:
    """A span as people say it: "hour", "30 minutes"."""
    for size, word in _UNITS:
        if seconds % size == 0 and seconds >= size:
            number = seconds // size
            return word if number == 1 else f"{number} {word}s"
    return f"{seconds} seconds"
