"""The database -> an inventory as other tools read it."""

from collections.abc import Iterable

from codered_hq.hosts.models import Owner, ScanPoint, Subnet, Zone
from codered_hq.hosts.views import HostView
from codered_hq.model.inventory import (
    HostRecord,
    Inventory,
    OwnerRecord,
    ScanPointRecord,
    Source,
    SubnetRecord,
    ZoneRecord,
)


def make_inventory(hosts: Iterable[HostView]) -> Inventory:
    """These hosts and all subnets, zones, owners and scan points: what `codered hosts import` reads back."""
    return Inventory(
        source=Source(kind="yaml", name="codered hosts export"),
        zones=tuple(
            ZoneRecord(name=each.name, kind=each.kind, blocked=each.blocked, note=each.note)  # type: ignore[arg-type]
            for each in Zone.objects.order_by("name")
        ),
        subnets=tuple(map(_make_subnet, Subnet.objects.filter(documented=True).select_related("zone", "owner"))),
        owners=tuple(
            OwnerRecord(name=each.name, mail=each.mail, phone=each.phone, department=each.department)
            for each in Owner.objects.order_by("name")
        ),
        scan_points=tuple(
            ScanPointRecord(
                name=each.name, zone=each.zone.name, engine=each.engine, minion=each.minion, address=each.address,  # type: ignore[arg-type]
            )
            for each in ScanPoint.objects.select_related("zone").order_by("name")
        ),
        hosts=tuple(record for host in hosts for record in _make_hosts(host)),
    )  # fmt: skip


def _make_subnet(subnet: Subnet) -> SubnetRecord:
    return SubnetRecord(
        range=subnet.range, name=subnet.name, vlan=subnet.vlan, vlan_name=subnet.vlan_name, site=subnet.site,
        zone=subnet.zone.name if subnet.zone else "", owner=subnet.owner.name if subnet.owner else "",
        criticality=subnet.criticality, tags=tuple(tag.name for tag in subnet.tags.all()), note=subnet.note,  # type: ignore[arg-type]
    )  # fmt: skip


def _make_hosts(host: HostView) -> list[HostRecord]:
    """A record for each current address; one without if there is none."""
    known = {each.kind: each.value for each in host.identifiers if not each.shared}
    same = {
        "name": known.get("name", host.name if "." in host.name and not host.addresses else ""),
        "netbios": known.get("netbios", ""), "serial": known.get("serial", ""),
        "machine_id": known.get("machine_id", ""), "agent_key": known.get("agent_key", ""),
        "minion": known.get("minion", ""), "owner": host.owner, "site": host.site,
        "system": host.system, "product": host.product,
    }  # fmt: skip
    more = {"criticality": host.criticality, "tags": host.tags}
    held = [use for use in host.addresses if use.current]
    if not held:
        return [HostRecord(mac=known.get("mac", ""), **same, **more)]  # type: ignore[arg-type]
    return [
        HostRecord(address=use.address, mac=use.mac, seen_at=use.last_seen, **same, **more)  # type: ignore[arg-type]
        for use in held
    ]
