"""Several containments of one port, VLAN or network: one of them has the state before and the timers, the one that
lasts longest. Whoever leaves earlier opens nothing: what he had goes to the next.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from django.db import transaction

from codered.model.errors import WrongUse
from codered_hq.containment import rows
from codered_hq.containment.models import Containment
from codered_hq.devices.keeping import KeptOrder, hand_over, start_keeper, withdraw
from codered_hq.hosts.models import TEXT
from codered_hq.ledger.writing import enter
from codered_hq.model.device import ControlOrder, ControlState, DeviceFailed, Timer
from codered_hq.opening import be_patient

SHORTEST = 15  # seconds
Renew = Callable[[ControlOrder, ControlState, int], Timer | DeviceFailed | WrongUse]
"""Gives what is in place another time on its device: seconds from now, 0 = for good."""


class Means(NamedTuple):
    """What is needed to hand one on: the device, the keeper's folder, the time (aware)."""

    renew: Renew
    keeper: Path
    at: datetime


def split_rounds(begun: Iterable[Containment]) -> list[list[Containment]]:
    """Those of one place one after the other: the second must find what the first has done."""
    rounds: list[list[Containment]] = []
    met: dict[tuple[object, ...], int] = {}
    for row in begun:
        number = met.get(_place(row), 0)
        met[_place(row)] = number + 1
        if number == len(rounds):
            rounds.append([])
        rounds[number].append(row)
    return rounds


def keep_longest(row: Containment, means: Means) -> None:
    """One holds now: the timers go to whichever of its place lasts longest."""
    others = list_others(row)
    every = sorted([row, *others], key=lambda one: one.pk)
    holders = [one for one in every if has_before(one)]
    if not others or not holders or (_is_apart(row) and has_before(row)):
        return
    last = max(every, key=_tell_end)
    if _tell_end(holders[0]) == _tell_end(last):
        last = holders[0]
    for one in holders:
        if one is not last:
            _hand_on(one, last, means)


def pass_on(leaving: Sequence[Containment], who: str, means: Means) -> list[Containment]:
    """Those that somebody else of the same place outlives are undone without touching what is in place; the others,
    which are to be taken back on their devices, are given back: who has the state before comes first.
    """
    keys = {row.pk for row in leaving}
    rest = []
    for row in leaving:
        others = [one for one in list_others(row) if one.pk not in keys and _tell_end(one) > means.at.timestamp()]
        if not others or (_is_apart(row) and has_before(row) and any(map(has_before, others))):
            rest.append(row)
            continue
        heir = max(others, key=_tell_end)
        if has_before(row):
            _hand_on(row, next(filter(has_before, others), heir), means)
        remark = f"it stays so until {_show_end(heir)}: containment {heir.uid[:8]} holds it too"
        rows.note_undone(row, who, means.at, remark)
        withdraw(means.keeper, row.uid)
    return sorted(rest, key=lambda row: not has_before(row))


def list_others(row: Containment) -> list[Containment]:
    """Other containments that hold the same place in the same way."""
    found = Containment.objects.filter(device=row.device, port=row.port, vlan=row.vlan, state__in=("holding", "stuck"))
    return [one for one in found.exclude(pk=row.pk).select_related("decision", "host") if _place(one) == _place(row)]


def has_before(row: Containment) -> bool:
    """Whether it is the one that changed the device, and knows what was so before."""
    return bool(row.before.get("values")) and row.before.get("changed", True) is True


def _hand_on(first: Containment, last: Containment, means: Means) -> None:
    """On the device, then with the keeper, then in the database: each of them can be done again."""
    order, before = rows.read_order_of(first), ControlState(values=dict(first.before["values"]))
    takes_over = not has_before(last)
    seconds = 0
    if takes_over and last.undo_at is not None:
        seconds = max(SHORTEST, math.ceil((last.undo_at - means.at).total_seconds()))
    renewed = means.renew(order, before, seconds)
    if takes_over:
        last.order, last.before = first.order, {**first.before, "changed": True}
        last.backup, last.backup_sha256 = first.backup, first.backup_sha256
        timer = renewed if isinstance(renewed, Timer) else Timer(where="none")
        last.timer = rows.list_timers(timer) if last.undo_at else []
        if last.undo_at is not None:
            hand_over(means.keeper, KeptOrder(uid=last.uid, order=order, before=before, undo_at=last.undo_at))
            start_keeper(means.keeper)
    if not isinstance(renewed, Timer) and any(each[0] == "device" for each in first.timer):
        last.error = f"the device's own timer may end it earlier, it could not be renewed: {renewed}"[:TEXT]
    first.before, first.timer = {**first.before, "changed": False}, []
    be_patient(lambda: _store(first, last, means.at))
    withdraw(means.keeper, first.uid)


def _store(first: Containment, last: Containment, at: datetime) -> None:
    said = f"{rows.describe(last)}: held by containment {last.uid[:8]} as well as {first.uid[:8]}, until "
    detail = {"containment": last.uid, "with": first.uid, "before": last.before, "timer": last.timer}
    with transaction.atomic():
        last.save()
        first.save()
        enter("action", last.requested_by, said + _show_end(last), at, incident=last.incident, detail=detail)


def _place(row: Containment) -> tuple[object, ...]:
    kind = "block" if _is_apart(row) else row.kind
    return (kind, row.device, row.port, row.vlan, *row.networks)


def _is_apart(row: Containment) -> bool:
    """What blocks networks is made anew on the device for each: if both were made, neither opens the other."""
    return row.kind.startswith("block_")


def _tell_end(row: Containment) -> float:
    return row.undo_at.timestamp() if row.undo_at else math.inf


def _show_end(row: Containment) -> str:
    return f"{row.undo_at:%Y-%m-%d %H:%M} UTC" if row.undo_at else "somebody releases it"
