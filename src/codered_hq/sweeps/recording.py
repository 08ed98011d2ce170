"""What a sweep brings -> the database: blocks of states, a row for each address that is not silent, the inventory."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from django.db import transaction
from django.dispatch import Signal

from codered_hq.hosts.models import TEXT, Host
from codered_hq.hosts.numbers import to_number
from codered_hq.hosts.recording import record_hosts
from codered_hq.hosts.suspicion import note_suspicion
from codered_hq.model.inventory import HostRecord, Source
from codered_hq.model.sweep import STATES, AddressResult, Block
from codered_hq.opening import be_patient
from codered_hq.sweeps.intervals import count, number_of, read_intervals
from codered_hq.sweeps.making import read_job
from codered_hq.sweeps.models import Sweep, SweptAddress, SweptBlock

BATCH = 500
ANSWERED = frozenset({"not_web", "web", "clean", "undetermined", "vulnerable", "infected"})
"""States of an address where a machine is."""
FOUND = ("infected", "vulnerable")
infection_seen = Signal()
"""Sent for each host that looks infected from outside (host, at, because). The fleet, which lies above, hears it and
moves the host's case on, whoever made the sweep.
"""


def record_results(sweep: Sweep, addresses: Sequence[AddressResult], blocks: Sequence[Block], at: datetime) -> None:
    """Take some results, whole or not at all; what comes again replaces what was there. Waits for a database that is
    away for a moment. Raises WrongUse if it stays away.
    """
    be_patient(lambda: _record(sweep, addresses, blocks, at))


def end_sweep(sweep: Sweep, stopped: str, requests: int, at: datetime) -> None:
    """Note how it ended; `stopped` "" = it is whole."""
    sweep.counts = count_states(sweep)
    sweep.state, sweep.stopped, sweep.ended = ("stopped" if stopped else "done"), stopped[:TEXT], at
    sweep.requests += requests
    be_patient(sweep.save)


def count_states(sweep: Sweep) -> dict[str, int]:
    """How many addresses of the job have each state, as kept; those without one were not asked."""
    numbers: Counter[int] = Counter()
    spans = []
    for first, states in sweep.blocks.values_list("first", "states").iterator():
        numbers.update(bytes(states))
        spans.append((int(first, 16), int(first, 16) + len(bytes(states))))
    counts: Counter[str] = Counter({STATES[number]: found for number, found in numbers.items()})
    if sweep.state != "done":
        counts.update(state for _, state in find_loose(sweep, spans))
    total = count(read_intervals(read_job(sweep).ranges))
    if (rest := total - counts.total()) > 0:
        counts["not_asked"] += rest
    return {state: counts[state] for state in STATES if counts[state]}


def find_loose(sweep: Sweep, spans: Sequence[tuple[int, int]]) -> list[tuple[int, str]]:
    """The addresses of a broken-off sweep that lie in no settled block (number of the first, and after the last)."""
    spans = sorted(spans)
    firsts = [first for first, _ in spans]
    found = []
    for number, state in sweep.addresses.values_list("number", "state").iterator():
        value = int(number, 16)
        at = bisect_right(firsts, value) - 1
        if at < 0 or value >= spans[at][1]:
            found.append((value, state))
    return found


@transaction.atomic
def _record(sweep: Sweep, addresses: Sequence[AddressResult], blocks: Sequence[Block], at: datetime) -> None:
    hosts = _record_hosts(sweep, addresses, at)
    rows = {result.address: _make_row(sweep, result, hosts.get(result.address)) for result in addresses}
    SweptAddress.objects.bulk_create(
        rows.values(), batch_size=BATCH, update_conflicts=True, unique_fields=["sweep", "number"],
        update_fields=["host", "state", "reason", "ports", "at"],
    )  # fmt: skip
    SweptBlock.objects.bulk_create(
        {
            block.first: SweptBlock(sweep=sweep, first=f"{number_of(block.first):032x}", states=block.states, at=at)
            for block in blocks
        }.values(),
        batch_size=BATCH, update_conflicts=True, unique_fields=["sweep", "first"], update_fields=["states", "at"],
    )  # fmt: skip


def _record_hosts(sweep: Sweep, addresses: Sequence[AddressResult], at: datetime) -> dict[str, Host]:
    """Each address where a machine is, as a sighting of one; the host that is there now."""
    there = {result.address: result for result in addresses if result.state in ANSWERED}
    records = [
        HostRecord(address=result.address, product=name_product(result), seen_at=min(result.at, at))
        for result in there.values()
    ]
    source = Source(kind="sweep", name=sweep.point.name if sweep.point else "headquarters")
    hosts = dict(zip(there, record_hosts(records, source, at), strict=True)) if records else {}
    for result in there.values():
        if result.state == "infected":
            infection_seen.send(Sweep, host=hosts[result.address], at=at, because=f"sweep {sweep.uid[:8]}")
            note_suspicion(hosts[result.address], result.address)
    return hosts


def name_product(result: AddressResult) -> str:
    """The web server that answered, with its version, as it says itself; "" if none did."""
    told = max(result.ports, key=lambda port: (STATES.index(port.state), bool(port.product)), default=None)
    return str(_mend(f"{told.product} {told.version}".strip()))[:TEXT] if told else ""


def _make_row(sweep: Sweep, result: AddressResult, host: Host | None) -> SweptAddress:
    return SweptAddress(
        sweep=sweep, host=host, address=result.address, number=to_number(result.address), state=result.state,
        reason=str(_mend(result.reason))[:TEXT], at=result.at,
        ports=[_mend(msgspec.to_builtins(port)) for port in result.ports],
    )  # fmt: skip


def _mend(value: Any) -> Any:  # noqa: ANN401 (a tree of JSON)
    """Without NUL, which PostgreSQL keeps in no text; what servers say may hold it."""
    if isinstance(value, str):
        return value.replace("\0", "\ufffd")
    if isinstance(value, dict):
        return {key: _mend(inner) for key, inner in value.items()}
    return [_mend(inner) for inner in value] if isinstance(value, list | tuple) else value
