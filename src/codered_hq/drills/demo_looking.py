"""The sweeps and the scan of the demonstration's record, kept as every other look; nothing is sent."""

import hashlib
import ipaddress
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec

from codered.model.finding import Evidence, Finding
from codered_hq.drills.demo_record import DemoRecord, RecordedDeed, RecordedFinding, RecordedHost
from codered_hq.drills.models import Drill, PlayedHost
from codered_hq.drills.telling import tell_report
from codered_hq.fleet.models import FleetRun, HostRun
from codered_hq.hosts.models import ScanPoint
from codered_hq.model.sweep import (
    STATES,
    AddressResult,
    Block,
    CheckResult,
    PortResult,
    State,
    SweepJob,
)
from codered_hq.sweeps.models import Sweep
from codered_hq.sweeps.recording import end_sweep, record_results

PERMIT: Final = "the laboratory's own range, from the record: nothing is asked"
TAKES: Final = timedelta(minutes=3)
"""A scan of hosts."""
_ANSWERS: Final = frozenset({"web", "clean", "undetermined", "vulnerable", "infected"})


def sweep_recorded(record: DemoRecord, deed: RecordedDeed, at: datetime) -> Sweep:
    """A sweep as it was made: of a range, of a zone from its scan point, or of all that is documented; in a zone that
    keeps headquarters out it saw nobody.
    """
    blocked = {zone.name for zone in record.zones if zone.blocked}
    subnets = [one for one in record.subnets if one.documented and one.zone == deed.more.get("zone", one.zone)]
    ranges = [deed.more["range"]] if "range" in deed.more else [one.range for one in subnets]
    point = ScanPoint.objects.filter(name=deed.more["from"]).first() if "from" in deed.more else None
    sweep = _keep_sweep(ranges, point, at)
    seen = {range_: _list_seen(record, range_) for range_ in ranges}
    if "zone" not in deed.more:
        seen |= {subnet.range: {} for subnet in subnets if subnet.zone in blocked}
    silent: dict[str, State] = {subnet.range: subnet.silent for subnet in record.subnets}
    blocks = [_make_block(range_, seen[range_], silent.get(range_, "no_answer")) for range_ in ranges]
    results = [_tell_address(record, host, address, at) for found in seen.values() for address, host in found.items()]
    record_results(sweep, results, blocks, at)
    end_sweep(sweep, "", 2 * len(results), at)
    return sweep


def scan_recorded(record: DemoRecord, deed: RecordedDeed, drill: Drill, at: datetime) -> FleetRun:
    """The fleet's scan of some hosts, with what their reports found."""
    run = FleetRun.objects.create(
        uid=uuid.uuid4().hex, word="scan", wish={"hosts": sorted(deed.more)}, incident="", state="done",
        started=at - TAKES, ended=at, expires=at,
    )  # fmt: skip
    for label, verdict in deed.more.items():
        row = PlayedHost.objects.select_related("host").get(drill=drill, host__label=label)
        findings = tuple(_make_finding(one) for one in record.findings if one.host == label)
        taken = tell_report(row, findings, at)
        HostRun.objects.create(
            run=run, host=row.host, state="answered", outcome="answered", verdict=verdict, report=taken.report,
            exit_code=1 if findings else 0, attempts=1, address=row.address, ended=at,
        )  # fmt: skip
    return run


def _keep_sweep(ranges: Sequence[str], point: ScanPoint | None, at: datetime) -> Sweep:
    job = SweepJob(format="codered/sweep-job/1", id=uuid.uuid4().hex, ranges=tuple(ranges), seed=1)
    raw = msgspec.json.encode(job)
    return Sweep.objects.create(
        uid=job.id, job=raw, job_sha256=hashlib.sha256(raw).hexdigest(), authorisation=PERMIT, wanted=list(ranges),
        point=point, started=at,
    )  # fmt: skip


def _list_seen(record: DemoRecord, range_: str) -> dict[str, RecordedHost]:
    """By address, the hosts that were seen there."""
    network = ipaddress.ip_network(range_)
    return {
        address: host
        for host in record.hosts
        for address in (host.address, host.six)
        if host.seen and address and ipaddress.ip_address(address) in network
    }


def _tell_address(record: DemoRecord, host: RecordedHost, address: str, at: datetime) -> AddressResult:
    state: State = host.seen or "no_answer"
    reason = record.reasons[host.reason]
    name, _, because = reason.partition(": ")
    checks = tuple(
        CheckResult(pack=pack, probe=name.partition("/")[2], says=state, because=because) for pack in host.packs
    )
    product, _, version = host.product.rpartition(" ") if state in _ANSWERS else ("", "", "")
    port = PortResult(port=80, state=state, reason=reason, product=product, version=version, checks=checks)
    return AddressResult(address=address, state=state, reason=reason, ports=(port,), at=at)


def _make_block(range_: str, seen: dict[str, RecordedHost], silent: State) -> Block:
    network = ipaddress.ip_network(range_)
    states = bytearray([STATES.index(silent)] * network.num_addresses)
    for address, host in seen.items():
        states[int(ipaddress.ip_address(address)) - int(network[0])] = STATES.index(host.seen or silent)
    return Block(first=str(network[0]), states=bytes(states))


def _make_finding(one: RecordedFinding) -> Finding:
    digest = hashlib.sha256(f"{one.host} {one.pack} {one.indicator} {one.subject.name()}".encode()).hexdigest()
    return Finding(
        id=f"f-{digest[:8]}", pack=one.pack, indicator=one.indicator, layer=one.layer, subject=one.subject,
        confidence=one.confidence, severity=one.severity, because=one.because,
        evidence=(Evidence(what="as the laboratory's report has it"),),
    )  # fmt: skip
