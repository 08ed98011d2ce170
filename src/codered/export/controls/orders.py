"""What is asked of controls, and what one is. Addresses come from reports, so every one is read again before it stands
in a text that somebody enters into a firewall.
"""

import ipaddress
import re
from typing import Literal, get_args

import msgspec

from codered.model.errors import WrongUse
from codered.model.firewall import PortRange

Platform = Literal[
    "cisco", "ciscoasa", "juniper", "srx", "nftables", "paloalto", "windows_advfirewall",
    "openc2",
    "cisco_rate", "juniper_rate", "nftables_rate",
    "windows", "windows_2003", "windows_2000", "windows_nt4",
]  # fmt: skip
PLATFORMS: tuple[Platform, ...] = get_args(Platform)
LISTED: tuple[Platform, ...] = PLATFORMS[:7]
"""Those whose lists Aerleon writes."""

Side = Literal["infected", "attackers"]
SIDES: tuple[Side, ...] = get_args(Side)
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
MOST_ADDRESSES = 500
MOST_PORTS = 100
MOST_PORT = 65535
MOST_SECONDS = 86400
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9/._:-]{0,39}")


class ControlsOrder(msgspec.Struct, frozen=True, kw_only=True):
    """What controls must do: nothing from `infected` (addresses or CIDR) to `ports` (() = to anywhere), nothing from
    `attackers`. `inside` and `outside` are the device's own names of interfaces or zones ("" = its usual ones). A
    Windows host keeps `management` (CIDR) and opens by itself after `confirm_within` seconds without a confirmation.
    """

    infected: tuple[str, ...] = ()
    attackers: tuple[str, ...] = ()
    ports: tuple[PortRange, ...] = ()
    platforms: tuple[Platform, ...] = LISTED
    inside: str = ""
    outside: str = ""
    management: tuple[str, ...] = ()
    confirm_within: int = 600


class Control(msgspec.Struct, frozen=True, kw_only=True):
    """One suggestion: what to enter on which device, `then` the commands that follow it ("" = none), how to take it all
    back, and what to know before.
    """

    platform: Platform
    title: str
    what: str
    apply: str
    undo: str
    then: str = ""
    notes: tuple[str, ...] = ()


class CheckedOrder(msgspec.Struct, frozen=True, kw_only=True):
    """An order in which everything is what it must be."""

    infected: tuple[Network, ...]
    attackers: tuple[Network, ...]
    ports: tuple[PortRange, ...]
    inside: str
    outside: str
    management: tuple[Network, ...]
    confirm_within: int

    def networks(self, side: Side) -> tuple[Network, ...]:
        """The addresses of one side."""
        return self.infected if side == "infected" else self.attackers


def check_order(order: ControlsOrder) -> CheckedOrder:
    """The order, read. Raises WrongUse for an address, a port or a name that can't stand in a control, and for one that
    would cut everybody off.
    """
    unknown = [platform for platform in order.platforms if platform not in PLATFORMS]
    if unknown or not order.platforms:
        raise WrongUse(f"no platform {unknown[0] if unknown else ''!r}", advice=f"there are {', '.join(PLATFORMS)}")
    for name in (order.inside, order.outside):
        if name and not _NAME.fullmatch(name):
            raise WrongUse(f"{name!r} is no name of an interface or zone", advice="use letters, digits and / . _ : -")
    if not 0 <= order.confirm_within <= MOST_SECONDS:
        raise WrongUse("the time to confirm is too long", advice=f"it is 0 to {MOST_SECONDS} seconds")
    checked = CheckedOrder(
        infected=read_networks(order.infected),
        attackers=read_networks(order.attackers),
        ports=_check_ports(order.ports),
        inside=order.inside,
        outside=order.outside,
        management=read_networks(order.management),
        confirm_within=order.confirm_within,
    )
    shared = [one for one in checked.infected for other in checked.attackers if _overlaps(one, other)]
    if shared:
        raise WrongUse(f"{shared[0]} is both infected and an attacker", advice="name it once")
    return checked


def read_networks(texts: tuple[str, ...]) -> tuple[Network, ...]:
    """Addresses and CIDR, each once and sorted. Raises WrongUse."""
    if len(texts) > MOST_ADDRESSES:
        advice = f"name at most {MOST_ADDRESSES}, or their network"
        raise WrongUse(f"{len(texts)} addresses are too many for a list", advice=advice)
    found = {_read_network(text) for text in texts}
    return tuple(sorted(found, key=lambda network: (network.version, int(network.network_address), network.prefixlen)))


def _read_network(text: str) -> Network:
    try:
        if "%" in text:
            raise ValueError(text)
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise WrongUse(f"{text[:60]!r} is no address", advice="write an address or a network as 192.0.2.0/24") from None
    first = network.network_address
    if network.prefixlen < 8 or first.is_multicast or first.is_loopback or first.is_unspecified:
        raise WrongUse(f"{network} can't be blocked: it is no host's, or everybody's", advice="name fewer addresses")
    return network


def _check_ports(ports: tuple[PortRange, ...]) -> tuple[PortRange, ...]:
    if len(ports) > MOST_PORTS:
        raise WrongUse(f"{len(ports)} ranges of ports are too many", advice=f"name at most {MOST_PORTS}")
    for item in ports:
        if item.protocol not in ("tcp", "udp") or not 1 <= item.first <= item.last <= MOST_PORT:
            what = f"{item.protocol} {item.first} to {item.last} are no ports"
            raise WrongUse(what, advice=f"ports are 1 to {MOST_PORT}, of tcp or udp")
    return tuple(sorted(set(ports)))


def _overlaps(one: Network, other: Network) -> bool:
    return one.version == other.version and one.overlaps(other)
