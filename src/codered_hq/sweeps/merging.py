"""A result that was made elsewhere (a scan point, a bundle) -> the sweep it is of. It is hostile until it has been
weighed: nothing is taken that was not asked for.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from ipaddress import ip_address

import msgspec
from django.db import transaction

from codered.model.errors import Refused
from codered_hq.hosts.models import ScanPoint
from codered_hq.hosts.recording import record_seen_subnets
from codered_hq.model.inventory import Source
from codered_hq.model.sweep import STATES, AddressResult, Block, SweepJob, SweepResult
from codered_hq.opening import be_patient
from codered_hq.sweeps.intervals import Intervals, count, holds, number_of, read_intervals
from codered_hq.sweeps.making import read_job
from codered_hq.sweeps.models import Sweep
from codered_hq.sweeps.recording import BATCH, end_sweep, record_results

MOST_AHEAD = timedelta(minutes=10)
"""How far a clock elsewhere may be ahead of ours."""
MOST_PORTS = 64
MOST_CHECKS = 256
MOST_NETWORKS = 64
_MOST_BLOCK = 256
_ADVICE = "have the sweep made anew; do not trust this file"
_RANGE = re.compile(r"[0-9a-fA-F.:]{2,45}/[0-9]{1,3}")


def make_point_job(sweep: Sweep) -> bytes:
    """What the scan point of a kept sweep is to be sent: the document for the field `sweep` of its Job."""
    return bytes(sweep.job)


def merge_result(result: SweepResult, sweep: Sweep, at: datetime) -> Sweep:
    """Take a whole or broken-off result of this sweep, at this time (aware). What was taken before is replaced. Raises
    Refused, before anything is taken, if it is not the result of exactly this job.
    """
    be_patient(lambda: _merge(result, sweep, at))
    return sweep


def fail_point_sweep(sweep: Sweep, why: str, at: datetime) -> None:
    """Note that a scan point gave no result of this sweep."""
    end_sweep(sweep, f"no answer: {why}", 0, at)


@transaction.atomic
def _merge(result: SweepResult, sweep: Sweep, at: datetime) -> None:
    job = read_job(sweep)
    _check(result, sweep, at)
    asked = read_intervals(job.ranges)
    blocks = tuple(_weigh_blocks(result.blocks, asked))
    addresses = [_weigh_address(each, asked, job, result) for each in result.addresses]
    for start in range(0, len(addresses), BATCH):
        record_results(sweep, addresses[start : start + BATCH], (), at)
    for start in range(0, len(blocks), BATCH):
        record_results(sweep, (), blocks[start : start + BATCH], min(result.ended, at))
    missing = count(asked) - sum(len(block.states) for block in blocks)
    stopped = result.end.stopped[:200] or (f"{missing:,} addresses are missing in the result" if missing else "")
    _note_networks(result, sweep, at)
    end_sweep(sweep, stopped, min(max(result.end.requests, 0), 1 << 40), min(result.ended, at))
    if sweep.point is not None:
        ScanPoint.objects.filter(sweep=sweep).update(answered_at=at)


def _check(result: SweepResult, sweep: Sweep, at: datetime) -> None:
    if result.job != sweep.uid or result.job_sha256 != sweep.job_sha256:
        raise Refused("is the result of another sweep", where=sweep.uid, advice=_ADVICE)
    times = (result.started, result.ended)
    if any(time.tzinfo is None for time in times) or result.ended < result.started:
        raise Refused("its times make no sense", where=sweep.uid, advice=_ADVICE)
    if result.started < sweep.started - MOST_AHEAD or result.ended > at + MOST_AHEAD:
        what = f"says that it was made {result.started:%Y-%m-%d %H:%M} to {result.ended:%Y-%m-%d %H:%M} UTC"
        raise Refused(what, where=sweep.uid, advice=f"set the clock there, and {_ADVICE}")


def _weigh_blocks(blocks: Iterable[Block], asked: Intervals) -> Iterator[Block]:
    """Blocks that lie in what was asked, each address once. Raises Refused."""
    taken: set[int] = set()
    for block in blocks:
        first = _read_number(block.first)
        size = len(block.states)
        numbers = range(first, first + size)
        if not 0 < size <= _MOST_BLOCK or not holds(asked, first, first + size - 1) or max(block.states) >= len(STATES):
            raise Refused("holds addresses that were not asked for, or states that are none", advice=_ADVICE)
        if not taken.isdisjoint(numbers):
            raise Refused("holds addresses twice", advice=_ADVICE)
        taken.update(numbers)
        yield block


def _weigh_address(each: AddressResult, asked: Intervals, job: SweepJob, result: SweepResult) -> AddressResult:
    """An address as it may be kept: within its job, its time within the sweep's. Raises Refused."""
    number = _read_number(each.address)
    if not holds(asked, number, number):
        raise Refused("holds addresses that were not asked for", where=each.address[:60], advice=_ADVICE)
    ports = {*job.ports, *job.tls_ports}
    odd = any(port.port not in ports or len(port.checks) > MOST_CHECKS for port in each.ports)
    if odd or len(each.ports) > MOST_PORTS or each.at.tzinfo is None:
        raise Refused("holds ports that were not asked for", where=each.address[:60], advice=_ADVICE)
    at = min(max(each.at, result.started), result.ended)
    return msgspec.structs.replace(each, address=str(ip_address(each.address)), at=at)


def _read_number(address: str) -> int:
    try:
        return number_of(address)
    except ValueError:
        raise Refused("holds an address that is none", where=ascii(address[:60]), advice=_ADVICE) from None


def _note_networks(result: SweepResult, sweep: Sweep, at: datetime) -> None:
    """Networks that the scan point has: perhaps undocumented ones. The newest word of a point replaces the last."""
    source = Source(kind="sweep", name=sweep.point.name if sweep.point else "bundle")
    ranges = []
    for text in filter(_RANGE.fullmatch, result.networks[:MOST_NETWORKS]):
        try:
            number_of(text.partition("/")[0])
        except ValueError:
            continue
        if int(text.partition("/")[2]) <= (128 if ":" in text else 32):
            ranges.append(text)
    if ranges:
        record_seen_subnets(ranges, source, at, of=f"#{sweep.point.pk}" if sweep.point else sweep.uid[:8])
