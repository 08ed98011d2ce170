"""`codered sweep SUBNET…` and `--resume`: making a sweep, with its progress and what it found."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from codered.cli.output import say, show
from codered.model.errors import ExitCode, WrongUse
from codered_hq.cli.sweep_options import Given, permit_path, read_ports
from codered_hq.cli.sweep_showing import answer_sweep
from codered_hq.opening import Headquarters
from codered_hq.sweeps.authorising import Permit, check_now, parse_permit, read_permit
from codered_hq.sweeps.making import Planned, Wish, check_again, estimate, keep_sweep, plan_sweep, take_permit
from codered_hq.sweeps.models import Sweep
from codered_hq.sweeps.running import INTERRUPTED, Seen, run_sweep
from codered_hq.sweeps.targets import find_targets
from codered_hq.sweeps.views import find_sweep

if TYPE_CHECKING:
    from collections.abc import Callable

SECONDS_BETWEEN_LINES = 15.0
MOST_ALARMS = 20
PLAN_FORMAT = "codered/sweep-plan/1"


class SweepPlan(msgspec.Struct, frozen=True, kw_only=True):
    """`codered sweep --dry-run --json`: what would be asked, what it would cost (seconds if all is silent, if all
    answers), and what is left out and why; nothing was sent.
    """

    format: str
    ranges: tuple[str, ...]
    addresses: int
    ports: tuple[int, ...]
    tls_ports: tuple[int, ...]
    packs: tuple[str, ...]
    connections: int
    least_seconds: float
    most_seconds: float
    fragile: tuple[str, ...]
    left_out: tuple[tuple[str, str], ...]


def run(entered: Headquarters, given: Given) -> int:
    """Sweep what is named."""
    permit = read_permit(permit_path(given))
    planned = plan(entered, given, permit)
    if given.dry_run:
        show(encode_plan(planned) if given.as_json else _tell_plan(planned))
        return ExitCode.CLEAN
    now = datetime.now(UTC)
    check_now(permit, now)
    sweep = keep_sweep(planned, permit, now)
    return _sweep(entered, sweep, permit, given)


def resume(entered: Headquarters, given: Given) -> int:
    """Go on with a sweep that was broken off, under the authorisation given now or the one that it began with."""
    sweep = find_sweep(given.resume)
    if sweep.point is not None or sweep.bundle:
        raise WrongUse("is not made here", where=sweep.uid, advice="resume sweeps of headquarters' own")
    if sweep.state == "done":
        raise WrongUse("is whole", where=sweep.uid, advice=f"codered sweep --show {sweep.uid[:8]} shows it")
    path = given.authorisation
    permit = read_permit(Path(path)) if path else parse_permit(bytes(sweep.permit), f"authorisation of {sweep.uid[:8]}")
    now = datetime.now(UTC)
    check_now(permit, now)
    check_again(sweep, permit)
    take_permit(sweep, permit, now)
    return _sweep(entered, sweep, permit, given)


def plan(entered: Headquarters, given: Given, permit: Permit) -> Planned:
    """The sweep that the options ask for, within what is authorised; what is odd about it is told."""
    targets = find_targets(given.subnets, given.zones, given.everything)
    wish = Wish(
        targets=targets, packs=tuple(filter(None, given.packs.replace(",", " ").split())),
        ports=read_ports(given.ports), tls_ports=read_ports(given.tls_ports), rate=given.rate,
        hosts=("", *given.hosts) if given.hosts else (), fragile=given.fragile,
    )  # fmt: skip
    planned = plan_sweep(wish, permit, entered.config.contact)
    for note in targets.notes:
        say(f"codered: {note}")
    by_reason: dict[str, list[str]] = {}
    for text, why in planned.left_out:
        by_reason.setdefault(why, []).append(text)
    for why, ranges in by_reason.items():
        say(f"codered: not asked, {why}: {', '.join(ranges[:5])}{' …' if len(ranges) > 5 else ''}")
    return planned


def _sweep(entered: Headquarters, sweep: Sweep, permit: Permit, given: Given) -> int:
    say(f"codered: sweep {sweep.uid}, allowed by {permit.said.allowed_by}")
    run_sweep(sweep, permit, entered.folder, make_teller())
    code = answer_sweep(sweep, given, timedelta(hours=given.max_age))
    if sweep.stopped:
        say(f"codered: ended early: {sweep.stopped}; go on with codered sweep --resume {sweep.uid[:8]}")
    return ExitCode.INTERRUPTED if sweep.stopped == INTERRUPTED else code


def make_teller() -> "Callable[[Seen], None]":
    """Tells infected addresses at once, and now and then how far the sweep is."""
    spoke = time.monotonic()
    alarms = 0

    def tell(seen: Seen) -> None:
        nonlocal spoke, alarms
        for result in seen.found[: max(MOST_ALARMS - alarms, 0)]:
            say(f"codered: INFECTED: {result.address}: {result.reason}")
        alarms += len(seen.found)
        if time.monotonic() - spoke >= SECONDS_BETWEEN_LINES:
            spoke = time.monotonic()
            say(f"codered: {_tell_progress(seen, alarms)}")

    return tell


def _tell_progress(seen: Seen, alarms: int) -> str:
    done = seen.settled - seen.before
    rate = done / max(seen.seconds, 0.001)
    left = f", about {(seen.total - seen.settled) / rate / 60:.0f} min left" if rate >= 1 else ""
    return f"{seen.settled:,} of {seen.total:,} addresses, {rate:,.0f} a second, {alarms:,} infected{left}"


def encode_plan(planned: Planned) -> str:
    """The dry run as a document."""
    cost, job = estimate(planned), planned.job
    document = SweepPlan(
        format=PLAN_FORMAT, ranges=job.ranges, addresses=cost.addresses, ports=job.ports, tls_ports=job.tls_ports,
        packs=tuple(dict.fromkeys(each.pack for each in job.probes)), connections=cost.connections,
        least_seconds=cost.least_seconds, most_seconds=cost.most_seconds, fragile=job.fragile,
        left_out=planned.left_out,
    )  # fmt: skip
    return msgspec.json.encode(document).decode() + "\n"


def _tell_plan(planned: Planned) -> str:
    cost, job = estimate(planned), planned.job
    packs = ", ".join(dict.fromkeys(each.pack for each in job.probes)) or "none"
    ports = ", ".join([*map(str, job.ports), *(f"{port} (TLS)" for port in job.tls_ports)])
    lines = [
        f"addresses    {cost.addresses:,} in {len(job.ranges):,} ranges",
        f"ports        {ports}",
        f"checks       {packs}",
        f"connections  at most {cost.connections:,}",
        f"time         {_tell_seconds(cost.least_seconds)} (silent), {_tell_seconds(cost.most_seconds)} (all answers)",
        f"fragile      {len(job.fragile):,} ranges: one connection at a time, the home page only",
        f"left out     {len(planned.left_out):,} ranges",
        "nothing was sent",
    ]
    return "".join(f"{line}\n" for line in lines)


def _tell_seconds(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
