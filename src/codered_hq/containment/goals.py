"""What somebody wants to have contained, as it stands in a decision: enough to find its machines and ports anew."""

import ipaddress
from typing import Any, Literal

import msgspec

from codered.model.errors import WrongUse
from codered_hq.gate.models import Decision

WORD = "contain"
"""What stands in a decision's order: these are carried out here."""

HELD = ("begun", "holding", "undoing", "stuck")
"""States of a containment that may still be in place."""

_WIDEST = {4: 8, 6: 32}
_MOST_VLAN = 4094
_MOST_NAMED = 4


class Goal(msgspec.Struct, frozen=True, kw_only=True):
    """One wish. `host` is its number; `switch` a name of [[devices]] ("" = all); `networks` CIDR; `quarantine`: into
    the quarantine VLAN instead of off; `follows` the uid of the containment whose machine moved; `uids` what is
    released.
    """

    do: Literal["host", "port", "vlan", "subnet", "block", "release"]
    host: int = 0
    switch: str = ""
    port: str = ""
    vlan: int = 0
    networks: tuple[str, ...] = ()
    quarantine: bool = False
    follows: str = ""
    uids: tuple[str, ...] = ()


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What goes with it: for how many seconds (0 = as the rules say), why, and for which incident."""

    seconds: int = 0
    reason: str = ""
    incident: str = ""
    drill: bool = False


def name_target(goal: Goal) -> str:
    """What it is done to, in one fixed form."""
    if goal.do == "host":
        return f"host #{goal.host}"
    if goal.do == "port":
        return f"port {goal.switch} {goal.port}"
    if goal.do == "vlan":
        return f"vlan {goal.vlan}" + (f" on {goal.switch}" if goal.switch else "")
    if goal.do == "release":
        return f"containment {goal.uids[0][:8]}" if goal.uids else "containment"
    return f"{'subnet' if goal.do == 'subnet' else 'address'} {name_networks(goal.networks)}"


def name_networks(networks: tuple[str, ...]) -> str:
    """Some of them by name; single addresses without their prefix."""
    alone = [each.removesuffix("/32").removesuffix("/128") for each in networks]
    return " ".join(alone[:_MOST_NAMED]) + (f" and {len(alone) - _MOST_NAMED} more" if len(alone) > _MOST_NAMED else "")


def write_order(goal: Goal) -> dict[str, Any]:
    """A goal as the order of a decision."""
    return {"word": WORD, "goal": msgspec.json.decode(msgspec.json.encode(goal))}  # as the database gives it back


def read_order(decision: Decision) -> Goal:
    """The goal of a decision. Raises WrongUse if it is none of a containment."""
    order = decision.order if isinstance(decision.order, dict) else {}
    if order.get("word") != WORD:
        raise WrongUse("is no decision about a containment", where=decision.uid[:8], advice="codered approve list")
    try:
        return msgspec.convert(order.get("goal"), Goal)
    except msgspec.ValidationError as error:
        raise WrongUse(f"its order can't be read: {error}", where=decision.uid[:8]) from None


def read_networks(texts: tuple[str, ...]) -> tuple[str, ...]:
    """Addresses and ranges as a user writes them, each once. Raises WrongUse for what is no host's, or everybody's."""
    found = []
    for text in texts:
        try:
            if "%" in text:  # of one link alone
                raise ValueError(text)
            network = ipaddress.ip_network(text.strip(), strict=False)
        except ValueError:
            advice = "write 10.1.2.3 or 10.1.0.0/16"
            raise WrongUse("is no address or range", where=ascii(text[:60])[1:-1], advice=advice) from None
        first = network.network_address
        odd = first.is_multicast or first.is_loopback or first.is_unspecified
        if odd or network.prefixlen < _WIDEST[network.version]:
            raise WrongUse("can't be cut off: it is no host's, or everybody's", where=str(network))
        found.append(str(network))
    return tuple(dict.fromkeys(found))


def check_vlan(vlan: int) -> int:
    """Raises WrongUse for what is no VLAN."""
    if not 1 <= vlan <= _MOST_VLAN:
        raise WrongUse("is no VLAN", where=str(vlan), advice=f"1 to {_MOST_VLAN}")
    return vlan
