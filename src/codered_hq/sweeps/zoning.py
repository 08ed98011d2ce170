"""Which zone addresses are in, and so from inside of which zone a sweep was made."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from codered.model.errors import Refused
from codered_hq.hosts.models import Subnet, Zone
from codered_hq.sweeps.intervals import Interval, Intervals, count, intersect, merge, read_intervals, subtract
from codered_hq.sweeps.making import read_job
from codered_hq.sweeps.models import Sweep


class Part(NamedTuple):
    """A subnet and those of its addresses that no narrower one has."""

    subnet: Subnet
    own: Intervals


def split_subnets(subnets: Sequence[Subnet]) -> list[Part]:
    """Each address belongs to the narrowest subnet around it, and to no other."""
    bounds = {subnet.range: read_intervals((subnet.range,))[0] for subnet in subnets}
    inner: dict[str, list[Interval]] = {subnet.range: [] for subnet in subnets}
    around: list[Subnet] = []
    ordered = sorted(subnets, key=lambda each: (bounds[each.range].first, -bounds[each.range].size()))
    for subnet in ordered:
        while around and bounds[around[-1].range].last < bounds[subnet.range].first:
            around.pop()
        if around:
            inner[around[-1].range].append(bounds[subnet.range])
        around.append(subnet)
    return [Part(each, subtract((bounds[each.range],), merge(inner[each.range]))) for each in ordered]


def is_closed(zone: Zone | None) -> bool:
    """Whether silence that is heard from outside of a zone says nothing of it."""
    return zone is not None and (zone.kind == "protected" or bool(zone.blocked))


class ZoneMap:
    """The addresses of each zone, as its documented subnets say."""

    def __init__(self, parts: Iterable[Part]) -> None:
        gathered: defaultdict[int, list[Interval]] = defaultdict(list)
        self._zones: dict[int, Zone] = {}
        for subnet, own in parts:
            if subnet.zone is not None:
                self._zones[subnet.zone.pk] = subnet.zone
                gathered[subnet.zone.pk].extend(own)
        self._own = {zone: merge(found) for zone, found in gathered.items()}

    def find(self, addresses: Intervals) -> list[Zone]:
        """The zones that some of these addresses are in, by name."""
        found = [self._zones[zone] for zone, own in self._own.items() if intersect(addresses, own)]
        return sorted(found, key=lambda zone: zone.name)

    def find_sides(self, addresses: Intervals) -> list[Zone]:
        """Those of them that differ by where one stands: closed ones and labs."""
        return [zone for zone in self.find(addresses) if is_closed(zone) or zone.kind == "lab"]

    def count_others(self, addresses: Intervals, zone: Zone) -> int:
        """How many of these addresses are not in this zone."""
        return count(subtract(addresses, self._own.get(zone.pk, ())))


class Insides:
    """Which sweeps were made from inside of which zone: a scan point stands in its own, a bundle is carried to where
    its addresses are. One of addresses of several such zones was made from inside of none.
    """

    def __init__(self, zones: ZoneMap) -> None:
        gathered: defaultdict[int | None, set[int]] = defaultdict(set)
        for sweep in Sweep.objects.exclude(bundle="").iterator():
            sides = zones.find_sides(read_intervals(read_job(sweep).ranges))
            if len(sides) == 1:
                gathered[sides[0].pk].add(sweep.pk)
            elif not sides:
                gathered[None].add(sweep.pk)
        for pk, zone in Sweep.objects.filter(point__isnull=False).values_list("pk", "point__zone"):
            gathered[zone].add(pk)
        self._sweeps = {zone: frozenset(sweeps) for zone, sweeps in gathered.items()}

    def of(self, zone: Zone | None) -> frozenset[int]:
        """The sweeps that were made from inside of it."""
        nowhere = (
            frozenset() if is_closed(zone) or (zone and zone.kind == "lab") else self._sweeps.get(None, frozenset())
        )
        return nowhere | (self._sweeps.get(zone.pk, frozenset()) if zone else frozenset())


def read_zones() -> ZoneMap:
    """The zones as they are documented now."""
    return ZoneMap(split_subnets(list(Subnet.objects.filter(documented=True).select_related("zone"))))


def check_one_zone(addresses: Intervals) -> None:
    """That addresses can be swept from one place: silence in one closed zone, heard from another, says nothing. Raises
    Refused.
    """
    sides = read_zones().find_sides(addresses)
    if len(sides) > 1:
        names = ", ".join(zone.name for zone in sides[:5])
        raise Refused(f"its addresses are in several closed zones ({names})", advice="make a bundle for each of them")
