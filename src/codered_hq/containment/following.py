"""A contained machine that shows up on another port is contained there, for as long as it was to be at the first."""

import math
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from django.db.models import Q

from codered.model.errors import CodeRedError
from codered_hq.containment.acting import carry_out_all
from codered_hq.containment.aiming import Surroundings
from codered_hq.containment.asking import ask_for
from codered_hq.containment.goals import HELD, Goal, Wish
from codered_hq.containment.models import Containment
from codered_hq.containment.rows import describe
from codered_hq.gate.models import Decision
from codered_hq.gate.settling import OPEN
from codered_hq.incidents.people import Speaker

QUIET = timedelta(minutes=10)
"""After a no, it is not asked again for so long."""
_KINDS = ("disable_port", "move_vlan")


def follow(around: Surroundings, folder: Path, at: datetime) -> list[str]:
    """Look where contained machines are now, and contain those that moved; a line for each."""
    rows = Containment.objects.filter(state="holding", follow=True, kind__in=_KINDS).exclude(host=None)
    held = {row.mac: row for row in rows.exclude(mac="").select_related("decision__requester", "host").order_by("-pk")}
    if not held:
        return []
    around.sight.look()
    places, _ = around.sight.locate(held)
    lines: list[str] = []
    for place in places:
        row = held[place.mac]
        device = around.find_device(place.switch, place.switch_address)
        if device is not None and not _is_held(row, device.name, place.port):
            lines += _contain(row, f"{device.name} {place.port}", around, folder, at)
    return lines


def _is_held(row: Containment, device: str, port: str) -> bool:
    return Containment.objects.filter(device=device, port=port, kind=row.kind, state__in=HELD).exists()


def _contain(row: Containment, where: str, around: Surroundings, folder: Path, at: datetime) -> Iterator[str]:
    said = f"{row.host}: moved from {row.device} {row.port} to {where}"
    seconds = math.ceil((row.undo_at - at).total_seconds()) if row.undo_at else 0
    if row.host is None or seconds < 0:
        return
    asked_before = Decision.objects.filter(order__goal__follows=row.uid)
    if asked_before.filter(Q(state__in=OPEN) | Q(state__in=("refused", "vetoed"), at__gt=at - QUIET)).exists():
        return
    goal = Goal(do="host", host=row.host.pk, quarantine=row.kind == "move_vlan", follows=row.uid)
    reason = f"{row.reason} (it moved to {where})".strip()
    wish = Wish(seconds=seconds, reason=reason, incident=row.incident, drill=row.decision.drill)
    who = Speaker(row.decision.requester, row.requested_by, None)
    try:
        asked = ask_for(goal, wish, who, around, at)
    except CodeRedError as error:
        yield f"{said}: {error}"
        return
    if asked.decision.state != "allowed":
        yield f"{said}: {asked.decision.state}: rule {asked.decision.rule}: {asked.decision.why}"
        return
    for outcome in carry_out_all([asked.decision], around, folder, at):
        yield from (f"{said}: {describe(made)}: {made.state}" for made in outcome.rows)
        if outcome.error is not None:
            yield f"{said}: {outcome.error}"
