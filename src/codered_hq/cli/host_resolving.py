"""`codered hosts resolve`."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from codered.cli.output import say, show
from codered.export.writing.escaping import printable
from codered.model.errors import ExitCode, WrongUse
from codered_hq.cli.entering import enter_headquarters
from codered_hq.cli.host_choosing import choose
from codered_hq.cli.tables import count
from codered_hq.hosts.finding import Selection, select_hosts
from codered_hq.hosts.models import AddressUse, Host
from codered_hq.hosts.naming import Named, Way, list_ways, resolve, resolve_by_wins
from codered_hq.hosts.numbers import read_range

RESOLVE_FORMAT = "codered/resolve/1"
MOST_ADDRESSES = 1 << 16  # of one range: more is no question but a sweep
MOST_SAID = 10
_TOLD_EVERY = 5000


class NamedView(msgspec.Struct, frozen=True, kw_only=True):
    """One way to names and what it brought; `doubts` are names that do not lead back to their address."""

    way: str
    asked: int
    answered: int
    reasons: dict[str, int]
    doubts: tuple[str, ...]


class ResolveOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """`codered hosts resolve --json`."""

    format: str
    ways: tuple[NamedView, ...]


def resolve_hosts(names: tuple[str, ...], given: dict[str, Any]) -> int:
    """Go every way for the addresses that are meant."""
    headquarters = enter_headquarters()
    config = headquarters.config.names
    if headquarters.config.exercise == "simulated":
        raise WrongUse("the machines are played: nobody is asked", advice="their names came with the drill")
    if given["multicast"]:
        config = msgspec.structs.replace(config, multicast=True)
    selection = choose(names, given)
    hosts = [] if given["ranges"] and selection == Selection() else list(select_hosts(selection))
    addresses = _list_addresses(hosts, given["ranges"])
    if not addresses and not hosts:
        raise WrongUse("no address to ask", advice="import hosts first, or name a --range")
    at = datetime.now(UTC)
    found = [_go(way, addresses, at) for way in list_ways(config)]
    if config.wins and hosts:
        found.append(resolve_by_wins(hosts, config, at))
    views = tuple(map(_view, found))
    if given["as_json"]:
        show(msgspec.json.encode(ResolveOutcome(format=RESOLVE_FORMAT, ways=views)).decode() + "\n")
    else:
        show("".join(f"{line}\n" for view in views for line in _tell(view)))
    return ExitCode.CLEAN


def _list_addresses(hosts: Sequence[Host], ranges: Sequence[str]) -> list[str]:
    numbers = {host.pk for host in hosts}
    uses = AddressUse.objects.filter(current=True).order_by("number").values_list("host_id", "address")
    found = dict.fromkeys(address for host, address in uses if host in numbers)
    for text in ranges:
        network = read_range(text)
        if network.num_addresses > MOST_ADDRESSES:
            raise WrongUse("holds more than 65,536 addresses", where=str(network), advice="name a smaller range")
        found |= dict.fromkeys(str(address) for address in (network.hosts() if network.num_addresses > 2 else network))
    return list(found)


def _go(way: Way, addresses: Sequence[str], at: datetime) -> Named:
    told = 0

    def tell(settled: int) -> None:
        nonlocal told
        if settled - told >= _TOLD_EVERY:
            told = settled
            say(f"{way.name}: {settled:,} of {len(addresses):,}")

    return resolve(way, addresses, at, tell)


def _view(named: Named) -> NamedView:
    doubts = tuple(f"{each.where}: {each.why}" for each in named.doubts)
    return NamedView(
        way=named.way, asked=named.asked, answered=named.answered, reasons=named.reasons, doubts=doubts
    )  # fmt: skip


def _tell(view: NamedView) -> Iterator[str]:
    yield f"{view.way}: {view.answered:,} of {view.asked:,} answered"
    for reason, number in sorted(view.reasons.items(), key=lambda item: -item[1]):
        yield f"  {number:,} not: {printable(reason)}"
    for doubt in view.doubts[:MOST_SAID]:
        yield f"  doubted: {printable(doubt)}"
    if len(view.doubts) > MOST_SAID:
        yield f"  {count(len(view.doubts) - MOST_SAID, 'more doubt')}; --json lists all"
