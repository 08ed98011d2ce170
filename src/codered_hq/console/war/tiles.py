"""The map of subnets: one tile each, how far it is covered and why not, and how many of its hosts are infected."""

from collections import Counter
from datetime import datetime
from typing import NamedTuple

from codered_hq.console.live.caching import keep
from codered_hq.console.live.topics import Look
from codered_hq.hosts.models import AddressUse, Host, Subnet
from codered_hq.hosts.subnets import read_subnets
from codered_hq.reporting.numbers import count_missing, list_parts
from codered_hq.sweeps.coverage import Coverage, CoveredSubnet, measure_coverage

SICK = ("infected", "suspect", "contained")
_ORDER = ("missed", "partly", "covered")


class Tile(NamedTuple):
    """One subnet. `state`: covered, partly, missed; `number` its own (0: nobody wrote it down); `missing` addresses;
    `why` the reasons, one line each; `hosts` and the sick of them by state.
    """

    covered: CoveredSubnet
    number: int
    state: str
    missing: int
    why: tuple[str, ...]
    hosts: int
    infected: int
    suspect: int
    contained: int

    @property
    def percent(self) -> int:
        """How much of it is covered, rounded down: 100 is all of it."""
        total = self.covered.total
        return 100 if self.state == "covered" else min(99, (total - self.missing) * 100 // total) if total else 0


def find_coverage(at: datetime, look: Look) -> Coverage:
    """What is covered at this time (aware), measured again only when something of it has changed."""
    return keep("coverage", ("coverage",), lambda: measure_coverage(at), look)


def make_tiles(at: datetime, look: Look) -> tuple[Tile, ...]:
    """A tile for each subnet, those with infected hosts first, then those that are covered least."""
    return keep("tiles", ("coverage", "hosts"), lambda: _make(find_coverage(at, look)), look)


def _make(coverage: Coverage) -> tuple[Tile, ...]:
    numbers = dict(Subnet.objects.values_list("range", "pk"))
    hosts, sick = _count_hosts()
    tiles = [
        _make_tile(each, numbers.get(each.range, 0), hosts, sick) for each in list_parts(coverage)
    ]  # fmt: skip
    return tuple(sorted(tiles, key=_order))


def _order(tile: Tile) -> tuple[object, ...]:
    return (-tile.infected, -tile.suspect, -tile.contained, _ORDER.index(tile.state), -tile.missing)


def _make_tile(each: CoveredSubnet, number: int, hosts: Counter[str], sick: Counter[tuple[str, str]]) -> Tile:
    missing = 0 if each.complete else count_missing(each)
    state = "covered" if each.complete else "missed" if missing >= each.total else "partly"
    why = tuple(f"{name.replace('_', ' ')}: {said}" for name, said in each.reasons.items())
    infected, suspect, contained = (sick[each.range, name] for name in SICK)
    return Tile(each, number, state, missing, why, hosts[each.range], infected, suspect, contained)


def _count_hosts() -> tuple[Counter[str], Counter[tuple[str, str]]]:
    """How many hosts have an address in each subnet now, and how many of them are in each sick state."""
    index, hosts, sick = read_subnets(), Counter[str](), Counter[tuple[str, str]]()
    states = dict(Host.objects.filter(state__in=SICK).values_list("pk", "state"))
    for number, host in AddressUse.objects.filter(current=True).order_by("number").values_list("number", "host_id"):
        subnet = index.find_number(number)
        if subnet is not None:
            hosts[subnet.range] += 1
            if host in states:
                sick[subnet.range, states[host]] += 1
    return hosts, sick
