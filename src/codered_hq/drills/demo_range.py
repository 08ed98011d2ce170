"""The played range of the demonstration: the hosts, switches and subnets of its record, and the truth about them up to
the minute at which it stands.
"""

import ipaddress
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from codered_hq.config import Config
from codered_hq.devices.played_switches import PlayedPort, PlayedSwitch
from codered_hq.drills.demo_record import DemoRecord, RecordedHost, RecordedSubnet
from codered_hq.drills.models import Drill, PlayedHost, TruthPoint
from codered_hq.drills.populating import LaidSwitch, lay_out
from codered_hq.drills.scenario_files import Kind, PlannedInject, PlayedSubnet, Scenario
from codered_hq.drills.starting import Enter
from codered_hq.hosts.recording import record_hosts, record_inventory, record_seen_subnets
from codered_hq.model.crisis import Step
from codered_hq.model.inventory import (
    HostRecord,
    Inventory,
    OwnerRecord,
    PlaceRecord,
    ScanPointRecord,
    Source,
    SubnetRecord,
    ZoneRecord,
)

MINUTES: Final = 180
"""For which the model foresees what would be with nobody cut off, from where the demonstration stands."""
TRIES: Final = 1.0
"""Addresses a second: of the few machines that are open, one falls ill every two minutes at first."""
HEARD_AFTER: Final = 3.0
TOLD_TO: Final[dict[Step, str]] = {
    "contain": "network", "eradicate": "systems", "recover": "incident_commander", "lessons": "scribe",
}  # fmt: skip
_TOLD: Final = "In the laboratory this came next: "
_KINDS: Final[dict[str, Kind]] = {"office": "office", "plant": "plant", "laboratory": "lab", "meeting": "guests"}
_PAPERS: Final = Source(kind="yaml", name="enterprise.yaml")
_NAMES: Final = Source(kind="zone-file", name="corp.example.zone")
_LEASES: Final = Source(kind="dnsmasq", name="dnsmasq.leases")


def make_scenario(record: DemoRecord) -> Scenario:
    """What the record plays: its subnets with machines, and what came later as injects."""
    incident = next(deed for deed in record.deeds if deed.do == "declare")
    population = tuple(_make_subnet(record, subnet) for subnet in record.subnets if _list_hosts(record, subnet))
    injects = tuple(
        PlannedInject(at=one.minute, kind="fact", to=TOLD_TO.get(one.step, "everybody"), text=_TOLD + one.text)
        for one in record.later
    )
    return Scenario(
        title=incident.more["title"], about="An outbreak that was played in the laboratory, from its record.",
        pack=incident.more["pack"], minutes=MINUTES, tries=TRIES, heard_after=HEARD_AFTER, population=population,
        injects=injects,
    )  # fmt: skip


def write_demo_range(folder: Path, record: DemoRecord) -> Config:
    """The record's switches, and a router that everything else is behind. Raises OSError."""
    laid = []
    for device in record.switches[:-1]:
        hosts = [host for host in record.hosts if host.switch == device.name]
        # Without a route of its own it would count as a router of everything.
        switch = PlayedSwitch(name=device.name, address=device.address, ports=tuple(_make_ports(hosts)))
        laid.append(LaidSwitch(switch, (f"{device.address}/32",)))
    router = record.switches[-1]
    others = [host for host in record.hosts if not host.switch]
    ranges = tuple(subnet.range for subnet in record.subnets if subnet.documented)
    switch = PlayedSwitch(name=router.name, address=router.address, ports=tuple(_make_uplinks(others)))
    return lay_out(folder, "demonstration", [*laid, LaidSwitch(switch, ranges)])


def enter_record(record: DemoRecord) -> Enter:
    """Who puts the record's hosts into the inventory of a drill that begins at minute 0 of it."""

    def enter(drill: Drill, at: datetime) -> list[PlayedHost]:
        recorded = record_inventory(_make_inventory(record, at), at).hosts
        _enter_more(record, at)
        inside = {one.host for one in record.findings}
        rows = [
            PlayedHost(
                drill=drill, host=host, address=one.address, subnet=_name_range(record, one),
                vulnerable=one.open or (one.infected is not None and one.label not in inside),
                infected_at=_tell_time(at, one.infected), told_at=_tell_time(at, one.found),
                infected_from="" if one.infected is None else "from outside",
            )
            for host, one in zip(recorded, record.hosts, strict=True)
        ]  # fmt: skip
        return PlayedHost.objects.bulk_create(rows, batch_size=500)

    return enter


def keep_truth(drill: Drill, record: DemoRecord) -> None:
    """Up to where the demonstration stands, the truth is the record's; from there on the model goes on."""
    last = record.stands
    infected = [_count(record.hosts, "infected", minute) for minute in range(last + 1)]
    known = [_count(record.hosts, "found", minute) for minute in range(last + 1)]
    TruthPoint.objects.bulk_create(
        TruthPoint(
            drill=drill, at=drill.started_at + timedelta(minutes=minute), infected=infected[minute],
            spreading=infected[minute], known=known[minute],
        )
        for minute in range(1, last + 1)
    )  # fmt: skip
    drill.played_to = (last + 1) * 60
    drill.uncontained = [*map(float, infected), *drill.uncontained]
    drill.spread = [0.0] * len(infected) + drill.spread
    drill.save(update_fields=["played_to", "uncontained", "spread"])


def _count(hosts: Iterable[RecordedHost], what: str, minute: int) -> int:
    return sum((since := getattr(host, what)) is not None and since <= minute for host in hosts)


def _tell_time(at: datetime, minute: int | None) -> datetime | None:
    return None if minute is None else at + timedelta(minutes=minute)


def _list_hosts(record: DemoRecord, subnet: RecordedSubnet) -> list[RecordedHost]:
    network = ipaddress.ip_network(subnet.range)
    return [host for host in record.hosts if ipaddress.ip_address(host.address) in network]


def _name_range(record: DemoRecord, host: RecordedHost) -> str:
    subnet = record.find_subnet(host.address)
    return subnet.range if subnet else ""


def _make_subnet(record: DemoRecord, subnet: RecordedSubnet) -> PlayedSubnet:
    hosts = _list_hosts(record, subnet)
    weak = sum(host.open or host.infected is not None for host in hosts)
    zone = next((one for one in record.zones if one.name == subnet.zone), None)
    blocked = (zone.blocked if zone else "") or subnet.why
    return PlayedSubnet(
        range=subnet.range, name=subnet.name or "nobody documented it", site=subnet.site, hosts=len(hosts),
        kind=_KINDS.get(subnet.name, "servers"), vulnerable=round(100 * weak / len(hosts)), watched=not blocked,
        blocked=blocked, vital=sum("vital" in host.tags for host in hosts),
        never_touch=sum("never_touch" in host.tags for host in hosts),
    )  # fmt: skip


def _make_ports(hosts: Sequence[RecordedHost]) -> Iterator[PlayedPort]:
    for number, host in enumerate(hosts, 1):
        yield PlayedPort(number=number, name=host.port, vlan=host.vlan, mac=host.mac, address=host.address)


def _make_uplinks(hosts: Sequence[RecordedHost]) -> Iterator[PlayedPort]:
    """Nobody knows where these are plugged in: no card is seen there, they only answer."""
    for number, host in enumerate(hosts, 1):
        yield PlayedPort(number=number, name=f"downlink {number}", vlan=0, address=host.address)


def _make_inventory(record: DemoRecord, at: datetime) -> Inventory:
    sites = {subnet.range: subnet.site for subnet in record.subnets}
    addresses = {host.label: host.address for host in record.hosts}
    hosts = tuple(
        HostRecord(
            address=one.was.address if one.was else one.address, mac=one.mac, name=one.name,
            owner=record.find_owner(one), site=sites.get(_name_range(record, one), ""), criticality=one.criticality,
            tags=one.tags, system=one.system, product=one.product, seen_at=at,
        )
        for one in record.hosts
    )  # fmt: skip
    zones = tuple(
        ZoneRecord(name=one.name, kind=one.kind, scan_point=one.scan_point, blocked=one.blocked, note=one.note)
        for one in record.zones
    )
    points = tuple(
        ScanPointRecord(name=one.scan_point, zone=one.name, engine="ansible", address=addresses[one.scan_point])
        for one in record.zones
        if one.scan_point
    )
    owners = tuple(
        OwnerRecord(name=one.name, mail=one.mail, phone=one.phone, department=one.department) for one in record.owners
    )
    subnets = tuple(
        SubnetRecord(range=one.range, name=one.name, vlan=one.vlan, site=one.site, zone=one.zone, owner=one.owner)
        for one in record.subnets
        if one.documented
    )
    return Inventory(
        source=_PAPERS, zones=zones, owners=owners, scan_points=points, subnets=subnets, hosts=hosts,
        places=tuple(_make_places(record, at)),
    )  # fmt: skip


def _make_places(record: DemoRecord, at: datetime) -> Iterator[PlaceRecord]:
    addresses = {switch.name: switch.address for switch in record.switches}
    for host in record.hosts:
        later = at
        if host.was and host.was.switch:
            yield PlaceRecord(
                mac=host.mac, switch=host.was.switch, switch_address=addresses.get(host.was.switch, ""),
                port=host.was.port, description=host.was.description, vlan=host.was.vlan, seen_at=at,
            )  # fmt: skip
            later = at + timedelta(minutes=host.infected or 0)
        if host.switch:
            yield PlaceRecord(
                mac=host.mac, switch=host.switch, switch_address=addresses[host.switch], port=host.port,
                description=host.socket, vlan=host.vlan, seen_at=later,
            )  # fmt: skip


def _enter_more(record: DemoRecord, at: datetime) -> None:
    """Other addresses of hosts, those that moved, and subnets that nobody documented."""
    six = [HostRecord(address=host.six, name=host.name, seen_at=at) for host in record.hosts if host.six]
    record_hosts(six, _NAMES, at)
    for host in record.hosts:
        if host.was:
            moved = at + timedelta(minutes=host.infected or 0)
            record_hosts(
                [HostRecord(address=host.address, mac=host.mac, name=host.name, seen_at=moved)], _LEASES, moved
            )
    seen = [subnet.range for subnet in record.subnets if not subnet.documented]
    record_seen_subnets(seen, Source(kind="snmp", name=record.switches[-1].name), at)
