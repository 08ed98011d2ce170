"""A wish and an authorisation -> a sweep: its job, and what of the wish gets nothing and why."""

import hashlib
import secrets
import uuid
from datetime import datetime
from typing import NamedTuple

import msgspec

from codered.model.errors import Refused, WrongUse
from codered.packs.loading import choose_packs_folder, load_packs
from codered_hq.config import headquarters_folder, read_config
from codered_hq.hosts.models import TEXT, AddressUse, ScanPoint, Subnet
from codered_hq.model.sweep import Limits, PackProbe, SweepJob
from codered_hq.probing.visiting import plan_course
from codered_hq.sweeps.authorising import Permit, check_packs, check_ports, lower_limits
from codered_hq.sweeps.intervals import Intervals, count, intersect, read_intervals, subtract, write_ranges
from codered_hq.sweeps.models import Sweep
from codered_hq.sweeps.targets import Targets

NOT_AUTHORISED = "not authorised"
EXCLUDED = "the authorisation excludes it"
FRAGILE_TAG = "fragile"  # hosts and subnets marked so are, whatever an authorisation names
MOST_ADDRESSES = 1 << 24  # the prober's own bound


class Wish(NamedTuple):
    """What the user asks for. No packs = all that have probes and are authorised; rate 0 = the usual one."""

    targets: Targets
    packs: tuple[str, ...] = ()
    ports: tuple[int, ...] = (80,)
    tls_ports: tuple[int, ...] = ()
    hosts: tuple[str, ...] = ()
    rate: float = 0.0
    fragile: tuple[str, ...] = ()


class Planned(NamedTuple):
    """A sweep that may be made: its job, and of what was wanted the ranges that get nothing, each with the reason."""

    job: SweepJob
    wanted: tuple[str, ...]
    left_out: tuple[tuple[str, str], ...]
    addresses: int


class Estimate(NamedTuple):
    """What a sweep will cost: addresses, the most connections (if everything answers), and the seconds if all is
    silent and if all answers, at the job's own rate.
    """

    addresses: int
    connections: int
    least_seconds: float
    most_seconds: float


def plan_sweep(wish: Wish, permit: Permit, contact: str) -> Planned:
    """The job of a wish, cut down to what is authorised. Raises Refused and WrongUse."""
    if read_config(headquarters_folder()).exercise == "simulated":
        advice = "the drill sweeps its own range: codered drill tabletop sweep"
        raise Refused("a played range has no network to sweep", where=permit.where, advice=advice)
    check_ports(permit, (*wish.ports, *wish.tls_ports))
    wanted = wish.targets.addresses
    outside = subtract(wanted, permit.allowed)
    excluded = intersect(intersect(wanted, permit.allowed), permit.never)
    allowed = subtract(intersect(wanted, permit.allowed), permit.never)
    if not allowed:
        what = "nothing of what is to be swept is authorised"
        raise Refused(what, where=permit.where, advice="have the ranges added to it, or sweep others")
    if (number := count(allowed)) > MOST_ADDRESSES:
        raise WrongUse(f"more than {MOST_ADDRESSES:,} addresses", advice="sweep it in parts")
    job = SweepJob(
        format="codered/sweep-job/1", id=uuid.uuid4().hex, ranges=write_ranges(allowed), seed=secrets.randbits(31),
        probes=find_probes(wish.packs, permit), ports=wish.ports, tls_ports=wish.tls_ports, hosts=wish.hosts or ("",),
        skip=permit.said.never, fragile=find_fragile(wish.fragile, permit, allowed),
        contact=permit.said.contact or contact,
        limits=lower_limits(permit, Limits(per_second=wish.rate) if wish.rate else Limits()),
    )  # fmt: skip
    plan_course(job)  # what the prober would refuse is refused now
    left_out = [(text, NOT_AUTHORISED) for text in write_ranges(outside)]
    left_out += [(text, EXCLUDED) for text in write_ranges(excluded)]
    return Planned(job, wish.targets.wanted, (*wish.targets.left_out, *left_out), number)


def keep_sweep(planned: Planned, permit: Permit, at: datetime, point: ScanPoint | None = None) -> Sweep:
    """Write it down before anything is sent; one of a scan point is waiting, one of ours is running."""
    raw = msgspec.json.encode(planned.job)
    return Sweep.objects.create(
        uid=planned.job.id, job=raw, job_sha256=hashlib.sha256(raw).hexdigest(), authorisation=_tell_permit(permit),
        authorisation_sha256=permit.sha256, permit=permit.raw, wanted=list(planned.wanted),
        left_out=[list(each) for each in planned.left_out], point=point, started=at,
        state="waiting" if point else "running",
    )  # fmt: skip


def read_job(sweep: Sweep) -> SweepJob:
    """The job of a sweep that was kept."""
    return msgspec.json.decode(bytes(sweep.job), type=SweepJob)


def find_probes(names: tuple[str, ...], permit: Permit) -> tuple[PackProbe, ...]:
    """The probes of these packs; of no names: of all packs that are authorised. Raises WrongUse and Refused."""
    check_packs(permit, names)
    chosen = names or permit.said.packs
    packs = [loaded.pack for loaded in load_packs(choose_packs_folder()[0], chosen)]
    if mute := [pack.name for pack in packs if names and not pack.probes]:
        raise WrongUse("has no probe: only a scan of the host can tell", where=mute[0], advice="leave it out")
    return tuple(
        PackProbe(pack=pack.name, version=pack.version, probe=probe) for pack in packs for probe in pack.probes
    )


def estimate(planned: Planned) -> Estimate:
    """What the sweep will cost."""
    job, limits = planned.job, planned.job.limits
    course = plan_course(job)
    doors = len({(door.port, door.tls) for door in course.doors})
    controls = sum(1 for each in job.probes if each.probe.control)
    least = planned.addresses * doors
    most = planned.addresses * len(course.doors) * (len(course.judge.asks) + controls)
    subnet = max((min(256, count(read_intervals((text,)))) for text in job.ranges), default=0)

    def spend(connections: int) -> float:
        share = connections / max(planned.addresses, 1) * subnet
        return max(
            connections / limits.per_second if limits.per_second else 0.0,
            share / limits.per_subnet if limits.per_subnet else 0.0,
        )

    silent = planned.addresses * doors * limits.connect_seconds / max(limits.at_once, 1) + limits.connect_seconds
    return Estimate(planned.addresses, most, max(spend(least), silent), max(spend(most), silent))


def find_fragile(named: tuple[str, ...], permit: Permit, allowed: Intervals) -> tuple[str, ...]:
    """Ranges of these addresses that are asked with care: named ones, those of the authorisation, and what the
    inventory has marked by now.
    """
    tags = {FRAGILE_TAG, *permit.said.fragile_tags}
    ranges = [*named, *permit.said.fragile]
    ranges += Subnet.objects.filter(tags__name__in=tags).values_list("range", flat=True)
    ranges += AddressUse.objects.filter(current=True, host__tags__name__in=tags).values_list("address", flat=True)
    return write_ranges(intersect(read_intervals(ranges), allowed))


def check_again(sweep: Sweep, permit: Permit) -> None:
    """That this authorisation allows all that is left of a sweep that was kept. Raises Refused."""
    job = read_job(sweep)
    check_ports(permit, (*job.ports, *job.tls_ports))
    check_packs(permit, tuple({each.pack for each in job.probes}))
    asked = read_intervals(job.ranges)
    if subtract(asked, permit.allowed) or intersect(asked, permit.never):
        what = "addresses of this sweep are not authorised"
        raise Refused(what, where=permit.where, advice="begin a new sweep under this authorisation")
    if lower_limits(permit, job.limits) != job.limits:
        what = "this sweep is quicker than is authorised"
        raise Refused(what, where=permit.where, advice="begin a new sweep under this authorisation")


def take_permit(sweep: Sweep, permit: Permit, at: datetime) -> None:
    """Note whose authorisation a sweep goes on under from this time (aware); the one before stays in its notes."""
    if permit.sha256 == sweep.authorisation_sha256:
        return
    before = f"{sweep.authorisation}, SHA-256 {sweep.authorisation_sha256}"
    note = f"went on {at:%Y-%m-%d %H:%M} UTC under another authorisation; until then: {before}"
    sweep.notes = [*sweep.notes, note]
    sweep.authorisation, sweep.authorisation_sha256 = _tell_permit(permit), permit.sha256
    sweep.permit = permit.raw
    sweep.save(update_fields=["notes", "authorisation", "authorisation_sha256", "permit"])


def _tell_permit(permit: Permit) -> str:
    return f"{permit.said.allowed_by}, until {permit.until:%Y-%m-%d %H:%M} UTC ({permit.where})"[:TEXT]
