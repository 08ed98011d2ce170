"""Gates of "confirmed": what honest programs do whose contacts fail too, each told in words when it holds back."""

from collections import Counter
from collections.abc import Callable, Sequence
from functools import cache
from importlib import resources
from itertools import islice
from math import exp
from typing import NamedTuple

import msgspec
import yaml

from codered.detect.scanning.contacts import GOOD, KEYS, ActorContacts, PortContacts, network_of
from codered.detect.scanning.preference import prefer


class GateNumbers(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Shares from 0 to 1, seconds, and counts of contacts; the meaning of each stands in the data file."""

    answered_of: int
    answered_share: float
    answered_of_network: int
    near_contacts: int
    named_share: float
    clump_of: int
    clump_least: float
    clump_share: float
    clump_networks: int
    clump_addresses: int
    walk_addresses: int
    walk_gap: int
    walk_of: int
    peer_ports: tuple[tuple[int, int], ...]
    answered_by_udp: float
    cold_ports: tuple[int, ...]
    cold_seconds: float


class Look(NamedTuple):
    """What a gate looks at: a port of an actor `now` (seconds since the epoch)."""

    actor: ActorContacts
    port: PortContacts
    now: float
    numbers: GateNumbers


Gate = Callable[[Look], str]
"""Why a scan is held back now, in words; "" = it is not."""


@cache
def load_gate_numbers() -> GateNumbers:
    """The numbers as shipped."""
    text = resources.files("codered.detect.scanning").joinpath("gates.yaml").read_bytes()
    return msgspec.convert(yaml.safe_load(text), GateNumbers)


def hold_back(actor: ActorContacts, port: PortContacts, now: float, numbers: GateNumbers) -> list[str]:
    """Each gate that holds this scan back, in words."""
    look = Look(actor, port, now, numbers)
    found = [gate(look) for gate in GATES]
    return [one for one in found if one]


def is_walk(port: PortContacts, numbers: GateNumbers) -> bool:
    """Whether it goes one address after the other, for longer than any honest search of a local network."""
    if len(port.contacts) < numbers.walk_addresses:
        return False
    latest = islice(reversed(port.contacts), numbers.walk_of)
    addresses = sorted(int.from_bytes(one, "big") for one in latest if len(one) == 4)
    length = longest = 0
    before = -1 - numbers.walk_gap
    for one in addresses:
        length = length + 1 if one - before <= numbers.walk_gap else 1
        longest, before = max(longest, length), one
    return longest >= numbers.walk_addresses


def count_failed_networks(port: PortContacts) -> int:
    """Different networks of all destinations that are remembered and never answered."""
    return len({network_of(one) for one, when in port.contacts.items() if when != GOOD})


def count_answered(actor: ActorContacts, port: PortContacts, numbers: GateNumbers) -> tuple[int, int]:
    """How many of the latest first contacts were answered, of one network only a few, and how many are settled."""
    waiting = actor.quick if port.protocol in ("tcp", "icmp") else actor.slow
    opened = waiting.opened if waiting is not None else {}
    answers = Counter[bytes]()
    settled = 0
    for one in islice(reversed(port.contacts), numbers.answered_of):
        if port.contacts[one] == GOOD:
            answers[network_of(one)] += 1
            settled += 1
        elif (one, port.key) not in opened:
            settled += 1
    return sum(min(count, numbers.answered_of_network) for count in answers.values()), settled


def count_clumped(destinations: Sequence[bytes], own: bytes) -> tuple[float, int]:
    """How many destinations lie in a network met before, beyond what chance gives in each /16, and of how many; those
    in the own network are left out.
    """
    seen: dict[bytes, Counter[bytes]] = {}
    of = 0
    mine = network_of(own) if own else b""
    for one in destinations:
        network = network_of(one)
        if network == mine:
            continue
        of += 1
        seen.setdefault(network[:-1], Counter())[network] += 1
    beyond = 0.0
    for networks in seen.values():
        count = networks.total()
        beyond += max(0.0, 256 * (1 - exp(-count / 256)) - len(networks))
    return beyond, of


def _is_answered(look: Look) -> str:
    actor, port, numbers = look.actor, look.port, look.numbers
    answered, settled = count_answered(actor, port, numbers)
    if answered <= numbers.answered_share * settled:
        return ""
    if len(port.contacts) >= numbers.near_contacts:
        latest = list(islice(reversed(port.contacts), numbers.answered_of))
        if prefer(latest, actor.source) == "near":
            return ""
    return f"{answered} of its last {settled} first contacts to this port were answered"


def _is_named(look: Look) -> str:
    port, numbers = look.port, look.numbers
    failures = port.failures or {}
    named = sum(failure.named for failure in failures.values())
    if named <= numbers.named_share * len(failures):
        return ""
    return f"{named} of {len(failures)} addresses that failed had been given by a name server"


def _is_clumped(look: Look) -> str:
    actor, port, numbers = look.actor, look.port, look.numbers
    latest = list(islice(reversed(port.contacts), numbers.clump_of))
    beyond, of = count_clumped(latest, actor.source)
    if beyond < numbers.clump_least or beyond < numbers.clump_share * of:
        return ""
    if port.all_failed >= numbers.clump_addresses or is_walk(port, numbers):
        return ""
    if count_failed_networks(port) >= numbers.clump_networks:
        return ""
    networks = len({network_of(one) for one in latest})
    return f"its last {len(latest)} addresses lie in {networks} networks, as a list of hosts does"


def _is_six_broken(look: Look) -> str:
    actor, port = look.actor, look.port
    failures = port.failures or {}
    if 2 * sum(len(one) == 16 for one in failures) <= len(failures):
        return ""
    for other in actor.ports.values():
        if any(len(one) == 16 and when == GOOD for one, when in other.contacts.items()):
            return ""
    return "nothing was ever answered by IPv6, which may be broken"


def _is_peer_port(look: Look) -> str:
    actor, port, numbers = look.actor, look.port, look.numbers
    if not any(first <= port.port <= last for first, last in numbers.peer_ports):
        return ""
    answered, settled = count_answered(actor, port, numbers)
    if settled >= numbers.answered_of and not answered:
        return ""
    return f"port {port.port} is one of peer-to-peer programs, most of whose peers are gone"


def _is_known_by_udp(look: Look) -> str:
    actor, port, numbers = look.actor, look.port, look.numbers
    by_udp = actor.ports.get(port.port + KEYS["udp"]) if port.protocol == "tcp" else None
    if by_udp is None:
        return ""
    failures = port.failures or {}
    known = sum(by_udp.contacts.get(one) == GOOD for one in failures)
    if known <= numbers.answered_by_udp * len(failures):
        return ""
    return f"{known} of {len(failures)} addresses that failed had answered by UDP on this port"


def _is_cold(look: Look) -> str:
    actor, port, now, numbers = look.actor, look.port, look.now, look.numbers
    if port.protocol != "tcp" or port.port not in numbers.cold_ports or actor.round_trip >= 0:
        return ""
    if now - port.first >= numbers.cold_seconds:
        return ""
    return f"it began {now - port.first:.1f} s ago and nothing was answered yet: the line may be slow"


GATES: tuple[Gate, ...] = (
    _is_answered,
    _is_named,
    _is_clumped,
    _is_six_broken,
    _is_peer_port,
    _is_known_by_udp,
    _is_cold,
)
