"""Addresses as numbers in text, so that every database compares and sorts IPv4 and IPv6 alike."""

import ipaddress

from codered.model.errors import WrongUse
from codered_hq.hosts.models import ADDRESS_DIGITS

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_MAPPED = 0xFFFF << 32  # IPv4 lies at ::ffff:0:0/96
_MASK = (1 << 32) - 1


def to_number(address: str) -> str:
    """An address as 32 hexadecimal digits. Raises ValueError for what is none."""
    parsed = ipaddress.ip_address(address)
    number = int(parsed)
    return f"{number | _MAPPED if parsed.version == 4 else number:0{ADDRESS_DIGITS}x}"


def to_address(number: str) -> str:
    """The address of a number, as `ipaddress` writes it."""
    value = int(number, 16)
    if value >> 32 == 0xFFFF:
        return str(ipaddress.IPv4Address(value & _MASK))
    return str(ipaddress.IPv6Address(value))


def to_bounds(network: Network) -> tuple[str, str]:
    """The numbers of the first and the last address of a range."""
    return to_number(str(network[0])), to_number(str(network[-1]))


def read_range(text: str) -> Network:
    """A range as a user writes it; one address is a range too, host bits are let go. Raises WrongUse."""
    try:
        return ipaddress.ip_network(text.strip(), strict=False)
    except ValueError:
        advice = "write 10.1.0.0/16, 10.1.2.3 or fd00:1::/112"
        raise WrongUse("is no address or range", where=text[:60], advice=advice) from None
