"""Coverage: for every documented subnet, what became of each of its addresses and why. Silence is never called clean:
a subnet that can't be heard is not covered, and says so.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec
from django.db.models import Q

from codered_hq.hosts.models import AddressUse, Subnet
from codered_hq.sweeps.intervals import (
    Interval,
    Intervals,
    count,
    intersect,
    merge,
    number_of,
    read_intervals,
    subtract,
    write_ranges,
)  # fmt: skip
from codered_hq.sweeps.models import Sweep, SweptAddress
from codered_hq.sweeps.recording import ANSWERED
from codered_hq.sweeps.tallying import View, list_swept
from codered_hq.sweeps.targets import TOO_LARGE, is_sweepable, list_known
from codered_hq.sweeps.uncovered import Reasons, Row, find_reasons, judge_row

COVERAGE_FORMAT = "codered/coverage/1"
MAX_AGE = timedelta(hours=24)
COVERED = ("answered", "silent", "refused")
MOST_OUTSIDE = 1000


class CoveredSubnet(msgspec.Struct, frozen=True, kw_only=True):
    """A subnet and its addresses by what became of them: `counts` adds up to `total`, `reasons` says why for those that
    are not covered. `listed`: too large to sweep, so only known addresses count. `part_of` another one: that one's
    numbers leave these addresses out.
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
    newest: datetime | None = None


class Coverage(msgspec.Struct, frozen=True, kw_only=True):
    """`codered sweep --coverage --json`. `unknown` are subnets that nobody documented and that were seen; `outside`
    addresses that answered in no known subnet at all.
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


class _Part(NamedTuple):
    """A subnet and those of its addresses that no narrower one has."""

    subnet: Subnet
    own: Intervals


def measure_coverage(at: datetime, max_age: timedelta = MAX_AGE, scope: Sequence[str] = ()) -> Coverage:
    """What is covered at this time (aware), of all sweeps together; results older than `max_age` are stale. A scope
    (ranges) looks at these addresses alone, documented or not.
    """
    inside = frozenset(Sweep.objects.filter(~Q(bundle="") | Q(point__isnull=False)).values_list("pk", flat=True))
    view = View(at - max_age, inside)
    reasons = find_reasons(at)
    wanted = read_intervals(scope) if scope else None
    documented = _split(list(Subnet.objects.filter(documented=True).select_related("zone", "owner")))
    covered = merge(interval for part in documented for interval in part.own)
    seen = [
        _Part(part.subnet, subtract(part.own, covered))
        for part in _split(list(Subnet.objects.filter(documented=False).select_related("zone", "owner")))
    ]
    subnets = tuple(_measure(part, view, reasons, wanted) for part in _limit(documented, wanted))
    unknown = tuple(_measure(part, view, reasons, wanted) for part in _limit(seen, wanted))
    known = merge([*covered, *(interval for part in seen for interval in part.own)])
    if wanted is not None:
        unknown += tuple(
            _measure(_Part(Subnet(range=text, documented=False), read_intervals((text,))), view, reasons, wanted)
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


def _measure(part: _Part, view: View, reasons: Reasons, wanted: Intervals | None) -> CoveredSubnet:
    subnet, own = part.subnet, part.own
    listed = not all(map(is_sweepable, own))
    if listed:
        own = _list_own(own)
        if wanted is not None:
            own = intersect(own, wanted)
    row = judge_row(Row(subnet.zone, own, _count_alive(own, view, reasons.at), _find_gateways(subnet)), view, reasons)
    if listed and not own:
        row.reasons["never_swept"] = TOO_LARGE
    counts = {name: number for name, number in row.counts.items() if number}
    return CoveredSubnet(
        range=subnet.range, total=count(own), counts=counts, reasons=row.reasons, listed=listed,
        complete=not row.reasons and all(name in COVERED for name in counts), documented=subnet.documented,
        name=subnet.name, zone=subnet.zone.name if subnet.zone else "", site=subnet.site,
        owner=subnet.owner.name if subnet.owner else "", newest=row.newest,
    )  # fmt: skip


def _split(subnets: list[Subnet]) -> list[_Part]:
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
    return [_Part(each, subtract((bounds[each.range],), merge(inner[each.range]))) for each in ordered]


def _find_gateways(subnet: Subnet) -> Intervals:
    """Where the router of a subnet usually is: its first or its last address for a host."""
    whole = read_intervals((subnet.range,))[0]
    if whole.size() < 4:
        return ()
    return (Interval(whole.first + 1, whole.first + 1), Interval(whole.last - 1, whole.last - 1))


def _limit(parts: Sequence[_Part], wanted: Intervals | None) -> Iterator[_Part]:
    for part in parts:
        own = part.own if wanted is None else intersect(part.own, wanted)
        if own:
            yield _Part(part.subnet, own)


def _list_own(own: Intervals) -> Intervals:
    """Of what is too large to be swept whole: the addresses that hosts have, or that were swept."""
    known = merge(known for interval in own for known in list_known(interval))
    return merge([*known, *(Interval(number, number) for interval in own for number in list_swept(interval))])


def _count_alive(own: Intervals, view: View, at: datetime) -> int:
    """Addresses that something else than a sweep or a document knows to be in use: leases, ARP tables, scans."""
    told = Q(until__gte=at) | Q(until__isnull=True, last_seen__gte=view.fresh_from)
    alive = AddressUse.objects.filter(told, current=True).exclude(
        source__regex=r"^(sweep|csv|yaml|netbox|zone-file|hand):"
    )
    return sum(alive.filter(number__gte=f"{each.first:032x}", number__lte=f"{each.last:032x}").count() for each in own)


def _find_outside(known: Intervals) -> tuple[str, ...]:
    rows = SweptAddress.objects.filter(state__in=ANSWERED).values_list("address", flat=True).distinct()
    outside: set[str] = set()
    for address in rows.iterator():
        number = number_of(address)
        if len(outside) < MOST_OUTSIDE and not intersect((Interval(number, number),), known):
            outside.add(address)
    return tuple(sorted(outside, key=number_of))
