"""A played range from a scenario: its switches as files, headquarters.toml, its machines in the inventory."""

import ipaddress
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from random import Random
from typing import NamedTuple

import msgspec

from codered_hq.config import CONFIG_NAME, Config, DeviceConfig
from codered_hq.devices.played_switches import RANGE_FOLDER, PlayedPort, PlayedSwitch, name_file, write_switch
from codered_hq.drills.models import Drill, PlayedHost
from codered_hq.drills.scenario_files import PlayedSubnet, Scenario
from codered_hq.hosts.models import Place
from codered_hq.hosts.recording import record_inventory
from codered_hq.model.inventory import (
    HostRecord,
    Inventory,
    OwnerRecord,
    Source,
    SubnetRecord,
    ZoneRecord,
)

FIRST_HOST = 10  # of a subnet: below are routers and printers
QUARANTINE_VLAN = 999
_SOURCE = Source(kind="netbox", name="netbox.corp.example")
_NAMES = {"servers": "srv", "office": "pc", "plant": "plc", "lab": "lab", "guests": "guest"}
_SYSTEMS = {
    "servers": ("Windows 2000 Server", "Windows NT 4.0 Server", "Debian 12"),
    "office": ("Windows 2000 Professional", "Windows XP"),
    "plant": ("Windows 2000 Server", "VxWorks"),
    "lab": ("Windows 2000 Server", "Debian 12"),
    "guests": ("",),
}
_DEPARTMENTS = {
    "servers": "Server operations", "office": "Workplace services", "plant": "Plant engineering",
    "lab": "Research lab", "guests": "Facility management",
}  # fmt: skip


class Machine(msgspec.Struct, frozen=True, kw_only=True):
    """One machine of the range, before it is in the inventory."""

    name: str
    address: str
    mac: str
    port: str
    tags: tuple[str, ...]
    system: str
    vulnerable: bool


def name_switch(subnet: PlayedSubnet) -> str:
    """The switch of a subnet."""
    return f"sw-{subnet.site.lower()[:3]}-{subnet.range.split('.')[2]}"


def name_address(number: int) -> str:
    """The address of a range's switch by its place in the scenario."""
    return f"10.255.{number // 250}.{number % 250 + 2}"


def make_machines(scenario: Scenario) -> dict[PlayedSubnet, list[Machine]]:
    """All machines by subnet; the same for the same seed."""
    source = Random(scenario.seed)  # noqa: S311 - chance that is to repeat itself
    return {subnet: list(_make_subnet(subnet, source)) for subnet in scenario.population}


def write_range(folder: Path, scenario: Scenario) -> Config:
    """The switches and headquarters.toml of a drill's headquarters. Raises OSError."""
    laid = []
    for number, (subnet, machines) in enumerate(make_machines(scenario).items()):
        vlan, address, name = _find_vlan(subnet), name_address(number), name_switch(subnet)
        ports = tuple(
            PlayedPort(number=index + 1, name=one.port, vlan=vlan, mac=one.mac, address=one.address)
            for index, one in enumerate(machines)
        )
        laid.append(LaidSwitch(PlayedSwitch(name=name, address=address, ports=ports), (subnet.range,)))
    return lay_out(folder, "drill", laid)


class LaidSwitch(NamedTuple):
    """A switch of a played range, and the subnets whose traffic passes it."""

    switch: PlayedSwitch
    routes: tuple[str, ...]


def lay_out(folder: Path, name: str, laid: Sequence[LaidSwitch]) -> Config:
    """Write these switches, and the headquarters.toml of a headquarters of this name. Raises OSError."""
    place = folder / RANGE_FOLDER
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    devices = []
    for switch, routes in laid:
        write_switch(place / name_file(switch.name), switch)
        devices.append(
            DeviceConfig(
                name=switch.name, address=switch.address, driver="simulated", routes=routes,
                quarantine_vlan=QUARANTINE_VLAN,
            )
        )  # fmt: skip
    config = Config(name=name, exercise="simulated", devices=tuple(devices))
    toml = folder / CONFIG_NAME
    toml.touch(mode=0o600)
    toml.chmod(0o600)
    toml.write_text(_write_toml(config))
    return config


def enter_machines(drill: Drill, scenario: Scenario, at: datetime) -> list[PlayedHost]:
    """The machines in the inventory, as its usual sources would tell, and the truth about each."""
    made = make_machines(scenario)
    hosts = [
        HostRecord(
            address=one.address, mac=one.mac, name=f"{one.name}.corp.example", owner=_name_owner(subnet),
            site=subnet.site, criticality="vital" if "vital" in one.tags else "normal", tags=one.tags,
            system=one.system, seen_at=at,
        )
        for subnet, machines in made.items()
        for one in machines
    ]  # fmt: skip
    inventory = Inventory(
        source=_SOURCE, zones=_list_zones(scenario), owners=_list_owners(scenario),
        subnets=tuple(map(_make_subnet_record, scenario.population)), hosts=tuple(hosts),
    )  # fmt: skip
    recorded = record_inventory(inventory, at).hosts
    machines = [(subnet, one) for subnet, ones in made.items() for one in ones]
    rows = [
        PlayedHost(drill=drill, host=host, address=one.address, subnet=subnet.range, vulnerable=one.vulnerable)
        for host, (subnet, one) in zip(recorded, machines, strict=True)
    ]
    Place.objects.bulk_create(_list_places(made, rows, at), batch_size=500)
    return PlayedHost.objects.bulk_create(rows, batch_size=500)


def _list_places(made: dict[PlayedSubnet, list[Machine]], rows: list[PlayedHost], at: datetime) -> list[Place]:
    """Where the machines are plugged in; `rows` in the order of the machines."""
    plugged = [(number, subnet, one) for number, (subnet, ones) in enumerate(made.items()) for one in ones]
    return [
        Place(
            host_id=row.host_id, mac=one.mac, switch=name_switch(subnet), switch_address=name_address(number),
            port=one.port, vlan=_find_vlan(subnet), first_seen=at, last_seen=at,
        )
        for row, (number, subnet, one) in zip(rows, plugged, strict=True)
    ]  # fmt: skip


def _make_subnet(subnet: PlayedSubnet, source: Random) -> Iterator[Machine]:
    network = ipaddress.IPv4Network(subnet.range)
    marks = ["vital"] * subnet.vital + ["never_touch"] * subnet.never_touch
    vulnerable = set(source.sample(range(subnet.hosts), round(subnet.hosts * subnet.vulnerable / 100)))
    for index in range(subnet.hosts):
        address = network[FIRST_HOST + index]
        octets = address.packed
        mark = marks[index] if index < len(marks) else ""
        agreed = ("may_isolate",) if subnet.kind in ("office", "guests") and not mark else ()
        weak = index in vulnerable
        systems = _SYSTEMS[subnet.kind]
        yield Machine(
            name=f"{_NAMES[subnet.kind]}-{subnet.site.lower()[:3]}-{octets[2]:02}{octets[3]:03}", address=str(address),
            mac=f"02:42:{octets[0]:02x}:{octets[1]:02x}:{octets[2]:02x}:{octets[3]:02x}",
            port=f"ge-0/0/{index + 1}", tags=(mark,) if mark else agreed, vulnerable=weak,
            system=systems[0] if weak else systems[source.randrange(len(systems))],
        )  # fmt: skip


def _make_subnet_record(subnet: PlayedSubnet) -> SubnetRecord:
    return SubnetRecord(
        range=subnet.range, name=subnet.name, vlan=_find_vlan(subnet), site=subnet.site, owner=_name_owner(subnet),
        zone=_name_zone(subnet), criticality="high" if subnet.vital else "",
    )  # fmt: skip


def _find_vlan(subnet: PlayedSubnet) -> int:
    return 100 + int(subnet.range.split(".")[2])


def _name_owner(subnet: PlayedSubnet) -> str:
    return f"{_DEPARTMENTS[subnet.kind]} {subnet.site}"


def _name_zone(subnet: PlayedSubnet) -> str:
    return f"{subnet.kind} {subnet.site}" if subnet.blocked else ""


def _list_zones(scenario: Scenario) -> tuple[ZoneRecord, ...]:
    found = {
        _name_zone(subnet): ZoneRecord(
            name=_name_zone(subnet), kind="lab" if subnet.kind == "lab" else "protected", blocked=subnet.blocked
        )
        for subnet in scenario.population
        if subnet.blocked
    }
    return tuple(found.values())


def _list_owners(scenario: Scenario) -> tuple[OwnerRecord, ...]:
    found = {}
    for subnet in scenario.population:
        name = _name_owner(subnet)
        mail = f"{subnet.kind}.{subnet.site.lower()}@corp.example"
        found[name] = OwnerRecord(name=name, mail=mail, phone="+49 731 555 01", department=_DEPARTMENTS[subnet.kind])
    return tuple(found.values())


def _write_toml(config: Config) -> str:
    """As the words of headquarters.toml; names and ranges need no escaping, they were checked."""
    lines = [f'name = "{config.name}"', f'exercise = "{config.exercise}"']
    for device in config.devices:
        routes = ", ".join(f'"{route}"' for route in device.routes)
        lines += [
            "", "[[devices]]", f'name = "{device.name}"', f'address = "{device.address}"',
            f'driver = "{device.driver}"', f"quarantine_vlan = {device.quarantine_vlan}", f"routes = [{routes}]",
        ]  # fmt: skip
    return "\n".join(lines) + "\n"
