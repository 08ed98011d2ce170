"""Asking the network for names: node status, reverse DNS, WINS, link names. What is answered becomes records; what is
not is told with the reason.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

import dns.resolver
import msgspec

from codered.model.errors import WrongUse
from codered_hq.config import NamesConfig
from codered_hq.hosts.models import Host
from codered_hq.hosts.recording import record_hosts
from codered_hq.model.inventory import HostRecord, Skipped, Source, SourceKind
from codered_hq.resolving import multicast_names, node_status, reverse_names, wins_names
from codered_hq.resolving.asking import Place

BATCH = 2000  # records written at a time: what was learned outlives an interruption
DNS_PORT, WINS_PORT = 53, 137


class Way(NamedTuple):
    """One way to names: what people call it, the kind of source, and the asking of some addresses."""

    name: str
    source: SourceKind
    ask: Callable[[Sequence[str]], Iterator[HostRecord | Skipped]]


class Named(NamedTuple):
    """What one way brought: how many were asked and answered, and why the others did not (reason -> how many)."""

    way: str
    asked: int
    answered: int
    doubts: tuple[Skipped, ...]
    reasons: dict[str, int]


def list_ways(config: NamesConfig) -> tuple[Way, ...]:
    """The ways that this headquarters may go. Raises WrongUse if there is no name server."""
    servers = _find_servers(config)
    ways = [
        Way("node status", "netbios", _ask_nodes),
        Way("reverse DNS", "dns", lambda addresses: _ask_reverse(addresses, servers)),
    ]
    if config.multicast:
        ways += [Way("mDNS", "multicast", lambda addresses: _ask_link(addresses, "mdns"))]
        ways += [Way("LLMNR", "multicast", lambda addresses: _ask_link(addresses, "llmnr"))]
    return tuple(ways)


def resolve(way: Way, addresses: Sequence[str], at: datetime, tell: Callable[[int], None]) -> Named:
    """Go one way for these addresses and record what is answered; `tell` hears how many are settled."""
    records: list[HostRecord] = []
    doubts: list[Skipped] = []
    reasons: dict[str, int] = {}
    left = set(addresses)  # each comes once; what is said of anything else is a doubt about a name
    answered = 0
    for one in way.ask(addresses):
        if isinstance(one, Skipped):
            if one.where not in left:
                doubts.append(one)
            else:
                left.discard(one.where)
                reasons[one.why] = reasons.get(one.why, 0) + 1
        else:
            answered += 1
            left.discard(one.address)
            records.append(one if way.source == "dns" else msgspec.structs.replace(one, seen_at=at))
        if len(records) >= BATCH:
            record_hosts(records, Source(kind=way.source, name=way.name), at)
            records.clear()
        tell(answered + sum(reasons.values()))
    record_hosts(records, Source(kind=way.source, name=way.name), at)
    return Named(way.name, len(addresses), answered, tuple(doubts), reasons)


def resolve_by_wins(hosts: Sequence[Host], config: NamesConfig, at: datetime) -> Named:
    """Ask the WINS servers for the addresses of hosts that have a name and no address."""
    names = [host.label.partition(".")[0] for host in hosts if not host.addresses.filter(current=True).exists()]
    records: list[HostRecord] = []
    reasons: dict[str, int] = {}
    for server in config.wins:
        for one in wins_names.ask_wins(names, (server, WINS_PORT)):
            if isinstance(one, Skipped):
                reasons[one.why] = reasons.get(one.why, 0) + 1
            else:
                found = wins_names.make_records(one)
                records += [msgspec.structs.replace(each, name=one.name.lower(), netbios="") for each in found]
    record_hosts(records, Source(kind="netbios", name="WINS"), at)
    return Named("WINS", len(names), len({record.name for record in records}), (), reasons)


def _ask_nodes(addresses: Sequence[str]) -> Iterator[HostRecord | Skipped]:
    plain = [address for address in addresses if ":" not in address]
    for one in node_status.ask_node_status(plain):
        yield one if isinstance(one, Skipped) else node_status.make_record(one)
    for address in addresses:
        if ":" in address:
            yield Skipped(where=address, why="NetBIOS: knows no IPv6")


def _ask_reverse(addresses: Sequence[str], servers: tuple[Place, ...]) -> Iterator[HostRecord | Skipped]:
    for one in reverse_names.find_reverse_names(addresses, servers):
        if isinstance(one, Skipped):
            yield one
            continue
        yield from one.doubted
        record = reverse_names.make_record(one)
        yield record if record else Skipped(where=one.address, why="DNS: none of its names leads back to it")


def _ask_link(addresses: Sequence[str], protocol: multicast_names.Protocol) -> Iterator[HostRecord | Skipped]:
    plain = [address for address in addresses if ":" not in address]
    for one in multicast_names.ask_on_link(plain, protocol):
        yield one if isinstance(one, Skipped) else multicast_names.make_record(one)


def _find_servers(config: NamesConfig) -> tuple[Place, ...]:
    servers = config.dns
    if not servers:
        try:
            servers = tuple(map(str, dns.resolver.Resolver().nameservers))
        except dns.resolver.NoResolverConfiguration:
            raise WrongUse(
                "no DNS server is known", where="[names] dns", advice="name it in headquarters.toml"
            ) from None
    return tuple((server, DNS_PORT) for server in servers)
