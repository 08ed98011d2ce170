"""What the enterprise is made of, as enterprise.json says: read, completed (MACs, ports), and made large."""

import ipaddress
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

PLAN = Path(__file__).with_name("enterprise.json")
ANSWERS = Path(__file__).with_name("web_answers.json")
SIZES = ("small", "floor", "large", "whole")
"""`floor`: with an open-plan office; `large`: with four branches; `whole`: with both."""


@dataclass(frozen=True, kw_only=True)
class Subnet:
    """A subnet. `leases` is its range of addresses to lease, `coverage` what a sweep from headquarters must say,
    `others` what it must call the addresses there that nobody has.
    """

    name: str
    range: str
    vlan: int
    six: str = ""
    zone: str = ""
    owner: str = ""
    leases: str = ""
    attached: bool = True
    documented: bool = True
    coverage: str = "complete"
    reason: str = ""
    others: str = "no_answer"

    def router(self, six: bool = False) -> str:
        """The router's address there."""
        return str(next(ipaddress.ip_network(self.six if six else self.range).hosts()))


@dataclass(frozen=True, kw_only=True)
class Switch:
    """A switch and its address for management."""

    name: str
    address: str
    place: str


@dataclass(frozen=True, kw_only=True)
class Machine:
    """A machine and where it is plugged in. No address = it leases one; `more` further addresses follow its own, with
    their own personalities; `state` is what a sweep from headquarters must call it ("" = what its personality is).
    """

    name: str
    subnet: str
    switch: str
    port: str
    address: str = ""
    six: str = ""
    personality: str = ""
    linux: str = ""
    owner: str = ""
    netbios: bool = False
    firewall: str = ""
    fragile: bool = False
    tags: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    state: str = ""
    more: tuple[tuple[str, str], ...] = ()
    mac: str = ""
    socket: str = ""


@dataclass(frozen=True, kw_only=True)
class Enterprise:
    """All of it."""

    domain: str
    headquarters: str
    switches: tuple[Switch, ...]
    subnets: tuple[Subnet, ...]
    machines: tuple[Machine, ...]
    owners: tuple[dict[str, str], ...]
    zones: tuple[dict[str, str], ...]
    scan_point: str

    def subnet(self, name: str) -> Subnet:
        """The subnet of this name."""
        return next(one for one in self.subnets if one.name == name)

    def machine(self, name: str) -> Machine:
        """The machine of this name. Raises StopIteration."""
        return next(one for one in self.machines if one.name == name)

    @property
    def attached(self) -> tuple[Subnet, ...]:
        """The subnets that are there."""
        return tuple(one for one in self.subnets if one.attached)


def read_plan(size: str) -> Enterprise:
    """The enterprise of this size."""
    raw: dict[str, Any] = json.loads(PLAN.read_text("utf-8"))
    subnets = [Subnet(**one) for one in raw["subnets"]]
    machines = [_read_machine(one) for one in raw["machines"]]
    if size in ("floor", "whole"):
        machines += _list_desks(raw["floor"])
    if size in ("large", "whole"):
        _enlarge(subnets, machines, raw["large"])
    return Enterprise(
        domain=raw["domain"],
        headquarters=raw["headquarters"],
        switches=tuple(Switch(**one) for one in raw["switches"]),
        subnets=tuple(subnets),
        machines=tuple(_plug_in(machines)),
        owners=tuple(raw["owners"]),
        zones=tuple(raw["zones"]),
        scan_point=next(zone["scan_point"] for zone in raw["zones"] if "scan_point" in zone),
    )


def dress(enterprise: Enterprise, dressed: Mapping[str, str]) -> Enterprise:
    """The enterprise with web servers that answer otherwise by now (machine -> personality)."""
    return replace(enterprise, machines=tuple(_dress(one, dressed.get(one.name, "")) for one in enterprise.machines))


def _dress(machine: Machine, personality: str) -> Machine:
    """A machine, all of whose addresses answer so ("" = as before)."""
    if not personality:
        return machine
    return replace(machine, personality=personality, more=tuple((address, personality) for address, _ in machine.more))


def read_answers() -> dict[str, dict[str, Any]]:
    """The personalities of web servers, by name."""
    answers: dict[str, dict[str, Any]] = json.loads(ANSWERS.read_text("utf-8"))["personalities"]
    return answers


def _read_machine(raw: dict[str, Any]) -> Machine:
    lists = {name: tuple(raw.get(name, ())) for name in ("sites", "tags")}
    return Machine(**{**raw, **lists})


def _list_desks(floor: dict[str, Any]) -> list[Machine]:
    """An open-plan office: a computer a desk, half of them on each switch."""
    first = ipaddress.ip_address(floor["first"])
    return [
        Machine(
            name=f"desk{number + 1}", subnet=floor["subnet"], switch=("sw1", "sw2")[number % 2],
            port=f"desk {number + 1}", address=str(first + number), owner=floor["owner"], tags=tuple(floor["tags"]),
            state="not_web",
        )
        for number in range(floor["machines"])
    ]  # fmt: skip


def _plug_in(machines: list[Machine]) -> list[Machine]:
    """Each gets a MAC, and the next socket of its switch."""
    used: dict[str, int] = {}
    done = []
    for number, machine in enumerate(machines, 1):
        used[machine.switch] = used.get(machine.switch, 0) + 1
        mac = f"00:60:08:00:{number >> 8:02x}:{number & 255:02x}"
        done.append(replace(machine, mac=mac, socket=f"ge-0-{used[machine.switch]}"))
    return done


def _enlarge(subnets: list[Subnet], machines: list[Machine], large: dict[str, Any]) -> None:
    """Farms: one machine each, with many addresses, as a host of virtual servers has."""
    first = ipaddress.ip_network(large["first"])
    for index in range(large["subnets"]):
        range_ = ipaddress.ip_network((int(first.network_address) + index * first.num_addresses, first.prefixlen))
        name, vlan = f"branch{index + 1}", large["first_vlan"] + index
        subnets.append(Subnet(name=name, range=str(range_), vlan=vlan, zone="inside", owner="Web team"))
        kinds = large["personalities"]
        shared = [
            (str(range_[10 + number]), kinds[(number + index) % len(kinds)]) for number in range(large["addresses"])
        ]
        machines.append(
            Machine(
                name=f"farm{index + 1}", subnet=name, switch=("sw1", "sw2")[index % 2], port=f"{name}, virtual servers",
                address=shared[0][0], personality=shared[0][1], more=tuple(shared[1:]), owner="Web team",
            )
        )  # fmt: skip
