"""What must never be cut: headquarters itself, its way to the devices, and its scan points; by MAC and by address."""

import fcntl
import ipaddress
import socket
import struct
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from codered_hq.config import Config
from codered_hq.hosts.models import AddressUse, ScanPoint
from codered_hq.hosts.numbers import to_number
from codered_hq.resolving.switch_tables import SwitchTables

_SIOCGIFHWADDR = 0x8927
_ETHERNET = 1
_NET = Path("/proc/thread-self/net")
_NONE = "00:00:00:00:00:00"
_DISCARD = 9  # any port: a UDP socket that is only connected sends nothing


class Lifelines(NamedTuple):
    """MACs and addresses, each with what it is."""

    macs: dict[str, str]
    addresses: dict[str, str]


def find_lifelines(config: Config, tables: Iterable[SwitchTables]) -> Lifelines:
    """What is known now, from this machine, the inventory, and the ARP tables of what was read. In a played range this
    machine stands nowhere: its own addresses may be those of played ones.
    """
    played = config.exercise == "simulated"
    addresses = {} if played else dict.fromkeys(_list_own_addresses(config), "headquarters itself")
    for gateway in () if played else list_gateways(_read("route"), _read("ipv6_route")):
        addresses.setdefault(gateway, "the router of headquarters")
    for device in config.devices:
        if _is_address(device.address):
            addresses.setdefault(str(ipaddress.ip_address(device.address)), f"the way to {device.name}")
    for point in ScanPoint.objects.exclude(address=""):
        if _is_address(point.address):
            addresses.setdefault(str(ipaddress.ip_address(point.address)), f"the scan point {point.name}")
    macs = {} if played else dict.fromkeys(list_own_macs(), "headquarters itself")
    for address, mac in _pair(addresses, tables):
        if mac and mac != _NONE:
            macs.setdefault(mac, f"{addresses[address]} ({address})")
    return Lifelines(macs, addresses)


def list_own_macs() -> list[str]:
    """The MACs of this machine's network cards, as its network namespace has them."""
    found = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
        for _, name in socket.if_nameindex():
            try:
                answer = fcntl.ioctl(asker, _SIOCGIFHWADDR, struct.pack("256s", name.encode()[:15]))
            except OSError:  # it went away while we looked
                continue
            if struct.unpack_from("H", answer, 16)[0] == _ETHERNET:
                found.append(":".join(f"{byte:02x}" for byte in answer[18:24]))
    return [mac for mac in found if mac != _NONE]


def list_gateways(routes: str, routes6: str) -> list[str]:
    """The gateways in what Linux says of its routes."""
    found: list[str] = []
    for line in routes.splitlines()[1:]:
        words = line.split()
        if len(words) > 2 and words[2] != "00000000":
            found.append(socket.inet_ntop(socket.AF_INET, struct.pack("<I", int(words[2], 16))))
    for line in routes6.splitlines():
        words = line.split()
        if len(words) > 4 and words[4].strip("0"):
            found.append(str(ipaddress.IPv6Address(int(words[4], 16))))
    return list(dict.fromkeys(found))


def list_local(trie: str, cards6: str) -> list[str]:
    """The addresses of this machine in what Linux says of them (fib_trie, if_inet6)."""
    found, last = [], ""
    for line in trie.splitlines():
        words = line.split()
        if words[:1] == ["|--"] and len(words) > 1:
            last = words[1]
        elif words[-2:] == ["host", "LOCAL"] and last:
            found.append(last)
    found += [str(ipaddress.IPv6Address(int(line.split()[0], 16))) for line in cards6.splitlines() if line.strip()]
    return [each for each in dict.fromkeys(found) if not ipaddress.ip_address(each).is_loopback]


def _list_own_addresses(config: Config) -> list[str]:
    """All of this machine's, and those that it would speak to the devices from."""
    found = list_local(_read("fib_trie"), _read("if_inet6"))
    for device in config.devices:
        if _is_address(device.address):
            family = socket.AF_INET6 if ":" in device.address else socket.AF_INET
            with socket.socket(family, socket.SOCK_DGRAM) as way:
                try:
                    way.connect((device.address, _DISCARD))
                except OSError:
                    continue
                found.append(str(way.getsockname()[0]).partition("%")[0])
    return list(dict.fromkeys(found))


def _pair(addresses: Iterable[str], tables: Iterable[SwitchTables]) -> list[tuple[str, str]]:
    """The MACs of these addresses: as this machine, the routers that were read, and the inventory know them."""
    wanted = set(addresses)
    found = []
    for line in _read("arp").splitlines()[1:]:
        words = line.split()
        if len(words) > 3 and words[0] in wanted:
            found.append((words[0], words[3].lower()))
    found += [(row.address, row.mac) for table in tables for row in table.arp if row.address in wanted]
    numbers = {to_number(address): address for address in wanted}
    uses = AddressUse.objects.filter(number__in=list(numbers), current=True)
    return found + [(numbers[use.number], use.mac) for use in uses]


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _read(name: str) -> str:
    try:
        return (_NET / name).read_text()
    except OSError:  # no such table on this system: the others are still asked
        return ""
