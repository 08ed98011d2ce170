"""A sweep of a played range: it sees what a real one would, and is kept as every other sweep; nothing is sent. Whatever
the worm can't change looks as it did when headquarters swept it before.
"""

import hashlib
import ipaddress
import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec

from codered.model.errors import WrongUse
from codered_hq.drills.models import Drill, PlayedHost
from codered_hq.hosts.numbers import to_number
from codered_hq.model.sweep import STATES, AddressResult, Block, PortResult, SweepJob
from codered_hq.sweeps.models import Sweep, SweptAddress, SweptBlock
from codered_hq.sweeps.recording import ANSWERED, end_sweep, record_results

_JOB: Final = "codered/sweep-job/1"
_PERMIT: Final = "the drill's own range: nothing real is asked"


def sweep_range(drill: Drill, ranges: Sequence[str], at: datetime) -> Sweep:
    """Sweep some of the drill's subnets at this time (aware). Raises WrongUse for one that it does not have."""
    known = set(drill.hosts.values_list("subnet", flat=True))
    if strange := next((each for each in ranges if each not in known), ""):
        raise WrongUse("is no subnet of this drill", where=strange[:60], advice="the subnets page lists them")
    job = SweepJob(format=_JOB, id=uuid.uuid4().hex, ranges=tuple(ranges), seed=drill.seed)
    raw = msgspec.json.encode(job)
    before = {each: _Before(each) for each in ranges}
    sweep = Sweep.objects.create(
        uid=job.id,
        job=raw,
        job_sha256=hashlib.sha256(raw).hexdigest(),
        authorisation=_PERMIT,
        wanted=list(ranges),
        started=at,
    )
    rows = list(PlayedHost.objects.filter(drill=drill, subnet__in=ranges).select_related("host").order_by("pk"))
    results = [found for row in rows if (found := _look_at(row, before[row.subnet], at))]
    record_results(sweep, results, [_make_block(each, results) for each in before.values()], at)
    end_sweep(sweep, "", 2 * len(rows), at)
    return sweep


class _Before:
    """How a subnet looked when headquarters itself swept it last, if it did."""

    def __init__(self, range_: str) -> None:
        self.network = ipaddress.IPv4Network(range_)
        blocks = SweptBlock.objects.filter(first=to_number(str(self.network[0])), sweep__point=None)
        whole = (one for one in blocks.order_by("-at", "-pk") if len(one.states) == self.network.num_addresses)
        last = next(whole, None)
        self.states = bytes(last.states) if last else bytes([STATES.index("no_answer")] * self.network.num_addresses)
        found = SweptAddress.objects.filter(sweep=last.sweep_id) if last else SweptAddress.objects.none()
        self._answers = {one.address: one for one in found}
        self._swept = last is not None

    def is_silent(self, address: str) -> bool:
        """Whether nobody answered there, whom nothing makes answer now."""
        return self._swept and STATES[self.states[self.find(address)]] not in ANSWERED

    def find(self, address: str) -> int:
        """Which of the subnet's addresses it is."""
        return int(ipaddress.IPv4Address(address)) - int(self.network[0])

    def repeat(self, address: str, at: datetime) -> AddressResult | None:
        """What was seen there, seen again now; None if nothing was."""
        if (seen := self._answers.get(address)) is None:
            return None
        ports = msgspec.convert(seen.ports, tuple[PortResult, ...])
        return AddressResult(address=address, state=seen.state, reason=seen.reason, ports=ports, at=at)  # type: ignore[arg-type]


def _look_at(row: PlayedHost, before: _Before, at: datetime) -> AddressResult | None:
    """A web server answers where the worm's hole is. The others are as they were; seen the first time, they have none.
    None: nothing is seen there.
    """
    silent = before.is_silent(row.address)
    if silent or not row.vulnerable:
        seen = before.repeat(row.address, at)
        if seen or silent:
            return seen
        port = PortResult(port=80, state="not_web", reason="refused")
        return AddressResult(address=row.address, state="not_web", reason="port 80 is closed", ports=(port,), at=at)
    sick = row.infected_at is not None and row.infected_at <= at
    cured = row.host.state in ("cleaned", "verified", "watch", "closed")
    state = "infected" if sick and not cured else "clean" if cured else "vulnerable"
    reason = {"infected": "the back door answers", "clean": "patched", "vulnerable": "the hole is open"}[state]
    port = PortResult(port=80, state=state, reason=reason, product="Microsoft-IIS", version="5.0")  # type: ignore[arg-type]
    return AddressResult(address=row.address, state=state, reason=reason, ports=(port,), at=at)  # type: ignore[arg-type]


def _make_block(before: _Before, results: Sequence[AddressResult]) -> Block:
    states = bytearray(before.states)
    for result in results:
        if ipaddress.IPv4Address(result.address) in before.network:
            states[before.find(result.address)] = STATES.index(result.state)
    return Block(first=str(before.network[0]), states=bytes(states))
