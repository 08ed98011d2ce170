"""What net-snmp can't say of a switch, said for it: BRIDGE-MIB, Q-BRIDGE-MIB, LLDP-MIB and port descriptions, from the
live tables of Open vSwitch. snmpd runs it (pass_persist) and asks by lines: PING, get OID, getnext OID, set OID. What
can be set is the VLAN of an access port (dot1qPvid).

    python switch_agent.py SETTINGS.json

SETTINGS.json: {"folder", "name", "mac", "neighbours": {socket: [name, address, mac]}, "vlans": {number: name}}
"""

import bisect
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

Oid = tuple[int, ...]
Value = tuple[str, str]
BRIDGE: Oid = (1, 3, 6, 1, 2, 1, 17)
LLDP: Oid = (1, 0, 8802, 1, 1, 2, 1)
IF_NAME: Oid = (1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 1)
IF_ALIAS: Oid = (1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 18)
IF_OPER: Oid = (1, 3, 6, 1, 2, 1, 2, 2, 1, 8)
PVID: Oid = (*BRIDGE, 7, 1, 4, 5, 1, 1)
_LOCAL = 65534
_LAST_VLAN = 4095
_FRESH = 0.2  # seconds that a look at the switch serves
_BRIDGE_AND_ROUTER = "28"  # capabilities as bits: bridge 2, router 4


class Port(NamedTuple):
    """A port of the bridge: its number there, its interface's index and description, its VLAN (0 = a trunk), whether
    its link is up.
    """

    number: int
    name: str
    vlan: int
    interface: int
    alias: str
    up: bool


def read_ports(folder: str) -> list[Port]:
    """The bridge's ports as its database has them; the bridge's own is none."""
    words = ["ovs-vsctl", f"--db=unix:{folder}/sock", "--timeout=5", "--format=json", "--columns=name,ofport"]
    numbers = dict(_ask([*words, "list", "Interface"])["data"])
    words[-1] = "--columns=name,tag"
    tags = _ask([*words, "list", "Port"])["data"]
    # Asked of ip: /sys is that of the machine, not of this namespace.
    links = {link["ifname"]: link for link in _ask(["ip", "-json", "link"])}
    found = [
        Port(
            numbers[name],
            name,
            tag if isinstance(tag, int) else 0,
            links[name]["ifindex"],
            links[name].get("ifalias", ""),
            links[name].get("operstate") != "DOWN" and "UP" in links[name]["flags"],
        )
        for name, tag in tags
        if isinstance(numbers.get(name), int) and 0 < numbers[name] < _LOCAL and name in links
    ]
    return sorted(found)


def _ask(words: list[str]) -> Any:  # noqa: ANN401 - whatever the program tells
    return json.loads(_say(words))


def _say(words: list[str]) -> str:
    return subprocess.run(words, capture_output=True, text=True, timeout=10, check=True).stdout  # noqa: S603


def read_addresses(folder: str) -> list[tuple[int, int, str]]:
    """Port, VLAN and MAC of everything that the bridge has learned."""
    rows = [line.split() for line in _say(["ovs-appctl", "-t", f"{folder}/ctl", "fdb/show", "br0"]).splitlines()[1:]]
    return [(int(row[0]), int(row[1]), row[2]) for row in rows if len(row) >= 3 and row[0].isdecimal()]


def make_tables(settings: dict[str, Any]) -> dict[Oid, Value]:
    """Everything there is to ask."""
    ports = read_ports(settings["folder"])
    found: dict[Oid, Value] = {}
    _add_bridge(found, settings, ports)
    _add_learned(found, read_addresses(settings["folder"]))
    _add_neighbours(found, settings, ports)
    return found


def _add_bridge(found: dict[Oid, Value], settings: dict[str, Any], ports: list[Port]) -> None:
    found[(*BRIDGE, 1, 1, 0)] = ("octet", _hex(settings["mac"]))
    found[(*BRIDGE, 1, 2, 0)] = ("integer", str(len(ports)))
    found[(*BRIDGE, 1, 3, 0)] = ("integer", "2")  # transparent only
    for port in ports:
        found[(*BRIDGE, 1, 4, 1, 1, port.number)] = ("integer", str(port.number))
        found[(*BRIDGE, 1, 4, 1, 2, port.number)] = ("integer", str(port.interface))
        found[(*PVID, port.number)] = ("gauge", str(port.vlan or 1))
        # Net-snmp says what was so three seconds ago; a switch does not.
        found[(*IF_OPER, port.interface)] = ("integer", "1" if port.up else "2")
        # Net-snmp knows the name too, but of a new socket only after a quarter of a minute.
        found[(*IF_NAME, port.interface)] = ("string", port.name)
        found[(*IF_ALIAS, port.interface)] = ("string", port.alias)
    for vlan, name in settings["vlans"].items():
        found[(*BRIDGE, 7, 1, 4, 2, 1, 3, 0, int(vlan))] = ("gauge", vlan)
        found[(*BRIDGE, 7, 1, 4, 3, 1, 1, int(vlan))] = ("string", name)


def _add_learned(found: dict[Oid, Value], learned: list[tuple[int, int, str]]) -> None:
    for port, vlan, mac in learned:
        tail = tuple(int(part, 16) for part in mac.split(":"))
        found[(*BRIDGE, 4, 3, 1, 1, *tail)] = ("octet", _hex(mac))
        found[(*BRIDGE, 4, 3, 1, 2, *tail)] = ("integer", str(port))
        found[(*BRIDGE, 4, 3, 1, 3, *tail)] = ("integer", "3")
        found[(*BRIDGE, 7, 1, 2, 2, 1, 2, vlan, *tail)] = ("integer", str(port))
        found[(*BRIDGE, 7, 1, 2, 2, 1, 3, vlan, *tail)] = ("integer", "3")


def _add_neighbours(found: dict[Oid, Value], settings: dict[str, Any], ports: list[Port]) -> None:
    found[(*LLDP, 3, 1, 0)] = ("integer", "4")
    found[(*LLDP, 3, 2, 0)] = ("octet", _hex(settings["mac"]))
    found[(*LLDP, 3, 3, 0)] = ("string", settings["name"])
    for port in ports:
        found[(*LLDP, 3, 7, 1, 2, port.number)] = ("integer", "5")
        found[(*LLDP, 3, 7, 1, 3, port.number)] = ("string", port.name)
        found[(*LLDP, 3, 7, 1, 4, port.number)] = ("string", port.alias)
        if port.name in settings["neighbours"]:
            name, address, mac = settings["neighbours"][port.name]
            entry = {4: ("integer", "4"), 5: ("octet", _hex(mac)), 6: ("integer", "5"), 7: ("string", port.name)}
            entry |= {
                8: ("string", f"trunk to {settings['name']}"),
                9: ("string", name),
                10: ("string", "Open vSwitch"),
            }
            entry |= {11: ("octet", _BRIDGE_AND_ROUTER), 12: ("octet", _BRIDGE_AND_ROUTER)}
            found |= {(*LLDP, 4, 1, 1, column, 0, port.number, 1): value for column, value in entry.items()}
            parts = tuple(int(part) for part in address.split("."))
            found[(*LLDP, 4, 2, 1, 3, 0, port.number, 1, 1, 4, *parts)] = ("integer", "2")


def _hex(mac: str) -> str:
    return mac.replace(":", " ")


class Agent:
    """The tables, looked at again when they are old."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self._settings = settings
        self._seen = 0.0
        self._tables: dict[Oid, Value] = {}
        self._order: list[Oid] = []

    def answer(self, question: str, oid: Oid) -> str:
        """The answer's three lines, or NONE."""
        if time.monotonic() - self._seen > _FRESH:
            self._tables = make_tables(self._settings)
            self._order = sorted(self._tables)
            self._seen = time.monotonic()
        if question == "getnext":
            place = bisect.bisect_right(self._order, oid)
            if place == len(self._order):
                return "NONE"
            oid = self._order[place]
        if oid not in self._tables:
            return "NONE"
        kind, value = self._tables[oid]
        return f".{'.'.join(map(str, oid))}\n{kind}\n{value}"

    def change(self, oid: Oid, given: str) -> str:
        """Move an access port to another VLAN; `given` is "TYPE VALUE". What snmpd is to answer; a trunk stays one."""
        port = next((one for one in read_ports(self._settings["folder"]) if (*PVID, one.number) == oid), None)
        if port is None or not port.vlan:
            return "not-writable"
        vlan = given.partition(" ")[2].strip('" ')
        if not vlan.isdecimal() or not 0 < int(vlan) < _LAST_VLAN:
            return "wrong-value"
        _say(["ovs-vsctl", f"--db=unix:{self._settings['folder']}/sock", "--timeout=5", "set", "port", port.name,
              f"tag={int(vlan)}"])  # fmt: skip
        self._seen = 0.0
        return "DONE"


def run(settings: dict[str, Any]) -> None:
    """Answer until the agent closes the line."""
    agent = Agent(settings)
    for line in map(str.strip, iter(sys.stdin.readline, "")):
        if not line:  # snmpd ends what it sets with one
            continue
        if line == "PING":
            print("PONG", flush=True)
            continue
        asked = sys.stdin.readline().strip()
        if line == "set":
            given = sys.stdin.readline().strip()
            print(agent.change(_read_oid(asked), given), flush=True)
            continue
        print(agent.answer(line, _read_oid(asked)), flush=True)


def _read_oid(text: str) -> Oid:
    return tuple(int(part) for part in text.split(".") if part)


if __name__ == "__main__":
    run(json.loads(Path(sys.argv[1]).read_text("utf-8")))
