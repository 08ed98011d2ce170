"""Addresses as logs write them: which are one's own, and one spelling for each."""

import ipaddress
import socket
from collections.abc import Iterable

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

LONGEST_NAME = 255  # characters kept of what is no address: logs with names looked up, or lies
NO_ADDRESS = "unknown"

_OWN = (
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "::1",
    "fe80::/10",
    "fc00::/7",
)
_MAPPED = b"\0" * 10 + b"\xff\xff"  # an IPv4 address inside IPv6


def normalise_address(text: str) -> str:
    """The usual spelling of an address (an IPv4 one inside IPv6 comes out as IPv4, a zone is dropped); a host name
    stays text of at most 255 characters; "unknown" when there is nothing.
    """
    try:
        socket.inet_pton(socket.AF_INET, text)
        return text  # it takes no other spelling of one
    except (OSError, ValueError):
        packed = pack_address(text)
    if packed is None:
        name = text.strip()[:LONGEST_NAME].lower()
        return NO_ADDRESS if name in ("", "-") else name
    return socket.inet_ntop(socket.AF_INET if len(packed) == 4 else socket.AF_INET6, packed)


class OwnNetworks:
    """The networks whose addresses are one's own; none given: private, loopback and link-local ones."""

    def __init__(self, networks: Iterable[Network] = ()) -> None:
        chosen = tuple(networks) or tuple(ipaddress.ip_network(text) for text in _OWN)
        self._ranges = [(network.network_address.packed, network.broadcast_address.packed) for network in chosen]

    def hold(self, text: str) -> bool:
        """Whether the address is one's own. A host name is only if it is `localhost`."""
        packed = pack_address(text)
        if packed is None:
            return text == "localhost"
        return any(len(low) == len(packed) and low <= packed <= high for low, high in self._ranges)


def pack_address(text: str) -> bytes | None:
    """The address as 4 or 16 bytes; None if it is none."""
    try:
        return socket.inet_pton(socket.AF_INET, text)
    except (OSError, ValueError):
        pass
    try:
        packed = socket.inet_pton(socket.AF_INET6, text.partition("%")[0])
    except (OSError, ValueError):
        return None
    return packed[12:] if packed.startswith(_MAPPED) else packed
