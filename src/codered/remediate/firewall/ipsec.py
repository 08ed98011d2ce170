"""IPsec by policy: a connection that the kernel wraps before it leaves has no tunnel device to be known by."""

import socket
import struct
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import NamedTuple

from codered.model.firewall import Session
from codered.remediate.firewall.links import dump, split_attributes
from codered.remediate.firewall.orders import read_address

_NETLINK_XFRM = 6
_GET_POLICY, _NEW_POLICY = 0x15, 0x13
_ID_SIZE = 64
_SELECTOR = ">16s16sHHHH"
_REST = "=HBBB"  # of the selector: version of IP, lengths of its two prefixes, protocol
_PRIORITY, _DIRECTION, _SIZE = 152, 160, 168  # where in a policy; how long it is
_OUT = 1
_TEMPLATE, _MARK, _INTERFACE = 5, 21, 31


class Policy(NamedTuple):
    """What the kernel does with packets from `source` to `target` of these ports (number, mask) and protocol (0 = any);
    `wraps`: it sends them inside of others. The lowest `priority` counts.
    """

    source: IPv4Network | IPv6Network
    target: IPv4Network | IPv6Network
    source_port: tuple[int, int]
    target_port: tuple[int, int]
    protocol: int
    priority: int
    wraps: bool


def list_policies() -> list[Policy]:
    """Those for what this host sends, wherever it goes out; () if this kernel has no IPsec. Raises OSError."""
    try:
        socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _NETLINK_XFRM).close()
    except OSError:
        return []
    answers = dump(_NETLINK_XFRM, _GET_POLICY, bytes(_ID_SIZE))
    found = [read_policy(body) for kind, body in answers if kind == _NEW_POLICY]
    return [policy for policy in found if policy is not None]


def read_policy(body: bytes) -> Policy | None:
    """A policy as the kernel writes it; None if it is not for all that goes out, or is cut short."""
    if len(body) < _SIZE or body[_DIRECTION] != _OUT:
        return None
    attributes = dict(split_attributes(body[_SIZE:]))
    value, mask = struct.unpack_from("=II", attributes.get(_MARK, b"").ljust(8, b"\0"))
    if attributes.get(_INTERFACE, b"").strip(b"\0") or value & mask:
        return None  # of a device of its own, which is known as a tunnel, or for marked packets
    target, source, target_port, target_mask, source_port, source_mask = struct.unpack_from(_SELECTOR, body)
    family, target_bits, source_bits, protocol = struct.unpack_from(_REST, body, struct.calcsize(_SELECTOR))
    if family not in (socket.AF_INET, socket.AF_INET6) or max(target_bits, source_bits) > _width(family):
        return None
    return Policy(
        _make_network(family, source, source_bits),
        _make_network(family, target, target_bits),
        (source_port, source_mask),
        (target_port, target_mask),
        protocol,
        int(struct.unpack_from("=I", body, _PRIORITY)[0]),
        _TEMPLATE in attributes,
    )


def is_wrapped(session: Session, policies: list[Policy]) -> bool:
    """Whether what this host sends in the session leaves inside of other packets. Raises ValueError."""
    local, remote = read_address(session.local), read_address(session.remote)
    meant = [
        policy
        for policy in policies
        if _holds(policy.source, local)
        and _holds(policy.target, remote)
        and policy.protocol in (0, socket.IPPROTO_TCP)
        and session.local_port & policy.source_port[1] == policy.source_port[0]
        and session.remote_port & policy.target_port[1] == policy.target_port[0]
    ]
    return bool(meant) and min(meant, key=lambda policy: policy.priority).wraps


def _holds(net: IPv4Network | IPv6Network, address: IPv4Address | IPv6Address) -> bool:
    return net.version == address.version and address in net


def _width(family: int) -> int:
    return 32 if family == socket.AF_INET else 128


def _make_network(family: int, raw: bytes, bits: int) -> IPv4Network | IPv6Network:
    if family == socket.AF_INET:
        return IPv4Network((raw[:4], bits), strict=False)
    return IPv6Network((raw, bits), strict=False)
