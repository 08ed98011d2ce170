"""From what somebody wants to what is changed where, and every machine that it would touch. Nothing is changed here."""

import ipaddress
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Final, NamedTuple

from msgspec.structs import replace

from codered.model.errors import Refused, RolledBack, WrongUse
from codered_hq.config import Config, DeviceConfig
from codered_hq.containment import guarding, machines
from codered_hq.containment.goals import Goal, name_networks, name_target
from codered_hq.containment.lifelines import Lifelines, find_lifelines
from codered_hq.containment.proving import ask_all
from codered_hq.containment.sighting import Sight
from codered_hq.hosts.models import Host, Place
from codered_hq.model.action import ActionKind, Subject
from codered_hq.model.device import ControlOrder
from codered_hq.model.inventory import PlaceRecord
from codered_hq.resolving.locating import CROWDED

SWITCHES: Final = frozenset(["snmp", "netmiko", "napalm", "simulated"])
"""Drivers that change ports and VLANs."""
BLOCKERS: Final = frozenset(["nftables", "frr", "netmiko", "napalm", "simulated"])
"""Drivers that block addresses."""

MOST_NAMED: Final = 8
"""Ports that are named to whom wrote another."""

FRESH: Final = timedelta(hours=1)


class Aim(NamedTuple):
    """What would be done. The orders have no label yet; `addresses` are asked before and after whether they answer;
    `hosts` are those that are meant (others behind the same port are merely touched); `notes` are for people.
    """

    kind: ActionKind
    target: str
    orders: tuple[ControlOrder, ...]
    subjects: tuple[Subject, ...]
    guard: str = ""
    host: Host | None = None
    mac: str = ""
    addresses: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class Surroundings:
    """What aiming looks at: the devices, the switches as they are now, and what must never be cut."""

    def __init__(self, config: Config, sight: Sight | None = None) -> None:
        self.config = config
        self.sight = sight or Sight(config)
        self._woken: set[int] = set()

    @cached_property
    def lifelines(self) -> Lifelines:
        """Found once for one piece of work."""
        self.sight.look()
        return find_lifelines(self.config, self.sight.tables)

    def wake(self, host: Host) -> bool:
        """Have a machine speak, so that switches learn its port; they are read anew. False if that was tried."""
        addresses = machines.list_addresses([host.pk])
        if host.pk in self._woken or not addresses:
            return False
        self._woken.add(host.pk)
        if not any(ask_all(addresses, {}).values()):
            return False
        self.sight.forget()
        return True

    def find_device(self, name: str, address: str = "") -> DeviceConfig | None:
        """The device of this name or address; None if it is not in [[devices]]."""
        for device in self.config.devices:
            if device.name.lower() == name.lower() or device.address in (name, address):
                return device
        return None

    def demand_switch(self, name: str) -> DeviceConfig:
        """Raises WrongUse where it is not there, or changes no ports."""
        device = self.find_device(name)
        if device is None:
            known = ", ".join(each.name for each in self.config.devices) or "none"
            raise WrongUse("is no device of headquarters.toml", where=name[:80], advice=f"[[devices]] has {known}")
        if device.driver not in SWITCHES:
            raise WrongUse(f"has no ports to change (driver {device.driver})", where=device.name)
        return device

    def list_routers(self, networks: Sequence[str]) -> list[DeviceConfig]:
        """Those that block addresses and whose traffic is (also) of these networks."""
        wanted = [ipaddress.ip_network(each) for each in networks]
        return [
            device
            for device in self.config.devices
            if device.driver in BLOCKERS and (not device.routes or _routes_any(device, wanted))
        ]


def aim(goal: Goal, around: Surroundings) -> Aim:
    """What this goal comes to now. Raises Refused where nothing can be done, with what is missing, RolledBack where
    a switch can't be looked at, and WrongUse.
    """
    if goal.do == "host":
        return _aim_at_host(goal, around)
    if goal.do == "port":
        return _aim_at_port(goal, around)
    if goal.do == "vlan":
        return _aim_at_vlan(goal, around)
    return _aim_at_networks(goal, around)


def _aim_at_host(goal: Goal, around: Surroundings) -> Aim:
    host = Host.objects.filter(pk=goal.host).first()
    if host is None:
        raise WrongUse("no such host any more", where=f"#{goal.host}", advice="codered hosts show lists them")
    macs = machines.list_macs(host)
    places, notes = _find_places(host, macs, around)
    found = [(device, place) for place in places if (device := around.find_device(place.switch, place.switch_address))]
    found = [(device, place) for device, place in found if device.driver in SWITCHES]
    if not found:
        return _block_host(goal, host, places, notes, around)
    behind = {mac for device, place in found for view in around.sight.find_ports(device.address, place.port)
              for mac in view.macs}  # fmt: skip
    met = machines.find_by_macs(behind).join(machines.Machines(frozenset([host.pk]), frozenset()))
    orders = tuple(
        dict.fromkeys(_order_port(device, place.port, quarantine=goal.quarantine) for device, place in found)
    )
    addresses = machines.list_addresses([host.pk])
    guards = [
        guarding.guard_port(device, place.port, around.sight, around.lifelines, next(iter(addresses), "ADDRESS"))
        for device, place in found
    ]
    return Aim(
        kind="move_vlan" if goal.quarantine else "disable_port", target=name_target(goal), orders=orders,
        subjects=machines.write_subjects(met), guard=next(filter(None, guards), ""), host=host,
        mac=found[0][1].mac, addresses=addresses, notes=tuple(notes),
    )  # fmt: skip


def _find_places(host: Host, macs: list[str], around: Surroundings) -> tuple[list[PlaceRecord], list[str]]:
    """Where the switches see it now. One that says nothing is forgotten by them within minutes: it is made to speak,
    and if it does not, where it was seen within the hour counts (what else is there now is looked at all the same).
    """
    seen = list(Place.objects.filter(host=host).order_by("-last_seen"))
    around.sight.look({place.switch_address for place in seen if place.switch_address})
    places, notes = around.sight.locate(macs)
    if not places and macs and around.wake(host):
        around.sight.look({place.switch_address for place in seen if place.switch_address})
        places, notes = around.sight.locate(macs)
    if places:
        return places, notes
    for place in seen:
        if datetime.now(UTC) - place.last_seen <= FRESH and place.macs <= CROWDED:
            record = PlaceRecord(
                mac=place.mac, switch=place.switch, switch_address=place.switch_address, port=place.port,
                vlan=place.vlan, seen_at=place.last_seen,
            )  # fmt: skip
            return [record], [*notes, f"silent now; seen there at {place.last_seen:%H:%M} UTC"]
    return [], notes


def _block_host(goal: Goal, host: Host, places: list[PlaceRecord], notes: list[str], around: Surroundings) -> Aim:
    """It is behind no port that we may change: its addresses are blocked where they are routed."""
    macs = machines.list_macs(host)
    why = "no MAC of it is known" if not macs else "; ".join(notes) or "no switch that was read has seen it"
    if places:
        why = f"it is at {places[0].switch} port {places[0].port}, which is not in [[devices]]"
    networks = tuple(f"{each}/{128 if ':' in each else 32}" for each in machines.list_addresses([host.pk]))
    routers = around.list_routers(networks) if networks else []
    if not routers:
        missing = "no router or firewall of [[devices]] routes its subnet" if networks else "no address of it is known"
        unread = [f"{device.name} ({text})" for device in around.config.devices
                  if device.driver in SWITCHES and (text := around.sight.explain(device.address))]  # fmt: skip
        if unread:
            said = f"can't see what is behind its port (not read: {', '.join(unread)}): {why}; and {missing}"
            advice = "nothing was changed; codered contain block --emit writes it for other devices"
            raise RolledBack(said, where=host.label, advice=advice)
        advice = "name the port (codered contain port), or enter the device in headquarters.toml"
        raise Refused(f"can't be cut off: {why}; and {missing}", where=host.label, advice=advice)
    met = machines.find_in_networks(networks).join(machines.Machines(frozenset([host.pk]), frozenset()))
    return Aim(
        kind="block_address", target=name_target(goal), orders=_order_block("block_address", routers, networks),
        subjects=machines.write_subjects(met), guard=guarding.guard_networks(networks, around.lifelines), host=host,
        mac=macs[0] if macs else "", addresses=machines.list_addresses([host.pk]),
        notes=(f"{why}: its addresses are blocked on {_name(routers)}; its own subnet still reaches it",),
    )  # fmt: skip


def _aim_at_port(goal: Goal, around: Surroundings) -> Aim:
    device = around.demand_switch(goal.switch)
    views = around.sight.find_ports(device.address, goal.port)
    if not views and not around.sight.explain(device.address):
        table = around.sight.find_table(device.address)
        names = [port.name for port in table.ports if port.name][:MOST_NAMED] if table else []
        advice = f"some that it has: {', '.join(names)}" if names else ""
        raise WrongUse("has no port of this name", where=f"{device.name} {goal.port[:60]}", advice=advice)
    met = machines.find_by_macs(mac for view in views for mac in view.macs)
    only = Host.objects.filter(pk=next(iter(met.hosts))).first() if len(met.hosts) == 1 else None
    macs = machines.list_macs(only) if only else []
    return Aim(
        kind="move_vlan" if goal.quarantine else "disable_port", target=name_target(replace(goal, switch=device.name)),
        orders=(_order_port(device, goal.port, quarantine=goal.quarantine),), subjects=machines.write_subjects(met),
        guard=guarding.guard_port(device, goal.port, around.sight, around.lifelines), host=only,
        mac=macs[0] if macs else "", addresses=machines.list_addresses(met.hosts),
    )  # fmt: skip


def _aim_at_vlan(goal: Goal, around: Surroundings) -> Aim:
    switches = [device for device in around.config.devices if device.driver in SWITCHES]
    if goal.switch:
        switches = [around.demand_switch(goal.switch)]
    if not switches:
        raise WrongUse("no switch may be changed", where="[[devices]]", advice="enter them in headquarters.toml")
    around.sight.look([device.address for device in switches])
    named = {device.address for device in switches}
    macs = [seen.mac for table in around.sight.tables if table.address in named or not goal.switch
            for seen in table.macs if seen.vlan == goal.vlan and seen.status != "own"]  # fmt: skip
    met = machines.find_in_vlan(goal.vlan, macs, goal.switch)
    return Aim(
        kind="shut_vlan", target=name_target(replace(goal, switch=switches[0].name if goal.switch else "")),
        orders=tuple(ControlOrder(kind="shut_vlan", device=each.name, label="", vlan=goal.vlan) for each in switches),
        subjects=machines.write_subjects(met), addresses=machines.list_addresses(sorted(met.hosts)),
        guard=guarding.guard_vlan(goal.vlan, switches, around.sight, around.lifelines),
    )  # fmt: skip


def _aim_at_networks(goal: Goal, around: Surroundings) -> Aim:
    wide = any(ipaddress.ip_network(each).num_addresses > 1 for each in goal.networks)
    kind: ActionKind = "block_subnet" if goal.do == "subnet" or wide else "block_address"
    routers = around.list_routers(goal.networks)
    if not routers:
        advice = "enter it in headquarters.toml, or have it written for other devices: codered contain block --emit"
        raise Refused(
            "no router or firewall of [[devices]] routes it", where=name_networks(goal.networks), advice=advice
        )
    met = machines.find_in_networks(goal.networks)
    only = Host.objects.filter(pk=next(iter(met.hosts))).first() if len(met.hosts) == 1 else None
    return Aim(
        kind=kind, target=name_target(goal),
        orders=_order_block(kind, routers, goal.networks), subjects=machines.write_subjects(met),
        guard=guarding.guard_networks(goal.networks, around.lifelines), host=only,
        addresses=machines.list_addresses(sorted(met.hosts)),
    )  # fmt: skip


def _order_port(device: DeviceConfig, port: str, *, quarantine: bool) -> ControlOrder:
    if quarantine and not device.quarantine_vlan:
        raise WrongUse("has no quarantine_vlan", where=f"[[devices]] {device.name}", advice="enter it, or leave it out")
    if quarantine:
        return ControlOrder(kind="move_vlan", device=device.name, label="", port=port, vlan=device.quarantine_vlan)
    return ControlOrder(kind="disable_port", device=device.name, label="", port=port)


def _order_block(
    kind: ActionKind, routers: Sequence[DeviceConfig], networks: tuple[str, ...]
) -> tuple[ControlOrder, ...]:
    what = "block_subnet" if kind == "block_subnet" else "block_address"
    return tuple(ControlOrder(kind=what, device=each.name, label="", networks=networks) for each in routers)  # type: ignore[arg-type]


def _routes_any(device: DeviceConfig, wanted: Sequence[ipaddress.IPv4Network | ipaddress.IPv6Network]) -> bool:
    routed = [ipaddress.ip_network(each, strict=False) for each in device.routes]
    return any(one.version == other.version and one.overlaps(other) for one in routed for other in wanted)


def _name(devices: Sequence[DeviceConfig]) -> str:
    return ", ".join(device.name for device in devices)
