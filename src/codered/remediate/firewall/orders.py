"""An order of containment, checked and made plain: it comes out of a file."""

import hashlib
import math
import re
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, collapse_addresses, ip_address, ip_network
from typing import Literal

import msgspec

from codered.model.firewall import FIREWALL_TABLE, ContainKind, FirewallOrder, FirewallState, PortRange, Session
from codered.model.plan import Action, ActionKind

KINDS: tuple[ContainKind, ...] = ("isolate_host", "block_outbound", "throttle_outbound")
RULES_VERSION = 2
"""Goes into the digest of the rules: other rules for the same order are another state."""

_NAME = re.compile(re.escape(FIREWALL_TABLE) + r"-[a-z0-9]{1,16}")
_MOST_SESSIONS, _MOST_NETS, _MOST_RANGES = 256, 256, 1024
_MOST_SECONDS = 30 * 86400.0
_MOST_RATE = 1_000_000.0
_LEAST_RATE = 1 / 3600
_MOST_BURST = 1_000_000
_MOST_USERS, _NO_USER = 256, (1 << 32) - 1

Network = IPv4Network | IPv6Network


def find_order_problem(kind: ActionKind, order: FirewallOrder | None, state: FirewallState) -> str:
    """What is wrong with an order, in a few words; "" if it can be carried out."""
    if order is None:
        return "the plan does not say what the firewall is to do"
    if not _NAME.fullmatch(state.name) or state.rules:
        return "the plan does not name tables that are ours alone, and new"
    if kind != "isolate_host" and len(order.ports) > _MOST_RANGES:
        return "it names too many ports"
    if kind == "block_outbound" and not order.ports:
        return "the plan does not say which ports are to be closed"
    if kind == "throttle_outbound" and not (
        _LEAST_RATE <= order.per_second <= _MOST_RATE and 1 <= order.burst <= _MOST_BURST
    ):
        return "the rate must be between one an hour and 1,000,000 a second, with a burst of at least 1"
    if not (math.isfinite(order.confirm_within) and 0 <= order.confirm_within <= _MOST_SECONDS):
        return "the time to confirm within must be between 0 and 30 days"
    if any(not 0 <= port.first <= port.last <= 65535 for port in order.ports):
        return "it names ports that can't be"
    if len(order.sessions) > _MOST_SESSIONS or len(order.management) > _MOST_NETS:
        return "it allows too many sessions or networks"
    return _find_users_problem(kind, order) or _find_address_problem(order)


def _find_users_problem(kind: ActionKind, order: FirewallOrder) -> str:
    if order.users and (kind != "block_outbound" or order.frames or order.destroy):
        return "only closing ports can be meant for some users, and neither frames nor open connections tell them apart"
    if len(order.users) > _MOST_USERS or any(not 0 <= user < _NO_USER for user in order.users):
        return "it names users that can't be"
    return ""


def is_table_name(name: str) -> bool:
    """Whether tables of this name are ours: those of one containment."""
    return _NAME.fullmatch(name) is not None


def _find_address_problem(order: FirewallOrder) -> str:
    for session in order.sessions:
        try:
            local, remote = read_address(session.local), read_address(session.remote)
        except ValueError:
            return "a session that is to live on has an address that is none"
        if local.version != remote.version or not (0 < session.local_port < 65536 and 0 < session.remote_port < 65536):
            return "a session that is to live on can't be"
    try:
        nets = [ip_network(text, strict=False) for text in order.management]
    except ValueError:
        return "a management network is not written as ADDRESS/BITS"
    return "a management network would allow the whole Internet" if any(not net.prefixlen for net in nets) else ""


def read_address(text: str) -> IPv4Address | IPv6Address:
    """The address without a zone; one of IPv4 written in IPv6 is one of IPv4. Raises ValueError."""
    address = ip_address(text.partition("%")[0])
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def read_networks(order: FirewallOrder) -> tuple[tuple[IPv4Network, ...], tuple[IPv6Network, ...]]:
    """The management networks without overlaps, by version. Raises ValueError."""
    nets = [ip_network(text, strict=False) for text in order.management]
    four = tuple(collapse_addresses(net for net in nets if isinstance(net, IPv4Network)))
    six = tuple(collapse_addresses(net for net in nets if isinstance(net, IPv6Network)))
    return four, six


def merge_ports(ports: tuple[PortRange, ...], protocol: Literal["tcp", "udp"]) -> tuple[tuple[int, int], ...]:
    """The ranges of a protocol in order and without overlaps, both ends in them."""
    merged: list[tuple[int, int]] = []
    for first, last in sorted((port.first, port.last) for port in ports if port.protocol == protocol):
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
        else:
            merged.append((first, last))
    return tuple(merged)


def is_allowed(session: Session, order: FirewallOrder) -> bool:
    """Whether the order lets this connection live. Raises ValueError for addresses that are none."""
    local, remote = read_address(session.local), read_address(session.remote)
    if local.is_loopback or remote.is_loopback:
        return True
    four, six = read_networks(order)
    nets: tuple[Network, ...] = (*four, *six)
    if any(remote in net for net in nets if net.version == remote.version):
        return True
    wanted = (local, session.local_port, remote, session.remote_port)
    return any(
        wanted == (read_address(one.local), one.local_port, read_address(one.remote), one.remote_port)
        for one in order.sessions
    )


def order_of(action: Action) -> FirewallOrder:
    """The order of the action. Raises TypeError if it has none."""
    if action.firewall is None:
        raise TypeError(f"{action.kind} has no order for the firewall")
    return action.firewall


def name_of(action: Action) -> str:
    """The name of the action's tables. Raises TypeError if it is not about the firewall."""
    if not isinstance(action.expects, FirewallState):
        raise TypeError(f"{action.kind} is not about the firewall")
    return action.expects.name


def digest_order(kind: ActionKind, name: str, order: FirewallOrder) -> str:
    """The SHA-256 that stands for the rules of an order."""
    body = msgspec.json.encode([RULES_VERSION, kind, name, order], order="deterministic")
    return hashlib.sha256(body).hexdigest()
