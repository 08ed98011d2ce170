"""A scan of a played range: kept as every other fleet run, with hosts that were off; nothing is sent."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Final

from codered_hq.drills.models import Drill, PlayedHost
from codered_hq.drills.telling import tell_infection
from codered_hq.fleet.cases import find_open_case
from codered_hq.fleet.models import FleetRun, HostRun

OFF: Final = 0.08
"""The share of machines that are not on."""
TAKES: Final = timedelta(minutes=3)


def scan_range(drill: Drill, ranges: Sequence[str], pack: str, incident: str, at: datetime) -> FleetRun:
    """Scan the machines of some of the drill's subnets at this time (aware); infected ones that are on report it."""
    run = FleetRun.objects.create(
        uid=uuid.uuid4().hex, word="scan", wish={"subnets": list(ranges)}, incident=incident, state="done",
        started=at - TAKES, ended=at, expires=at,
    )  # fmt: skip
    source = Random(f"{drill.seed} {at}")  # noqa: S311 - it is to repeat itself
    rows = PlayedHost.objects.filter(drill=drill, subnet__in=ranges).select_related("host").order_by("pk")
    HostRun.objects.bulk_create([_ask(run, row, pack, source.random() < OFF, at) for row in rows], 500)
    return run


def _ask(run: FleetRun, row: PlayedHost, pack: str, off: bool, at: datetime) -> HostRun:
    if off:
        return HostRun(run=run, host=row.host, state="given_up", outcome="off", reason="did not answer", ended=at)
    sick = row.infected_at is not None and row.infected_at <= at
    if sick and find_open_case(row.host) is None:
        tell_infection(row, pack, at)
        row.told_at = at
        row.save(update_fields=["told_at"])
    verdict, code = ("infected", 1) if sick else ("clean", 0)
    return HostRun(
        run=run, host=row.host, state="answered", outcome="answered", verdict=verdict, exit_code=code,
        attempts=1, address=row.address, ended=at,
    )  # fmt: skip
