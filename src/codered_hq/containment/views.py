"""Containments as people and programs are shown them."""

from datetime import datetime

import msgspec

from codered_hq.containment.goals import HELD
from codered_hq.containment.models import Containment
from codered_hq.containment.rows import describe

_FIRST = ("stuck", "begun", "undoing", "holding")
"""What needs somebody stands first."""


class ContainmentView(msgspec.Struct, frozen=True, kw_only=True):
    """One of them. `timers` say who takes it back when nobody does, `overdue` that its time is over."""

    uid: str
    state: str
    kind: str
    what: str
    device: str
    port: str
    vlan: int
    networks: tuple[str, ...]
    host: str
    mac: str
    incident: str
    rule: str
    requested_by: str
    reason: str
    since: datetime
    until: datetime | None
    overdue: bool
    timers: tuple[str, ...]
    proof: str
    error: str
    tries: int
    undone_at: datetime | None = None
    undone_by: str = ""
    follows: str = ""


def view(row: Containment, at: datetime) -> ContainmentView:
    """One row as it is at this time (aware)."""
    held = row.state in HELD
    return ContainmentView(
        uid=row.uid, state=row.state, kind=row.kind, what=describe(row), device=row.device, port=row.port,
        vlan=row.vlan, networks=tuple(row.networks), host=row.host.label if row.host else "", mac=row.mac,
        incident=row.incident, rule=row.decision.rule, requested_by=row.requested_by, reason=row.reason,
        since=row.held_at or row.begun_at, until=row.undo_at, proof=row.proof, error=row.error, tries=row.tries,
        overdue=held and row.undo_at is not None and row.undo_at <= at,
        timers=tuple(": ".join(filter(None, each)) for each in row.timer), undone_at=row.undone_at,
        undone_by=row.undone_by, follows=row.follows.uid if row.follows else "",
    )  # fmt: skip


def list_views(at: datetime, *, ended: bool = False) -> list[ContainmentView]:
    """What may be in place, what needs somebody first; with `ended` what is over as well."""
    rows = Containment.objects.select_related("decision", "host", "follows")
    if not ended:
        rows = rows.filter(state__in=HELD)
    found = [view(row, at) for row in rows.order_by("pk")]
    return sorted(found, key=lambda each: _FIRST.index(each.state) if each.state in _FIRST else len(_FIRST))
