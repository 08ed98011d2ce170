"""Requests to libnftables: our tables put up in place of what they were, confirmed, taken away. Each is one go.

Every rule carries its place and the hash of what was meant as its comment: so a rule that somebody else put there, took
away or moved is seen, whatever a version of libnftables makes of the words.
"""

import hashlib
import math
from collections.abc import Iterable, Sequence

import msgspec

from codered.model.firewall import ContainKind, FirewallOrder
from codered.remediate.firewall.links import ETHERNET, Link
from codered.remediate.firewall.nft import Part, encode_request
from codered.remediate.firewall.rules import (
    ARMED,
    RATES,
    STOPPED,
    Chain,
    Rule,
    make_chains,
    make_device_rules,
    make_frame_chains,
)

FAMILIES = ("inet", "netdev")
DEVICE = "device-"
UNFRAMED = "frames-pass"
"""A counter that only says: this kernel can't stop raw frames, so there is no second table."""

FOR_EVER = math.inf
"""In place of `confirm_within`: put up as if confirmed already, so that there is no moment to be killed in."""

IP_VERSIONS = ("ipv4", "ipv6")
_RATES_KEPT = 60  # seconds that a protocol and port is remembered
_MOST_RATES = 131072  # every port of two protocols


def request_tables(kind: ContainKind, name: str, order: FirewallOrder, links: Sequence[Link] | None) -> bytes:
    """Put the tables up, in the place of what they were. `links` None: without the table that stops raw frames. Raises
    ValueError.
    """
    marks = (UNFRAMED,) if order.frames and links is None else ()
    commands = list(_start_table("inet", name, (STOPPED, *marks)))
    commands += _add_sets("inet", name, kind, order, list(IP_VERSIONS))
    commands += _add_chains("inet", name, make_chains(kind, order))
    if links is not None:
        commands += _start_table("netdev", name, (STOPPED,))
        commands += _add_sets("netdev", name, kind, order, [link.name for link in links])
        commands += _add_chains("netdev", name, make_frame_chains(kind, order))
        for link in links:
            commands += _add_device(name, kind, link)
    return encode_request(commands)


def request_device(name: str, kind: ContainKind, link: Link, *, armed: int | None, chained: bool = False) -> bytes:
    """Cover one more device. `armed`: seconds until the containment opens by itself, 0 = it stays, None = no such;
    `chained`: its chain is there, only the set does not name it.
    """
    commands = [] if chained else _add_device(name, kind, link)
    if armed is not None:
        commands.insert(0, {"add": {"element": _name_elements("netdev", name, [link.name], armed)}})
    return encode_request(commands)


def request_arming(name: str, devices: Sequence[str], seconds: int, *, versions: Sequence[str]) -> bytes:
    """Let it open by itself in so many seconds from now on (0 = never). `devices` and `versions` are the elements that
    are there now: the kernel refuses all of it when one of them is gone, for then it has opened.
    """
    commands: list[Part] = []
    for family, values in (("inet", list(versions)), ("netdev", list(devices))):
        if values:
            commands.append({"delete": {"element": _name_elements(family, name, values, 0)}})
            commands.append({"add": {"element": _name_elements(family, name, values, seconds)}})
    return encode_request(commands)


def request_removal(name: str, families: Iterable[str]) -> bytes:
    """Take the tables of these families away."""
    return encode_request([{"delete": {"table": {"family": family, "name": name}}} for family in families])


def name_device_chain(link: Link) -> str:
    """The chain of a device. Its name is in it, for with the name a device may lose its hook (6.18: it does)."""
    return f"{DEVICE}{link.number}-{link.name.encode('utf-8', 'surrogateescape').hex()}"


def comment_rules(rules: Sequence[Rule]) -> list[str]:
    """The comment of each rule of a chain."""
    return [f"{number} {_hash(rule)}" for number, rule in enumerate(rules, 1)]


def _hash(rule: Rule) -> str:
    return hashlib.sha256(msgspec.json.encode(rule, order="deterministic")).hexdigest()[:16]


def _start_table(family: str, name: str, counters: Sequence[str]) -> list[Part]:
    table: Part = {"table": {"family": family, "name": name}}
    start: list[Part] = [{"add": table}, {"delete": table}, {"add": table}]
    for counter in counters:
        start.append({"add": {"counter": {"family": family, "table": name, "name": counter}}})
    return start


def _add_sets(family: str, name: str, kind: ContainKind, order: FirewallOrder, elements: list[str]) -> list[Part]:
    commands: list[Part] = []
    own: Part = {"family": family, "table": name}
    if order.confirm_within:
        type_ = "nf_proto" if family == "inet" else "ifname"
        # The elements come with their set: a command of their own makes libnftables read those of everybody's sets.
        seconds = 0 if math.isinf(order.confirm_within) else max(1, round(order.confirm_within))
        named = _name_elements(family, name, elements, seconds)
        commands.append({"add": {"set": {**named, "type": type_, "flags": ["timeout"]}}})
    if kind == "throttle_outbound":
        key = {"type": ["inet_proto", "inet_service"], "size": _MOST_RATES, "timeout": _RATES_KEPT}
        commands.append({"add": {"set": {**own, "name": RATES, "flags": ["timeout"], **key}}})
    return commands


def _name_elements(family: str, name: str, values: Sequence[str], seconds: int) -> Part:
    elements = [{"elem": {"val": value, "timeout": seconds}} if seconds else value for value in values]
    return {"family": family, "table": name, "name": ARMED, "elem": elements}


def _add_chains(family: str, name: str, chains: Sequence[Chain]) -> list[Part]:
    commands: list[Part] = []
    for chain in chains:
        hook = {"type": "filter", "hook": chain.hook, "prio": chain.priority, "policy": chain.policy}
        added: Part = {"family": family, "table": name, "name": chain.name, **(hook if chain.hook else {})}
        commands.append({"add": {"chain": added}})
    for chain in chains:
        commands += _add_rules(family, name, chain.name, chain.rules)
    return commands


def _add_rules(family: str, name: str, chain: str, rules: Sequence[Rule]) -> list[Part]:
    own: Part = {"family": family, "table": name, "chain": chain}
    return [
        {"add": {"rule": {**own, "comment": comment, "expr": list(rule)}}}
        for comment, rule in zip(comment_rules(rules), rules, strict=True)
    ]


def _add_device(name: str, kind: ContainKind, link: Link) -> list[Part]:
    chain = name_device_chain(link)
    hook = {"type": "filter", "hook": "egress", "dev": link.name, "prio": 0}
    policy = "drop" if kind == "isolate_host" else "accept"
    added: Part = {"family": "netdev", "table": name, "name": chain, **hook, "policy": policy}
    rules = make_device_rules(ethernet=link.kind == ETHERNET, carries=link.carries)
    return [{"add": {"chain": added}}, *_add_rules("netdev", name, chain, rules)]
