"""The network devices of this namespace, asked of the kernel by netlink: /sys may be another namespace's."""

import socket
import struct
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address
from typing import NamedTuple

_RTM_GETLINK, _RTM_NEWLINK, _RTM_GETADDR, _RTM_NEWADDR, _DONE, _ERROR = 18, 16, 22, 20, 3, 2
_REQUEST, _DUMP = 1, 0x300
_NAME, _LOWER, _INFO, _KIND = 3, 5, 18, 1
_PPP = 512
_SWITCHING = (b"bridge", b"openvswitch", b"macvlan", b"macvtap", b"ipvlan", b"ipvtap")
_TAGGING = (b"vlan", b"macsec")  # their frames leave by the device below with another type
_ADDRESS, _LOCAL = 1, 2
_UP, _LOOPBACK = 1, 8
_MOST_DEVICES = 4096
_PATIENCE = 5.0
ETHERNET = 1


class Link(NamedTuple):
    """A device that is up and no loopback: `kind` is its hardware type (1 = Ethernet), `carries` whether another device
    (a VLAN, PPPoE) lies on it, `driver` what made it, if that is no hardware ("tun" also for tap).
    """

    number: int
    name: str
    kind: int
    carries: bool
    driver: str = ""


def list_links() -> tuple[Link, ...]:
    """Every device that is up, but for loopback. Raises OSError."""
    found: list[tuple[int, int, int, dict[int, bytes]]] = []
    request = struct.pack("=BxHiII", socket.AF_UNSPEC, 0, 0, 0, 0)
    for kind, body in dump(socket.NETLINK_ROUTE, _RTM_GETLINK, request):
        if kind == _RTM_NEWLINK and len(body) >= 16:
            _, hardware, index, flags, _ = struct.unpack_from("=BxHiII", body)
            found.append((index, hardware, flags, dict(split_attributes(body[16:]))))
    lower = {
        _read_number(attributes.get(_LOWER, b"")) for *_, attributes in found if _read_kind(attributes) in _TAGGING
    }
    dials = any(hardware == _PPP for _, hardware, _, _ in found)
    links = [
        Link(index, name, hardware, index in lower or dials, _read_kind(attributes).decode("ascii", "replace"))
        for index, hardware, flags, attributes in found
        if flags & _UP and not flags & _LOOPBACK
        if (name := attributes.get(_NAME, b"").rstrip(b"\0").decode("utf-8", "surrogateescape"))
    ]
    return tuple(links[:_MOST_DEVICES])


def find_switch() -> str:
    """The name of a device over which others (guests, containers) send frames of their own making through this host, ""
    = there is none. Raises OSError.
    """
    request = struct.pack("=BxHiII", socket.AF_UNSPEC, 0, 0, 0, 0)
    found = ""
    for kind, body in dump(socket.NETLINK_ROUTE, _RTM_GETLINK, request):
        attributes = dict(split_attributes(body[16:])) if kind == _RTM_NEWLINK else {}
        if not found and _read_kind(attributes) in _SWITCHING:
            found = attributes.get(_NAME, b"").rstrip(b"\0").decode("utf-8", "backslashreplace")
    return found


def find_device(address: IPv4Address | IPv6Address) -> Link | None:
    """The device that has this address. Raises OSError."""
    by_number = {link.number: link for link in list_links()}
    for kind, body in dump(socket.NETLINK_ROUTE, _RTM_GETADDR, struct.pack("=BBBBI", socket.AF_UNSPEC, 0, 0, 0, 0)):
        if kind != _RTM_NEWADDR or len(body) < 8:
            continue
        attributes = dict(split_attributes(body[8:]))
        if attributes.get(_LOCAL, attributes.get(_ADDRESS)) == address.packed:
            return by_number.get(int(struct.unpack_from("=I", body, 4)[0]))
    return None


def dump(protocol: int, kind: int, request: bytes) -> Iterator[tuple[int, bytes]]:
    """Ask the kernel for a list over netlink: (type, body) of each message. Raises OSError."""
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, protocol) as asked:
        asked.settimeout(_PATIENCE)
        asked.send(struct.pack("=IHHII", 16 + len(request), kind, _REQUEST | _DUMP, 1, 0) + request)
        while True:
            for answer, body in split_messages(asked.recv(1 << 18)):
                if answer == _DONE:
                    return
                if answer == _ERROR:
                    raise_error(body)
                    return
                yield answer, body


def split_messages(raw: bytes) -> Iterator[tuple[int, bytes]]:
    """The netlink messages of one datagram: (type, body). What is cut short ends it."""
    offset = 0
    while offset + 16 <= len(raw):
        length, kind = struct.unpack_from("=IH", raw, offset)
        if length < 16 or offset + length > len(raw):
            return
        yield kind, raw[offset + 16 : offset + length]
        offset += (length + 3) & ~3


def split_attributes(raw: bytes) -> Iterator[tuple[int, bytes]]:
    """The attributes of a message: (type, value). What is cut short ends it."""
    offset = 0
    while offset + 4 <= len(raw):
        length, kind = struct.unpack_from("=HH", raw, offset)
        if length < 4 or offset + length > len(raw):
            return
        yield kind & 0x3FFF, raw[offset + 4 : offset + length]
        offset += (length + 3) & ~3


def raise_error(body: bytes) -> None:
    """Raises OSError for the kernel's error message, unless it says that all is well."""
    code = -struct.unpack_from("=i", body)[0] if len(body) >= 4 else 5
    if code:
        raise OSError(code, "the kernel refused over netlink")


def _read_kind(attributes: dict[int, bytes]) -> bytes:
    return dict(split_attributes(attributes.get(_INFO, b""))).get(_KIND, b"").rstrip(b"\0")


def _read_number(value: bytes) -> int:
    return int(struct.unpack("=I", value)[0]) if len(value) == 4 else -1
