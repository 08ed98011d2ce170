"""What a containment that begins by itself is about, and the order of it to the firewall."""

from typing import Literal, NamedTuple

import msgspec

from codered.model.firewall import ContainKind, FirewallOrder, PortRange, Session
from codered.respond.containing import Times

First = Literal["", "throttle", "block", "freeze", "isolate"]
_RATE, _BURST = 2.0, 20


class AutoOrders(msgspec.Struct, frozen=True, kw_only=True):
    """What it does first ("" = freeze the process and close its port for its users), at most `cap` times an hour, each
    for `undo_after` seconds; `sessions` and `management` stay allowed, `ports` are those a worm is likely to use.
    """

    first: First = ""
    cap: int = 3
    undo_after: float = 1800.0
    sessions: tuple[Session, ...] = ()
    management: tuple[str, ...] = ()
    ports: tuple[int, ...] = ()
    tool: str = ""


class Aim(NamedTuple):
    """What a containment of the firewall is about; `port` 0 = all of them, `users` () = everybody."""

    kind: ContainKind
    protocol: str = "tcp"
    port: int = 0
    users: tuple[int, ...] = ()


ALL_SLOWED = Aim("throttle_outbound")


def make_order(aim: Aim, orders: AutoOrders) -> FirewallOrder:
    """What the firewall is told."""
    ranges = (PortRange(protocol="udp" if aim.protocol == "udp" else "tcp", first=aim.port, last=aim.port),)
    order = FirewallOrder(
        sessions=orders.sessions, management=orders.management, ports=ranges if aim.port else (),
        confirm_within=Times(undo_after=orders.undo_after).first_end(),
    )  # fmt: skip
    if aim.kind == "throttle_outbound":
        return msgspec.structs.replace(order, per_second=_RATE, burst=_BURST, destroy=False)
    return msgspec.structs.replace(order, users=aim.users, frames=False, destroy=False) if aim.users else order
