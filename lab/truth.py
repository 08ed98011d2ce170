"""The planted truth: what a sweep from headquarters must call each address, whose it is and where it is plugged in, how
far each subnet can be covered, and what a scan must find on each Linux host.
"""

from pathlib import Path
from typing import Any

from lab.linux_hosts import read_planted
from lab.plan import Enterprise, Machine, read_answers
from lab.records import Record

LEASES = "dnsmasq.leases"


def read_leases(folder: Path) -> dict[str, str]:
    """The address that each MAC leases; of several the one that ends last."""
    found: dict[str, tuple[int, str]] = {}
    path = folder / LEASES
    for line in path.read_text("utf-8").splitlines() if path.exists() else []:
        words = line.split()
        if len(words) >= 4 and words[0].isdecimal():
            found[words[1]] = max(found.get(words[1], (0, "")), (int(words[0]), words[2]))
    return {mac: address for mac, (_, address) in found.items()}


def tell_truth(folder: Path, enterprise: Enterprise, record: Record) -> dict[str, Any]:
    """truth.json, as things are now."""
    leased, places = read_leases(folder), locate(enterprise, record)
    addresses: dict[str, Any] = {}
    for machine in enterprise.machines:
        own = machine.address or leased.get(machine.mac, "")
        shown = [
            (own, machine.personality),
            *machine.more,
            *([(machine.six, machine.personality)] if machine.six else []),
        ]
        for address, personality in shown:
            if address:
                addresses[address] = _tell_address(enterprise, machine, personality, places[machine.name])
    routers = [(one.router(), "router", one.name) for one in enterprise.attached]
    for address, name, subnet in [*((one.address, one.name, "management") for one in enterprise.switches), *routers]:
        addresses[address] = {"machine": name, "state": "not_web", "subnet": subnet}
    return {
        "headquarters": enterprise.headquarters,
        "addresses": addresses,
        "sites": _tell_sites(enterprise),
        "subnets": {
            one.range: {"name": one.name, "vlan": one.vlan, "coverage": one.coverage, "reason": one.reason,
                        "documented": one.documented, "others": one.others, "zone": one.zone}
            for one in enterprise.subnets
        },
        "hosts": _tell_hosts(enterprise),
    }  # fmt: skip


def locate(enterprise: Enterprise, record: Record) -> dict[str, dict[str, Any]]:
    """Switch, port and description by machine, also of one that has moved."""
    found = {}
    for machine in enterprise.machines:
        usual = (machine.switch, machine.socket, machine.subnet)
        switch, socket, subnet = record.plugged.get(machine.name, usual)
        description = machine.port if machine.name not in record.plugged else describe_move(machine, subnet)
        vlan = enterprise.subnet(subnet).vlan
        found[machine.name] = {
            "switch": switch, "port": socket, "description": description, "vlan": vlan, "subnet": subnet
        }  # fmt: skip
    return found


def describe_move(machine: Machine, subnet: str) -> str:
    """What is written on the socket that a machine moved to."""
    return f"{subnet}, socket of {machine.name}"


def _tell_address(enterprise: Enterprise, machine: Machine, personality: str, place: dict[str, Any]) -> dict[str, Any]:
    answer = read_answers()[personality] if personality else {"state": "not_web"}
    reached = enterprise.subnet(place["subnet"]).coverage in ("complete", "unknown")
    state = machine.state if machine.state and not (machine.more and reached) else answer["state"]
    told = {"machine": machine.name, "mac": machine.mac, "owner": machine.owner, "state": state, **place}
    told |= {"leased": not machine.address, "fragile": machine.fragile}
    if state == answer["state"]:
        told |= {name: answer[name] for name in ("also", "pack") if name in answer}
    else:
        told["really"] = answer["state"]  # what is there, which headquarters can't see
    told["ports"] = [answer.get("port", 80)] if personality else []
    return told


def _tell_sites(enterprise: Enterprise) -> dict[str, Any]:
    answers = read_answers()
    found = {}
    for machine in enterprise.machines:
        for site, personality in answers.get(machine.personality, {}).get("sites", {}).items():
            answer = answers[personality]
            found[site] = {"address": machine.address, "state": answer["state"], "pack": answer.get("pack", "")}
    return found


def _tell_hosts(enterprise: Enterprise) -> dict[str, Any]:
    planted = read_planted()
    return {
        one.name: {
            "address": one.address, "owner": one.owner, "zone": enterprise.subnet(one.subnet).zone,
            "findings": planted[one.linux]["findings"], "marker": planted[one.linux]["marker"],
            "infected": bool(planted[one.linux]["findings"]),
        }
        for one in enterprise.machines
        if one.linux
    }  # fmt: skip
