"""Reading the switches: where each host is plugged in, and who has which address by the routers' ARP tables."""

import ipaddress
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple

from codered_hq.config import SnmpConfig
from codered_hq.hosts.models import Host, Identifier
from codered_hq.hosts.recording import record_hosts, record_inventory
from codered_hq.model.inventory import Inventory, PlaceRecord, Skipped, Source
from codered_hq.resolving.arp_hosts import read_arp_hosts
from codered_hq.resolving.locating import locate
from codered_hq.resolving.snmp_access import SnmpAccess
from codered_hq.resolving.switch_reading import read_switches
from codered_hq.resolving.switch_tables import SwitchTables


class Placed(NamedTuple):
    """What the switches told: how many were read, what could not be, where hosts are, and why others are nowhere."""

    switches: int
    unread: tuple[Skipped, ...]
    places: tuple[PlaceRecord, ...]
    reasons: tuple[Skipped, ...]
    nowhere: tuple[str, ...]


def locate_hosts(
    hosts: Sequence[Host], devices: Sequence[SnmpConfig], at: datetime, tell: Callable[[str], None]
) -> Placed:
    """Read all devices, learn addresses from their ARP tables, then find the ports of these hosts."""
    tables, unread = _read_devices(devices, tell)
    refused = _learn_addresses(tables, at)
    macs = _list_macs(hosts)
    located = locate([mac for found in macs.values() for mac in found], tables)
    record_inventory(Inventory(source=Source(kind="snmp", name="switches"), places=located.places), at)
    placed = {place.mac for place in located.places}
    nowhere = tuple(f"{host.label}: {_explain(macs[host.pk])}" for host in hosts if not macs[host.pk] & placed)
    gaps = [Skipped(where=f"{table.name or table.address}: {each.where}", why=each.why) for table in tables
            for each in table.skipped]  # fmt: skip
    routers = {f"{table.name or table.address}: MAC table" for table in tables if table.arp and not table.macs}
    notes = tuple(each for each in gaps if each.where in routers)  # what only routes has no such table
    lost = tuple(each for each in gaps if each.where not in routers)
    return Placed(len(tables), (*unread, *lost), located.places, (*located.reasons, *notes, *refused), nowhere)


def _read_devices(
    devices: Sequence[SnmpConfig], tell: Callable[[str], None]
) -> tuple[list[SwitchTables], list[Skipped]]:
    tables: list[SwitchTables] = []
    unread: list[Skipped] = []
    for device in devices:
        access = SnmpAccess(
            community=device.community, user=device.user, auth=device.auth, auth_password=device.auth_password,
            priv=device.priv, priv_password=device.priv_password, port=device.port,
        )  # fmt: skip
        for one in read_switches(device.devices, access):
            if isinstance(one, Skipped):
                unread.append(one)
            else:
                tables.append(one)
                tell(f"{one.name or one.address}: {len(one.macs):,} MACs, {len(one.ports):,} ports")
    return tables, unread


def _learn_addresses(tables: Sequence[SwitchTables], at: datetime) -> list[Skipped]:
    """Take the ARP tables; what of them was not taken. Addresses of one link are true there alone."""
    refused = []
    for table in tables:
        name = table.name or table.address
        records, skipped = read_arp_hosts(table)
        rows = [row for row in records if not ipaddress.ip_address(row.address).is_link_local]
        record_hosts(rows, Source(kind="snmp", name=name), at)
        refused += [Skipped(where=f"{name}: {each.where}", why=each.why) for each in skipped]
    return refused


def _list_macs(hosts: Sequence[Host]) -> dict[int, set[str]]:
    macs: dict[int, set[str]] = {host.pk: set() for host in hosts}
    for host, mac in Identifier.objects.filter(kind="mac").values_list("host_id", "value"):
        if host in macs:
            macs[host].add(mac)
    return macs


def _explain(macs: set[str]) -> str:
    return f"no switch that was read has seen {' or '.join(sorted(macs))}" if macs else "no MAC of it is known"
