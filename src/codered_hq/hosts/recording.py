"""An inventory of one source -> the database, whole or not at all."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import transaction

from codered_hq.hosts.disputes import find_settled, keep_words, tell_changes
from codered_hq.hosts.hearsay import find_unproven, leave_out, note_told
from codered_hq.hosts.merging import Merger
from codered_hq.hosts.models import TEXT, Host, Identifier, ImportRun, Owner, Place, ScanPoint, Subnet, Tag, Zone
from codered_hq.hosts.numbers import read_range, to_bounds
from codered_hq.hosts.writing import HostWriter
from codered_hq.model.inventory import HostRecord, Inventory, PlaceRecord, Source, SubnetRecord
from codered_hq.opening import be_patient

WIDEST = {4: 8, 6: 32}
"""Prefix lengths, by IP version, of the widest range that is believed to be a network of somebody here."""
MOST_SKIPPED = 1000  # reasons kept of one source


class Recorded(NamedTuple):
    """What came of an inventory: how many of each kind were taken, new hosts, the hosts in the records' order, and what
    it says of subnets against what another source said before.
    """

    counts: dict[str, int]
    new_hosts: int
    hosts: tuple[Host, ...]
    changed: tuple[str, ...] = ()


def record_inventory(inventory: Inventory, at: datetime, sha256: str = "") -> Recorded:
    """Take all that one source says, at this time (aware). Raises WrongUse if the database stays away."""
    return be_patient(lambda: _record(inventory, at, sha256))


def record_hosts(records: Sequence[HostRecord], source: Source, at: datetime) -> tuple[Host, ...]:
    """Take host records alone; their hosts in the same order. For what comes again and again: sweeps, reports."""
    return be_patient(lambda: _record_hosts(records, source, at)[0])


@transaction.atomic
def record_seen_subnets(ranges: Sequence[str], source: Source, at: datetime, of: str = "") -> None:
    """Remember subnets that routes, leases or reports showed, but for ranges wider than WIDEST; what is documented
    stays as it is. With `of`, what its source is known by, they are all that it shows now: what it alone showed before,
    and nobody has described since, is forgotten.
    """
    networks = [found for text in ranges if (found := read_range(text)).prefixlen >= WIDEST[found.version]]
    name = f"{_name(source)[: TEXT - len(of) - 1]} {of}" if of else _name(source)
    if of:
        before = Subnet.objects.filter(documented=False, source__endswith=f" {of}", zone=None, owner=None, tags=None)
        before.exclude(range__in=list(map(str, networks))).delete()
    for network in networks:
        first, last = to_bounds(network)
        given = {"first": first, "last": last, "source": name, "first_seen": at, "documented": False}
        Subnet.objects.update_or_create(
            range=str(network), defaults={"last_seen": at}, create_defaults={**given, "last_seen": at}
        )


@transaction.atomic
def _record(inventory: Inventory, at: datetime, sha256: str) -> Recorded:
    for zone in inventory.zones:
        given = {"kind": zone.kind, "blocked": zone.blocked[:TEXT], "note": zone.note}
        Zone.objects.update_or_create(name=zone.name[:TEXT], defaults=given)
    for owner in inventory.owners:
        given = {"mail": owner.mail[:TEXT], "phone": owner.phone[:TEXT], "department": owner.department[:TEXT]}
        Owner.objects.update_or_create(name=owner.name[:TEXT], defaults=given)
    for point in inventory.scan_points:
        place = {"zone": _zone_of(point.zone), "engine": point.engine, "minion": point.minion, "address": point.address}
        ScanPoint.objects.update_or_create(name=point.name[:TEXT], defaults=place)
    changed = [_record_subnet(subnet, inventory.source, at) for subnet in inventory.subnets]
    hosts, made = _record_hosts(inventory.hosts, inventory.source, at)
    _record_places(inventory.places)
    counts = {
        name: len(getattr(inventory, name)) for name in ("zones", "subnets", "owners", "scan_points", "hosts", "places")
    }
    skipped = [[each.where, each.why] for each in inventory.skipped[:MOST_SKIPPED]]
    source = inventory.source
    ImportRun.objects.create(
        kind=source.kind, name=source.name[:TEXT], sha256=sha256, at=at, counts=counts, skipped=skipped
    )
    return Recorded(counts, made, hosts, tuple(filter(None, changed)))


@transaction.atomic
def _record_hosts(records: Sequence[HostRecord], source: Source, at: datetime) -> tuple[tuple[Host, ...], int]:
    heard = [find_unproven(record, source.kind) for record in records]
    records = [leave_out(record, foreign) for record, foreign in zip(records, heard, strict=True)]
    merger = Merger(records, at, of_names=source.kind in ("zone-file", "dns"))
    numbers = [merger.take(record) for record in records]
    writer = HostWriter(merger, _name(source))
    writer.write()
    hosts = tuple(map(writer.host_of, numbers))
    told = ((host, pair) for host, foreign in zip(hosts, heard, strict=True) for pair in sorted(foreign))
    note_told(told, _name(source), at)
    return hosts, writer.made


def _record_subnet(record: SubnetRecord, source: Source, at: datetime) -> str:
    """Take it; what that changes, against what was said before ("" = nothing)."""
    network = read_range(record.range)
    before = Subnet.objects.select_related("zone", "owner").filter(range=str(network)).first()
    facts = {"vlan": str(record.vlan or ""), "site": record.site, "zone": record.zone, "owner": record.owner}
    words = {name: value[:TEXT] for name, value in facts.items() if value}
    first, last = to_bounds(network)
    said: dict[str, Any] = {
        "name": record.name[:TEXT], "vlan": record.vlan, "vlan_name": record.vlan_name[:TEXT],
        "site": record.site[:TEXT], "criticality": record.criticality, "note": record.note,
        "zone": _zone_of(record.zone) if record.zone else None,
        "owner": Owner.objects.get_or_create(name=record.owner[:TEXT])[0] if record.owner else None,
    }  # fmt: skip
    settled = find_settled(before)
    # a source that is silent changes nothing, nor does one what a person settled
    known = {name: value for name, value in said.items() if value and name not in settled}
    known |= {"documented": True, "source": _name(source), "last_seen": at}
    known["said"] = keep_words(before, _name(source), words, at)
    made = {**known, "first": first, "last": last, "first_seen": at}
    subnet, _ = Subnet.objects.update_or_create(range=str(network), defaults=known, create_defaults=made)
    subnet.tags.add(*[Tag.objects.get_or_create(name=tag[:64])[0] for tag in record.tags])
    changes = tell_changes(before, words)
    return f"{network}: {changes}" if changes else ""


def _record_places(places: Sequence[PlaceRecord]) -> None:
    macs = {place.mac for place in places}
    hosts = dict(Identifier.objects.filter(kind="mac", value__in=macs, shared=False).values_list("value", "host_id"))
    for place in places:
        where = {"mac": place.mac, "switch": place.switch[:TEXT], "port": place.port[:TEXT], "vlan": place.vlan}
        seen: dict[str, Any] = {
            "host_id": hosts.get(place.mac), "switch_address": place.switch_address, "macs": place.macs,
            "description": place.description[:TEXT], "last_seen": place.seen_at,
        }  # fmt: skip
        Place.objects.update_or_create(**where, defaults=seen, create_defaults={**seen, "first_seen": place.seen_at})


def _zone_of(name: str) -> Zone:
    return Zone.objects.get_or_create(name=name[:TEXT], defaults={"kind": "open"})[0]


def _name(source: Source) -> str:
    return f"{source.kind}:{source.name}"[:TEXT]
