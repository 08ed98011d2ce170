"""Inventory: what a file or another system says about subnets, hosts and who answers for them. Not judged yet.

Times are aware and in UTC. MACs are lower case with colons, names lower case without a final dot, addresses and ranges
as `ipaddress` writes them.
"""

from datetime import datetime
from typing import Literal

import msgspec

SourceKind = Literal[
    "csv", "yaml", "netbox", "isc-dhcpd", "kea", "dnsmasq", "windows-dhcp", "zone-file", "arp",
    "sweep", "dns", "netbios", "multicast", "snmp", "scan", "hand",
]  # fmt: skip

ZoneKind = Literal["open", "protected", "lab"]
Criticality = Literal["low", "normal", "high", "vital"]


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """Where a record comes from: the kind, and the file or server by name."""

    kind: SourceKind
    name: str


class ZoneRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A part of the network that is reached in its own way: `open` from headquarters, `protected` through a scan point
    or a bundle, `lab` perhaps not at all. `blocked` says what keeps headquarters out ("" = nothing known).
    """

    name: str
    kind: ZoneKind
    scan_point: str = ""
    blocked: str = ""
    note: str = ""


class SubnetRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A documented subnet. `vlan` 0 = not known."""

    range: str
    name: str = ""
    vlan: int = 0
    vlan_name: str = ""
    site: str = ""
    zone: str = ""
    owner: str = ""
    criticality: Criticality | Literal[""] = ""
    tags: tuple[str, ...] = ()
    note: str = ""


class OwnerRecord(msgspec.Struct, frozen=True, kw_only=True):
    """Who answers for hosts: a person or a department, and how to reach them at night."""

    name: str
    mail: str = ""
    phone: str = ""
    department: str = ""


class ScanPointRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A machine that sweeps for us from inside a zone: its name at the fleet engine."""

    name: str
    zone: str
    engine: Literal["ansible", "salt"] = "salt"
    minion: str = ""
    address: str = ""


class HostRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What one line of a source says of one machine at one time; everything may be missing but one of address, MAC,
    name. `seen_at` None = the source does not tell; `until` the end of a lease; `current` False = an expired lease.
    """

    address: str = ""
    mac: str = ""
    name: str = ""
    netbios: str = ""
    serial: str = ""
    machine_id: str = ""
    agent_key: str = ""
    minion: str = ""
    owner: str = ""
    site: str = ""
    criticality: Criticality | Literal[""] = ""
    tags: tuple[str, ...] = ()
    system: str = ""
    product: str = ""
    admins: tuple[str, ...] = ()
    seen_at: datetime | None = None
    until: datetime | None = None
    current: bool = True


class PlaceRecord(msgspec.Struct, frozen=True, kw_only=True):
    """Where a MAC is plugged in, as a switch tells: the switch's name and address, the port's name and description,
    its VLAN (0 = not known). `macs` counts the MACs seen on that port: many mean a switch behind it.
    """

    mac: str
    switch: str
    switch_address: str
    port: str
    description: str = ""
    vlan: int = 0
    macs: int = 1
    seen_at: datetime


class Skipped(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a source that was not taken: where (line 12, lease 3, device "x") and why."""

    where: str
    why: str


class Inventory(msgspec.Struct, frozen=True, kw_only=True):
    """All that one source says. `notes`: what was taken in another way than it stands there, or is in order and no
    record of ours (a neighbour that did not answer, times that have no zone).
    """

    source: Source
    zones: tuple[ZoneRecord, ...] = ()
    subnets: tuple[SubnetRecord, ...] = ()
    owners: tuple[OwnerRecord, ...] = ()
    scan_points: tuple[ScanPointRecord, ...] = ()
    hosts: tuple[HostRecord, ...] = ()
    places: tuple[PlaceRecord, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    notes: tuple[Skipped, ...] = ()
