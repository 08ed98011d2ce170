"""Who this host is, for headquarters: names, serial, system, addresses, administrators, ways to other networks.

Nothing is sent to learn it, a name is never looked up. What can't be read is said, never guessed.
"""

import os
import socket
import struct
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from codered.collect.accounts import collect_accounts
from codered.collect.interface_addresses import list_addresses
from codered.model.job import HostFacts, NetworkCard
from codered.model.target import Target

_MOST_BYTES = 256 << 10  # of one file
_MOST_TEXT = 200
_MOST_LINES = 1000
_MOST_CARDS = 256
_MOST_ADMINS = 200
_MOST_UNREAD = 20
_NO_MAC = "00:00:00:00:00:00"


def collect_host_facts(target: Target, root: Path = Path("/")) -> HostFacts:
    """The facts of the host we run on; `root` is where its /proc, /sys and /etc are."""
    reader = _Facts(root)
    name = _clean(socket.gethostname())
    return HostFacts(
        name=name,
        domain_name=reader.find_domain_name(name),
        machine_id=reader.line("etc/machine-id"),
        serial=reader.line("sys/class/dmi/id/product_serial", needed=False),
        product=reader.line("sys/class/dmi/id/product_name", needed=False),
        system=reader.find_system(),
        kernel=_clean(os.uname().release) if hasattr(os, "uname") else "",
        boot_id=reader.line("proc/sys/kernel/random/boot_id"),
        clock=datetime.now(UTC),
        cards=reader.list_cards(),
        admins=reader.list_admins(target),
        routes=reader.list_routes(),
        neighbours=reader.list_neighbours(),
        unread=tuple(map(_clean, reader.unread)),
    )


class _Facts:
    """Reads small files of a host, and notes those that can't be."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.unread: list[str] = []

    def line(self, rel: str, *, needed: bool = True) -> str:
        """The first line, "" if there is none. A virtual machine need not have what is not `needed`."""
        text = self._read(rel, needed=needed)
        return _clean(text.partition("\n")[0])

    def find_system(self) -> str:
        """What os-release calls it: `Debian GNU/Linux 12 (bookworm)`."""
        for row in self._read("etc/os-release").split("\n")[:_MOST_LINES]:
            if row.startswith("PRETTY_NAME="):
                return _clean(row.partition("=")[2].strip("\"'"))
        return ""

    def find_domain_name(self, name: str) -> str:
        """The full name that /etc/hosts gives ours, as `hostname -f` would find it without asking anybody."""
        if "." in name:
            return name.lower()
        for row in self._read("etc/hosts").split("\n")[:_MOST_LINES]:
            names = row.partition("#")[0].split()[1:]
            if name in names:
                return next((_clean(each).lower() for each in names if each.startswith(name + ".")), "")
        return ""

    def list_cards(self) -> tuple[NetworkCard, ...]:
        """The interfaces but loopback, each with its MAC and addresses."""
        try:
            names = sorted(os.listdir(self._root / "sys/class/net"))[:_MOST_CARDS]
            addresses = list_addresses()
        except OSError as error:
            self.unread.append(f"network interfaces: {error.strerror or error}")
            return ()
        cards = []
        for name in names:
            mac = self.line(f"sys/class/net/{name}/address", needed=False)
            if name != "lo":
                own = addresses.get(name, ())
                cards.append(NetworkCard(name=_clean(name), mac="" if mac == _NO_MAC else mac, addresses=own))
        return tuple(cards)

    def list_admins(self, target: Target) -> tuple[str, ...]:
        """The accounts with the uid of root or in a group of administrators."""
        if target.info.system != "linux":
            self.unread.append("accounts: are read on Linux only")
            return ()
        seen = collect_accounts(target)
        self.unread += [f"/{os.fsdecode(gap.rel)}: {gap.why}" for gap in seen.unread[:_MOST_UNREAD]]
        return tuple(each.name for each in seen.accounts if each.uid == 0 or each.groups)[:_MOST_ADMINS]

    def list_routes(self) -> tuple[str, ...]:
        """Ranges that are reached through others, as `10.0.0.0/8 via 10.1.0.1 eth0`."""
        found = self._list("proc/net/route", _read_route)
        return (*found, *self._list("proc/net/ipv6_route", _read_route6, needed=False))[:_MOST_LINES]

    def list_neighbours(self) -> tuple[str, ...]:
        """Who was spoken to on the same cable: `address mac`."""
        return self._list("proc/net/arp", _read_neighbour)

    def _list(self, rel: str, parse: Callable[[list[str]], str], *, needed: bool = True) -> tuple[str, ...]:
        rows = self._read(rel, needed=needed).split("\n")[:_MOST_LINES]
        return tuple(dict.fromkeys(filter(None, (parse(row.split()) for row in rows))))

    def _read(self, rel: str, *, needed: bool = True) -> str:
        try:
            with open(self._root / rel, "rb") as file:
                return file.read(_MOST_BYTES).decode(errors="backslashreplace")
        except FileNotFoundError:
            if needed:
                self.unread.append(f"/{rel}: is not there")
        except OSError as error:
            self.unread.append(f"/{rel}: {error.strerror}")
        return ""


def _clean(text: str) -> str:
    return "".join(char for char in text.strip() if char.isprintable())[:_MOST_TEXT]


def _read_route(fields: list[str]) -> str:
    """A row of /proc/net/route: hexadecimal numbers in the order of the processor."""
    try:
        name, destination, gateway = fields[0], int(fields[1], 16), int(fields[2], 16)
        prefix = int(fields[7], 16).bit_count()
        via = f" via {_quad(gateway)}" if gateway else ""
        return f"{_quad(destination)}/{prefix}{via} {_clean(name)}"
    except (IndexError, ValueError, struct.error):
        return ""


def _quad(number: int) -> str:
    return socket.inet_ntoa(struct.pack("=I", number))


def _read_route6(fields: list[str]) -> str:
    """A row of /proc/net/ipv6_route, without what is local, a multicast or one address."""
    try:
        destination, prefix, gateway = bytes.fromhex(fields[0]), int(fields[1], 16), bytes.fromhex(fields[4])
        if fields[9] == "lo" or destination[:1] in (b"\xff", b"\xfe") or prefix == 128:
            return ""
        via = f" via {socket.inet_ntop(socket.AF_INET6, gateway)}" if any(gateway) else ""
        return f"{socket.inet_ntop(socket.AF_INET6, destination)}/{prefix}{via} {_clean(fields[9])}"
    except (IndexError, ValueError):
        return ""


def _read_neighbour(fields: list[str]) -> str:
    """A row of /proc/net/arp that was answered."""
    try:
        socket.inet_aton(fields[0])
    except (IndexError, OSError):
        return ""
    if len(fields) < 6 or fields[3] == _NO_MAC or len(fields[3]) != len(_NO_MAC):
        return ""
    return f"{fields[0]} {_clean(fields[3]).lower()}"
