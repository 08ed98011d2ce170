"""What becomes of a containment, written down: its row, the ledger, and the states of its hosts, together."""

import hashlib
import uuid
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import msgspec
import zstandard
from django.db import transaction

from codered_hq.config import headquarters_folder, read_config
from codered_hq.containment.aiming import Aim
from codered_hq.containment.goals import HELD, Goal
from codered_hq.containment.models import Containment
from codered_hq.fleet.cases import Event, advance
from codered_hq.gate.models import Decision
from codered_hq.gate.taking import Permit
from codered_hq.hosts.models import TEXT, Host
from codered_hq.ledger.writing import enter
from codered_hq.model.device import Controlled, ControlOrder, Timer
from codered_hq.opening import be_patient

FIRST_TRY, LAST_TRY = 5, 300
"""Seconds until a device that does not answer is tried again: at first, and at most."""
LABEL = 12
TIMER_OF_DEVICE, KEEPER, WORKER = "timer of the device", "keeper", "worker"


def make_rows(decision: Decision, permit: Permit, found: Aim, goal: Goal, at: datetime) -> list[Containment]:
    """A row for each order, before any device is touched."""
    followed = Containment.objects.filter(uid=goal.follows).first() if goal.follows else None
    until = [each for each in (permit.undo_at, followed.undo_at if followed else None) if each is not None]
    rows = []
    for wanted in found.orders:
        uid = uuid.uuid4().hex
        order = msgspec.structs.replace(wanted, label=uid[:LABEL])
        rows.append(
            Containment(
                uid=uid, decision=decision, kind=order.kind, device=order.device, port=order.port, vlan=order.vlan,
                networks=list(order.networks), host=found.host, mac=found.mac, incident=decision.incident,
                order=msgspec.to_builtins(order), reason=decision.reason, requested_by=decision.requested_by,
                begun_at=at, undo_at=min(until, default=None), follows=followed, follow=bool(found.mac),
            )
        )  # fmt: skip

    def store() -> list[Containment]:
        with transaction.atomic():
            for row in rows:
                row.pk = None  # it may be done again
                row.save()
        return rows

    return be_patient(store)


def read_order_of(row: Containment) -> ControlOrder:
    """What was ordered."""
    return msgspec.convert(row.order, ControlOrder)


def describe(row: Containment) -> str:
    """What it is, for people: "disable_port sw1 ge-0-3"."""
    return describe_order(read_order_of(row))


def describe_order(order: ControlOrder) -> str:
    """The same of an order."""
    what = order.port or ", ".join(order.networks) or (f"VLAN {order.vlan}" if order.vlan else "")
    return f"{order.kind} {order.device} {what}".strip()


def note_held(row: Containment, done: Controlled, proof: str, at: datetime) -> None:
    """It is in place, as read back."""
    row.state, row.held_at, row.proof, row.error, row.next_try = "holding", at, proof[:TEXT], "", None
    row.before = {"values": done.before.values, "changed": done.changed}
    if done.backup:
        row.backup = zstandard.ZstdCompressor().compress(done.backup)
        row.backup_sha256 = hashlib.sha256(done.backup).hexdigest()
    row.timer = _list_timers(row, done)
    detail = {"before": done.before.values, "after": done.after.values, "proof": proof, "timer": row.timer,
              "backup_sha256": row.backup_sha256, "changed": done.changed}  # fmt: skip
    verb = "in place" if done.changed else "was so already"
    until = f" until {row.undo_at:%Y-%m-%d %H:%M} UTC" if row.undo_at else ""
    _write(row, "action", (row.requested_by, f"{describe(row)}: {verb}{until}; {proof}"), at, detail)


def note_failed(row: Containment, error: str, at: datetime) -> None:
    """Nothing of it is in place."""
    row.state, row.error, row.next_try = "failed", error[:TEXT], None
    _write(row, "failed", (row.requested_by, f"{describe(row)}: {error}; nothing of it is in place"), at, {})


def note_undone(row: Containment, who: str, at: datetime, remark: str = "", proof: str = "") -> None:
    """It is as it was before; `proof`: how that is known."""
    row.proof = proof[:TEXT] or row.proof
    row.state, row.undone_at, row.undone_by = "undone", at, who[:TEXT]
    row.error, row.next_try = remark[:TEXT], None
    said = "".join(f"; {each}" for each in (proof, remark) if each)
    _write(row, "undo", (who, f"{describe(row)}: taken back by {who}{said}"), at, {"proof": proof} if proof else {})


def note_stuck(row: Containment, error: str, at: datetime) -> bool:
    """It may be in place and can't be taken back now: tried again. True if this is new."""
    new = row.tries == 0
    row.state, row.error, row.tries = "stuck", error[:TEXT], row.tries + 1
    row.next_try = at + timedelta(seconds=min(FIRST_TRY * 2 ** min(row.tries - 1, 10), LAST_TRY))
    if new:
        _write(row, "failed", (WORKER, f"{describe(row)}: can't be taken back, tried again: {error}"), at, {})
    else:
        be_patient(row.save)
    return new


def _write(row: Containment, kind: str, said: tuple[str, str], at: datetime, detail: dict[str, object]) -> None:
    """The row, its ledger entry and its hosts' states: all of them, or none."""

    def store() -> None:
        with transaction.atomic():
            row.save()
            full = {"containment": row.uid, "decision": row.decision.uid, "order": row.order, **detail}
            enter(kind, *said, at, incident=row.incident, detail=full)
            if kind in _MOVING:
                _MOVING[kind](row, at)

    be_patient(store)


def _tell_contained(row: Containment, at: datetime) -> None:
    """The machine that was meant; of those in a VLAN or subnet, the sick ones: being cut off makes nobody sick."""
    for host in _list_hosts(row, ("infected", "suspect")):
        _move(host, "contained", row, at)


def _tell_released(row: Containment, at: datetime) -> None:
    """Only when nothing else cuts it off."""
    for host in _list_hosts(row, ("contained",)):
        others = Containment.objects.filter(host=host, state__in=HELD).exclude(pk=row.pk)
        same = row.decision.containments.filter(state__in=HELD).exclude(pk=row.pk)
        if not others.exists() and not same.exists():
            _move(host, "released", row, at)


_MOVING: dict[str, Callable[[Containment, datetime], None]] = {"action": _tell_contained, "undo": _tell_released}


def _move(host: Host, event: Event, row: Containment, at: datetime) -> None:
    advance(host, event, at, f"{describe(row)} (containment {row.uid[:8]})")


def _list_hosts(row: Containment, states: tuple[str, ...]) -> Iterator[Host]:
    if row.host is not None:
        yield row.host
        return
    subjects = row.decision.request.get("subjects", ())
    numbers = [int(each["host"]) for each in subjects if each.get("host")]
    for first in range(0, len(numbers), 500):
        yield from Host.objects.filter(pk__in=numbers[first : first + 500], state__in=states)


def _list_timers(row: Containment, done: Controlled) -> list[list[str]]:
    """Who takes it back on time, whatever else is dead."""
    if not row.undo_at or not done.changed:
        return []
    return list_timers(done.timer)


def list_timers(timer: Timer) -> list[list[str]]:
    """That of the device, if it has one, and ours."""
    timers = [["device", timer.how]] if timer.where == "device" else []
    if read_config(headquarters_folder()).exercise == "simulated":
        return [*timers, ["worker", "codered work"]]
    return [*timers, ["keeper", "a process of its own beside headquarters"], ["worker", "codered work"]]
