"""Why something must never be cut off, whatever the rules say: an uplink, a trunk, a crowd, our own way in.

Each function gives a reason in words, "" for none. Where nothing can be seen, there is no answer but a failure.
"""

import ipaddress
from collections.abc import Iterable

from codered.model.errors import RolledBack
from codered_hq.config import DeviceConfig
from codered_hq.containment.lifelines import Lifelines
from codered_hq.containment.sighting import Sight
from codered_hq.hosts.models import Subnet
from codered_hq.resolving.locating import CROWDED, PortView

MOST_NAMED = 4
MANY_VLANS = 3  # a telephone and a computer behind it are in two


def guard_port(device: DeviceConfig, port: str, sight: Sight, lifelines: Lifelines, address: str = "ADDRESS") -> str:
    """A port of a switch. Raises RolledBack if what is behind it can't be seen; `address` is what could be blocked."""
    where = f"{device.name} port {port}"
    if port in device.keep_ports:
        return f"{where} is one of its keep_ports in headquarters.toml"
    if unseen := sight.explain(device.address):
        raise _fail_unseen(where, f"can't see what is behind it: {unseen}", f"codered contain block {address}")
    if unknown := _find_unknown_kept(device, sight):
        return unknown
    views = sight.find_ports(device.address, port)
    if len(views) != 1:
        return f"{device.name} has {len(views) or 'no'} ports named {port}"
    return _guard_view(views[0], where, lifelines)


def guard_vlan(vlan: int, devices: Iterable[DeviceConfig], sight: Sight, lifelines: Lifelines) -> str:
    """A VLAN on these switches. Raises RolledBack if what is in it can't be seen."""
    for device in devices:
        if unseen := sight.explain(device.address):
            what = f"can't see what is in VLAN {vlan}: {unseen}"
            raise _fail_unseen(device.name, what, "codered contain subnet CIDR")
        if unknown := _find_unknown_kept(device, sight):
            return unknown
    for table in sight.tables:
        for seen in table.macs:
            if seen.vlan == vlan and seen.mac in lifelines.macs:
                return f"{lifelines.macs[seen.mac]} is in VLAN {vlan}"
    for subnet in Subnet.objects.filter(vlan=vlan):
        if reason := guard_networks([subnet.range], lifelines):
            return f"{reason}, which is VLAN {vlan}"
    return ""


def guard_networks(networks: Iterable[str], lifelines: Lifelines) -> str:
    """Addresses and ranges of them."""
    for text in networks:
        network = ipaddress.ip_network(text)
        for address, what in lifelines.addresses.items():
            if ipaddress.ip_address(address) in network:
                return f"{what} ({address}) is in {network}"
    return ""


def _find_unknown_kept(device: DeviceConfig, sight: Sight) -> str:
    """A port that must be kept is known by the switch's own name of it, or no port of the switch is safe."""
    table = sight.find_table(device.address)
    names = {port.name for port in table.ports} if table else set()
    for kept in device.keep_ports:
        if kept not in names:
            like = ", ".join(sorted(filter(None, names))[:MOST_NAMED])
            return f"keep_ports of {device.name} names {kept[:60]}, which it does not have (it says {like} …)"
    return ""


def _fail_unseen(where: str, what: str, advice: str) -> RolledBack:
    """No rule says no: we are blind, and nothing was changed."""
    return RolledBack(what, where=where, advice=f"nothing was changed; {advice}")


def _guard_view(view: PortView, where: str, lifelines: Lifelines) -> str:
    if view.link:
        return f"{where} is a link: {view.link}"
    if len(view.macs) > CROWDED:
        return f"{len(view.macs)} MACs are behind {where}: a switch or an access point"
    if view.trunk or len(view.vlans) >= MANY_VLANS:
        vlans = ", ".join(map(str, sorted(view.vlans)))
        return f"{where} is a trunk: VLANs {vlans} are behind it"
    ours = [lifelines.macs[mac] for mac in sorted(view.macs) if mac in lifelines.macs]
    return f"{ours[0]} is behind {where}" if ours else ""
