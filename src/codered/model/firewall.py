"""Containment: what is asked of a host's firewall, and the state of our own tables in it. Nobody else's is touched."""

from datetime import datetime
from typing import Literal

import msgspec

FIREWALL_TABLE = "codered"
CONTAINMENT_FORMAT = "codered/containment/1"
ContainKind = Literal["isolate_host", "block_outbound", "throttle_outbound"]


class Session(msgspec.Struct, frozen=True, order=True, kw_only=True):
    """One connection that must live on: TCP, addresses as text, ports of this host and of the other side."""

    local: str
    local_port: int
    remote: str
    remote_port: int


class PortRange(msgspec.Struct, frozen=True, order=True, kw_only=True):
    """Ports of a protocol, both ends in it."""

    protocol: Literal["tcp", "udp"]
    first: int
    last: int


class FirewallOrder(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a containment does. `isolate_host`: nothing in or out but loopback, `sessions`, `management` networks (CIDR)
    and what keeps the address (DHCP, neighbour discovery). `block_outbound`: no new connections to `ports`.
    `throttle_outbound`: new connections at most `per_second`, after `burst` (ports () = all). `confirm_within` seconds
    without a confirmation and the kernel opens by itself (0 = it stays until it is taken back). `frames`: also what
    bypasses the IP stack (raw frames), where the kernel can. `destroy`: connections that exist already and are not
    allowed are ended. `users` (numbers; () = everybody): only what their processes send is blocked,
    without `frames` and `destroy`, for neither can tell users apart.
    """

    sessions: tuple[Session, ...] = ()
    management: tuple[str, ...] = ()
    ports: tuple[PortRange, ...] = ()
    per_second: float = 0.0
    burst: int = 0
    confirm_within: float = 0.0
    frames: bool = True
    destroy: bool = True
    users: tuple[int, ...] = ()


class FirewallState(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="of", tag="firewall"):
    """Our own tables of one containment: not there, or there with these rules. `rules` is the SHA-256 of what was
    ordered ("" = none there), `name` which containment (several may hold at once: each has tables of its own).
    """

    name: str
    rules: str = ""


class ContainmentStatus(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="format", tag=CONTAINMENT_FORMAT
):
    """A containment for its user. `state`: "holding", "armed" (opens by itself at `opens` unless it is confirmed),
    "opened" (it did), "flushed" (somebody took our tables away), "off". `plan` is the id for rollback, `kept_by` the
    pid of who puts it back when it is flushed (0 = nobody), `packets` were stopped so far. `order` is what it does,
    `frozen` the processes that stand still with it.
    """

    plan: str
    kind: str
    state: Literal["holding", "armed", "opened", "flushed", "off"]
    since: datetime
    because: str = ""
    opens: datetime | None = None
    undo_at: datetime | None = None
    kept_by: int = 0
    packets: int = 0
    survives_reboot: bool = False
    order: FirewallOrder | None = None
    frozen: tuple[int, ...] = ()
