"""Orders that block networks, as every router reads them: checked, in one form, and never what we come from."""

import ipaddress
from collections.abc import Iterable

from codered.model.errors import WrongUse
from codered_hq.config import DeviceConfig
from codered_hq.model.device import ControlOrder, ControlState

BLOCKED, OPEN = "blocked", "open"
MOST_NETWORKS = 1000
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def read_networks(order: ControlOrder) -> list[Network]:
    """The networks of an order. Raises WrongUse for what is none, for none at all, and for another kind of order."""
    if order.kind not in ("block_address", "block_subnet"):
        raise WrongUse(f"a router can't {order.kind}", where=f"device {order.device}", advice="give it to a switch")
    if not 0 < len(order.networks) <= MOST_NETWORKS:
        raise WrongUse(f"give 1 to {MOST_NETWORKS} networks", where=f"device {order.device}", advice="split the order")
    try:
        found = {ipaddress.ip_network(text) for text in order.networks}
    except ValueError as error:
        raise WrongUse(str(error)[:200], where=f"device {order.device}", advice="write 192.0.2.0/24") from None
    return sorted(found, key=lambda one: (one.version, one))


def tell_outcome(order: ControlOrder, config: DeviceConfig, ours: Iterable[str]) -> ControlState:
    """All of them blocked. Raises WrongUse if one holds an address of ours: the way in would be cut."""
    found = read_networks(order)
    for text in (config.address, *ours):
        try:
            address = ipaddress.ip_address(text.partition("%")[0])
        except ValueError:
            continue  # a name: who is behind it now, the connection has told
        for network in found:
            if address.version == network.version and address in network:
                raise WrongUse(
                    f"{network} holds {address}, which we come by", where=f"device {config.name}",
                    advice="block the addresses one by one",
                )  # fmt: skip
    return ControlState(values={str(one): BLOCKED for one in found})
