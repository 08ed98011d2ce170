"""A sweep of a played range: it sees what a real one would, and is kept as every other sweep; nothing is sent."""

import hashlib
import ipaddress
import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec

from codered.model.errors import WrongUse
from codered_hq.drills.models import Drill, PlayedHost
from codered_hq.model.sweep import STATES, AddressResult, Block, PortResult, SweepJob
from codered_hq.sweeps.models import Sweep
from codered_hq.sweeps.recording import end_sweep, record_results

_JOB: Final = "codered/sweep-job/1"
_PERMIT: Final = "the drill's own range: nothing real is asked"


def sweep_range(drill: Drill, ranges: Sequence[str], at: datetime) -> Sweep:
    """Sweep some of the drill's subnets at this time (aware). Raises WrongUse for one that it does not have."""
    known = set(drill.hosts.values_list("subnet", flat=True))
    if strange := next((each for each in ranges if each not in known), ""):
        raise WrongUse("is no subnet of this drill", where=strange[:60], advice="the subnets page lists them")
    job = SweepJob(format=_JOB, id=uuid.uuid4().hex, ranges=tuple(ranges), seed=drill.seed)
    raw = msgspec.json.encode(job)
    sweep = Sweep.objects.create(
        uid=job.id,
        job=raw,
        job_sha256=hashlib.sha256(raw).hexdigest(),
        authorisation=_PERMIT,
        wanted=list(ranges),
        started=at,
    )
    rows = list(PlayedHost.objects.filter(drill=drill, subnet__in=ranges).select_related("host").order_by("pk"))
    results = [_look_at(row, at) for row in rows]
    record_results(sweep, results, [_make_block(each, rows, results) for each in ranges], at)
    end_sweep(sweep, "", 2 * len(rows), at)
    return sweep


def _look_at(row: PlayedHost, at: datetime) -> AddressResult:
    """A web server answers where the worm's hole is; the others have none."""
    if not row.vulnerable:
        port = PortResult(port=80, state="not_web", reason="refused")
        return AddressResult(address=row.address, state="not_web", reason="port 80 is closed", ports=(port,), at=at)
    sick = row.infected_at is not None and row.infected_at <= at
    cured = row.host.state in ("cleaned", "verified", "watch", "closed")
    state = "infected" if sick and not cured else "clean" if cured else "vulnerable"
    reason = {"infected": "the back door answers", "clean": "patched", "vulnerable": "the hole is open"}[state]
    port = PortResult(port=80, state=state, reason=reason, product="Microsoft-IIS", version="5.0")  # type: ignore[arg-type]
    return AddressResult(address=row.address, state=state, reason=reason, ports=(port,), at=at)  # type: ignore[arg-type]


def _make_block(range_: str, rows: Sequence[PlayedHost], results: Sequence[AddressResult]) -> Block:
    network = ipaddress.IPv4Network(range_)
    states = bytearray([STATES.index("no_answer")] * network.num_addresses)
    for row, result in zip(rows, results, strict=True):
        if row.subnet == range_:
            states[int(ipaddress.IPv4Address(row.address)) - int(network[0])] = STATES.index(result.state)
    return Block(first=str(network[0]), states=bytes(states))
