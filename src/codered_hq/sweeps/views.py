"""Sweeps as people and programs are shown them: what was found with whose it is and where it stands, and the counts."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

import msgspec
from django.db.models import Case, IntegerField, QuerySet, Value, When

from codered.model.errors import WrongUse
from codered_hq.hosts.models import Host, Place
from codered_hq.hosts.numbers import to_number
from codered_hq.hosts.subnets import SubnetIndex, find_owner, read_subnets
from codered_hq.model.sweep import STATES
from codered_hq.sweeps.models import Sweep, SweptAddress

SWEEP_FORMAT = "codered/sweep/1"
SWEEPS_FORMAT = "codered/sweeps/1"
TOLD = ("infected", "vulnerable", "undetermined")
MOST_UPLINK = 4
"""MACs on a switch port, from which on something with ports of its own hangs there."""


class FoundAddress(msgspec.Struct, frozen=True, kw_only=True):
    """An address that was found to be infected, vulnerable, or could not be determined, with the host that is there as
    the inventory knows it. `place`: its switch and port.
    """

    address: str
    state: str
    reason: str
    at: datetime
    name: str = ""
    owner: str = ""
    owner_mail: str = ""
    owner_phone: str = ""
    criticality: str = ""
    place: str = ""
    product: str = ""
    packs: tuple[str, ...] = ()
    ports: tuple[int, ...] = ()


class SweepView(msgspec.Struct, frozen=True, kw_only=True):
    """One sweep. `left_out`: ranges that got nothing, and why; `by`: headquarters, a scan point or a bundle."""

    uid: str
    state: str
    by: str
    started: datetime
    ended: datetime | None
    stopped: str
    wanted: tuple[str, ...]
    left_out: tuple[tuple[str, str], ...]
    authorisation: str
    authorisation_sha256: str
    counts: dict[str, int]
    requests: int
    notes: tuple[str, ...]


class SweepList(msgspec.Struct, frozen=True, kw_only=True):
    """`codered sweep --list --json`."""

    format: str
    sweeps: tuple[SweepView, ...]


def list_found(sweep: Sweep) -> Iterator[FoundAddress]:
    """What the sweep found, the worst first."""
    order = Case(*(When(state=state, then=Value(rank)) for rank, state in enumerate(TOLD)), output_field=IntegerField())
    rows = sweep.addresses.filter(state__in=TOLD).annotate(rank=order).order_by("rank", "number")
    related = rows.select_related("host__owner").prefetch_related("host__places")
    subnets = read_subnets()
    return (_view_address(row, subnets) for row in related.iterator(chunk_size=500))


def find_newest(addresses: Iterable[str], subnets: SubnetIndex) -> dict[str, FoundAddress]:
    """The newest answer of any sweep at each of these addresses; those that never gave one are left out."""
    numbers = [to_number(address) for address in addresses]
    rows = SweptAddress.objects.filter(number__in=numbers).exclude(state="not_asked").order_by("at", "pk")
    related = rows.select_related("host__owner").prefetch_related("host__places")
    newest = {row.number: row for row in related}
    return {row.address: _view_address(row, subnets) for row in newest.values()}


def count_seen(state: str) -> int:
    """Addresses at which some sweep found this state."""
    return SweptAddress.objects.filter(state=state).values("number").distinct().count()


def view_sweep(sweep: Sweep) -> SweepView:
    """One sweep as a document."""
    by = f"scan point {sweep.point.name}" if sweep.point else f"bundle {sweep.bundle[:8]}" if sweep.bundle else ""
    return SweepView(
        uid=sweep.uid, state=sweep.state, by=by or "headquarters", started=sweep.started, ended=sweep.ended,
        stopped=sweep.stopped, wanted=tuple(sweep.wanted), left_out=tuple((one, why) for one, why in sweep.left_out),
        authorisation=sweep.authorisation, authorisation_sha256=sweep.authorisation_sha256, counts=dict(sweep.counts),
        requests=sweep.requests, notes=tuple(sweep.notes),
    )  # fmt: skip


def find_sweep(uid: str) -> Sweep:
    """The one sweep whose number begins so. Raises WrongUse."""
    found = list(Sweep.objects.filter(uid__startswith=uid.strip().lower())[:2]) if uid.strip() else []
    if len(found) != 1:
        what = "several sweeps begin so" if found else "no such sweep"
        raise WrongUse(what, where=uid[:40], advice="codered sweep --list shows them")
    return found[0]


def list_sweeps() -> "QuerySet[Sweep]":
    """All sweeps, the newest first."""
    return Sweep.objects.select_related("point").order_by("-started")


def tell_place(places: Iterable[Place]) -> str:
    """Where a host is plugged in, by the newest word on it: an edge port rather than an uplink; "" if unknown."""
    known = sorted(places, key=lambda place: (place.macs < MOST_UPLINK, place.last_seen), reverse=True)
    return f"{known[0].switch} {known[0].port}" if known else ""


def _view_address(row: SweptAddress, subnets: SubnetIndex) -> FoundAddress:
    ports: list[dict[str, Any]] = [port for port in row.ports if port.get("state") == row.state]
    packs = {
        str(check["pack"])
        for port in ports
        for check in port.get("checks", ())
        if row.state == "undetermined" or check.get("says") in ("infected", "vulnerable", "exposed")
    }
    told: dict[str, Any] = max(row.ports, key=lambda port: STATES.index(port["state"]), default={}) if row.ports else {}
    host: Host | None = row.host
    subnet = subnets.find_number(row.number)
    owner = find_owner(host, subnet) if host else subnet.owner if subnet else None
    return FoundAddress(
        address=row.address, state=row.state, reason=row.reason, at=row.at, name=host.label if host else "",
        owner=owner.name if owner else "", owner_mail=owner.mail if owner else "",
        owner_phone=owner.phone if owner else "", criticality=host.criticality if host else "",
        place=tell_place(host.places.all()) if host else "",
        product=f"{told.get('product', '')} {told.get('version', '')}".strip(),
        packs=tuple(sorted(packs)), ports=tuple(int(port["port"]) for port in ports),
    )  # fmt: skip
