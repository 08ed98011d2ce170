"""Coverage: for every documented subnet, what became of each of its addresses and why. Silence is never called clean:
a subnet that can't be heard is not covered, and says so.
"""

import ipaddress
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import msgspec
from django.db.models import Q

from codered_hq.hosts.models import AddressUse, Subnet
from codered_hq.sweeps.intervals import (
    Interval,
    Intervals,
    address_of,
    count,
    count_numbers,
    holds,
    intersect,
    merge,
    number_of,
    read_intervals,
    subtract,
    write_ranges,
)  # fmt: skip
from codered_hq.sweeps.models import SweptAddress
from codered_hq.sweeps.recording import ANSWERED
from codered_hq.sweeps.tallying import Heard, View, list_swept
from codered_hq.sweeps.targets import TOO_LARGE, is_sweepable, list_known
from codered_hq.sweeps.uncovered import Known, Row, find_reasons, judge_row
from codered_hq.sweeps.zoning import Insides, Part, ZoneMap, split_subnets

COVERAGE_FORMAT = "codered/coverage/1"
MAX_AGE = timedelta(hours=24)
COVERED = ("answered", "silent", "refused")
MOST_OUTSIDE = 1000


class CoveredSubnet(msgspec.Struct, frozen=True, kw_only=True):
    """A subnet and its addresses by what became of them: `counts` adds up to `total`, `reasons` says why for those that
    are not covered. `listed`: too large to sweep, so only known addresses count. `partial`: only some of its addresses
    were asked for, and all else here is of those alone. What lies in a narrower subnet counts there.
    """

    range: str
    total: int
    counts: dict[str, int]
    reasons: dict[str, str]
    complete: bool
    documented: bool
    name: str = ""
    zone: str = ""
    site: str = ""
    owner: str = ""
    listed: bool = False
    partial: bool = False
    newest: datetime | None = None


class Coverage(msgspec.Struct, frozen=True, kw_only=True):
    """`codered sweep --coverage --json`. `unknown` are subnets that nobody documented and that were seen, or that hosts
    have addresses in (a /24 or /64 around each); `outside` addresses that answered in no known subnet at all.
    """

    format: str
    at: datetime
    max_age_hours: float
    total: int
    counts: dict[str, int]
    complete: bool
    subnets: tuple[CoveredSubnet, ...]
    unknown: tuple[CoveredSubnet, ...]
    outside: tuple[str, ...]


def measure_coverage(at: datetime, max_age: timedelta = MAX_AGE, scope: Sequence[str] = ()) -> Coverage:
    """What is covered at this time (aware), of all sweeps together; results older than `max_age` are stale. A scope
    (ranges) looks at these addresses alone, documented or not.
    """
    wanted = read_intervals(scope) if scope else None
    documented = split_subnets(list(Subnet.objects.filter(documented=True).select_related("zone", "owner")))
    look = _Look(at, max_age, ZoneMap(documented), wanted)
    covered = merge(interval for part in documented for interval in part.own)
    seen = [
        Part(part.subnet, subtract(part.own, covered))
        for part in split_subnets(list(Subnet.objects.filter(documented=False).select_related("zone", "owner")))
    ]
    subnets = tuple(look.measure(part) for part in _limit(documented, wanted))
    unknown = tuple(look.measure(part) for part in _limit(seen, wanted))
    known = merge([*covered, *(interval for part in seen for interval in part.own)])
    if wanted is None:
        unknown += tuple(map(look.measure, _surround_hosts(known)))
    else:
        unknown += tuple(
            look.measure(Part(Subnet(range=text, documented=False), read_intervals((text,))))
            for text in write_ranges(subtract(wanted, known))
        )
    totals: Counter[str] = Counter()
    for each in (*subnets, *(unknown if wanted is not None else ())):
        totals.update(each.counts)
    outside = () if wanted is not None else _find_outside(known)
    gaps = [each for each in (*subnets, *unknown) if not each.complete]
    return Coverage(
        format=COVERAGE_FORMAT, at=at, max_age_hours=max_age.total_seconds() / 3600, total=totals.total(),
        counts=dict(totals), complete=not (gaps or outside) and bool(subnets or unknown), subnets=subnets,
        unknown=unknown, outside=outside,
    )  # fmt: skip


class _Look:
    """All that is read once to measure many subnets."""

    def __init__(self, at: datetime, max_age: timedelta, zones: ZoneMap, wanted: Intervals | None) -> None:
        self._fresh_from, self._wanted = at - max_age, wanted
        self._insides = Insides(zones)
        self._heard = Heard()
        self._reasons = find_reasons(at)
        self._known = _read_known(at)

    def measure(self, part: Part) -> CoveredSubnet:
        """What became of the addresses of a subnet."""
        subnet, own = part.subnet, part.own
        partial = self._wanted is not None and bool(subtract(own, self._wanted))
        listed = not all(map(is_sweepable, own))
        if self._wanted is not None:
            own = intersect(own, self._wanted)
        if not all(map(is_sweepable, own)):
            own = self._list_own(own)
        gateways = _find_gateways(subnet)
        routers = count_numbers(self._known, intersect(own, gateways))
        known = Known(count_numbers(self._known, own) - routers, routers)
        view = View(self._fresh_from, self._insides.of(subnet.zone), self._heard)
        row = judge_row(Row(subnet.zone, own, known, gateways), view, self._reasons)
        if listed and not own:
            row.reasons["never_swept"] = TOO_LARGE
        counts = {name: number for name, number in row.counts.items() if number}
        return CoveredSubnet(
            range=subnet.range, total=count(own), counts=counts, reasons=row.reasons, listed=listed, partial=partial,
            complete=not row.reasons and all(name in COVERED for name in counts), documented=subnet.documented,
            name=subnet.name, zone=subnet.zone.name if subnet.zone else "", site=subnet.site,
            owner=subnet.owner.name if subnet.owner else "", newest=row.newest,
        )  # fmt: skip

    def _list_own(self, own: Intervals) -> Intervals:
        """Of what is too large to be swept whole: the addresses that hosts have, or that were swept."""
        known = [known for interval in own for known in list_known(interval)]
        swept = (number for interval in own for number in list_swept(interval, self._heard))
        return merge([*known, *(Interval(number, number) for number in swept)])


def _find_gateways(subnet: Subnet) -> Intervals:
    """Where the router of a subnet usually is: its first or its last address for a host."""
    whole = read_intervals((subnet.range,))[0]
    if whole.size() < 4:
        return ()
    return (Interval(whole.first + 1, whole.first + 1), Interval(whole.last - 1, whole.last - 1))


def _limit(parts: Sequence[Part], wanted: Intervals | None) -> Iterator[Part]:
    for part in parts:
        if part.own if wanted is None else intersect(part.own, wanted):
            yield part


def _read_known(at: datetime) -> list[int]:
    """The addresses that hosts have, in order, whoever told it and however long ago; but for leases that ended."""
    known = AddressUse.objects.filter(Q(until__gte=at) | Q(until__isnull=True), current=True)
    numbers = known.values_list("number", flat=True).order_by("number").distinct()
    return [int(number, 16) for number in numbers.iterator()]


def _surround_hosts(known: Intervals) -> Iterator[Part]:
    """A /24 or /64 around each address that a host has now and that is in no known subnet: somebody's network."""
    numbers = AddressUse.objects.filter(current=True).values_list("number", flat=True).order_by("number").distinct()
    found: dict[str, None] = {}
    for text in numbers.iterator():
        number = int(text, 16)
        address = ipaddress.ip_address(address_of(number))
        if not (holds(known, number, number) or address.is_loopback or address.is_link_local):
            found[str(ipaddress.ip_network((address, 24 if address.version == 4 else 64), strict=False))] = None
            if len(found) == MOST_OUTSIDE:
                break
    for text in found:
        yield Part(Subnet(range=text, documented=False), subtract(read_intervals((text,)), known))


def _find_outside(known: Intervals) -> tuple[str, ...]:
    rows = SweptAddress.objects.filter(state__in=ANSWERED).values_list("address", flat=True).distinct()
    outside: set[str] = set()
    for address in rows.iterator():
        number = number_of(address)
        if len(outside) < MOST_OUTSIDE and not holds(known, number, number):
            outside.add(address)
    return tuple(sorted(outside, key=number_of))
