"""What the inventory does not know, or knows twice: what a crisis team should mend before the night it needs it."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import msgspec
from django.db.models import Count

from codered_hq.hosts.claiming import find_conflicts
from codered_hq.hosts.disputes import find_disputes
from codered_hq.hosts.hearsay import TOLD
from codered_hq.hosts.models import AddressUse, Claim, Host, Identifier, Place, Subnet, Zone
from codered_hq.hosts.subnets import read_subnets

GAPS_FORMAT = "codered/gaps/1"
STALE = timedelta(days=30)
MANY = 4  # MACs on a port, from which on something with ports of its own hangs there


class Gap(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to mend: its kind, what it is about, and what to do."""

    kind: str
    about: str
    why: str
    advice: str


class GapList(msgspec.Struct, frozen=True, kw_only=True):
    """`codered hosts gaps --json`."""

    format: str
    gaps: tuple[Gap, ...]


def find_gaps(at: datetime) -> tuple[Gap, ...]:
    """Every gap, by kind; `at` (aware) is now."""
    looks: tuple[Callable[[datetime], Iterator[Gap]], ...] = (
        _find_overlaps, _find_disputes, _find_unknown_subnets, _find_unreachable_zones, _find_outside,
        _find_without_owner, _find_shared, _find_contested, _find_disagreements, _find_told, _find_two_places,
        _find_stale,
    )  # fmt: skip
    return tuple(gap for look in looks for gap in look(at))


def _find_overlaps(_at: datetime) -> Iterator[Gap]:
    """One inside of another is how networks are documented; but not in another zone, VLAN or site."""
    wider: list[Subnet] = []
    rows = Subnet.objects.filter(documented=True).select_related("zone").order_by("first", "-last")
    for subnet in rows:
        wider = [each for each in wider if each.last >= subnet.first]
        for each in wider:
            differs = [
                name
                for name in ("zone", "site", "vlan")
                if getattr(each, name) and getattr(subnet, name) != getattr(each, name)
            ]
            if differs:
                why = f"lies in {each.range}, which has another {' and '.join(differs)}"
                yield Gap(kind="overlap", about=subnet.range, why=why, advice="correct one of them, import it again")
        wider.append(subnet)


def _find_disputes(_at: datetime) -> Iterator[Gap]:
    """The newest word counts, but whether it is the right one, a person must say."""
    for subnet in Subnet.objects.filter(documented=True).order_by("first"):
        if told := "; ".join(find_disputes(subnet)):
            advice = f"correct the wrong one and import it again, or: codered hosts subnet {subnet.range} --set-…"
            yield Gap(kind="conflict: subnet", about=subnet.range, why=told, advice=advice)


def _find_unknown_subnets(_at: datetime) -> Iterator[Gap]:
    for subnet in Subnet.objects.filter(documented=False).order_by("first"):
        why = f"nobody documented it; seen by {subnet.source}"
        yield Gap(kind="unknown subnet", about=subnet.range, why=why, advice="document it, and sweep it")


def _find_unreachable_zones(_at: datetime) -> Iterator[Gap]:
    for zone in (
        Zone.objects.annotate(points=Count("scan_points")).filter(points=0).exclude(kind="open").order_by("name")
    ):
        why = zone.blocked or f"a {zone.kind} zone without a scan point"
        advice = (
            f"set up a scan point in it, or carry a bundle there: codered sweep --zone {zone.name} --bundle -o FILE.zip"
        )
        yield Gap(kind="zone out of reach", about=zone.name, why=why, advice=advice)


def _find_outside(_at: datetime) -> Iterator[Gap]:
    subnets = read_subnets(documented_only=True)
    for use in AddressUse.objects.filter(current=True).select_related("host").order_by("number"):
        if subnets.find_number(use.number) is None:
            advice = "document its subnet"
            yield Gap(kind="outside", about=f"{use.host} {use.address}", why="in no documented subnet", advice=advice)


def _find_without_owner(_at: datetime) -> Iterator[Gap]:
    subnets = read_subnets()
    for host in Host.objects.filter(owner=None).prefetch_related("addresses").order_by("label"):
        around = [subnets.find_number(use.number) for use in host.addresses.all() if use.current]
        if any(subnet and subnet.owner_id for subnet in around):
            continue
        advice = f"codered hosts tag '#{host.pk}' --set-owner NAME"
        yield Gap(kind="no owner", about=host.label, why="nobody to call at night", advice=advice)


def _find_shared(_at: datetime) -> Iterator[Gap]:
    rows = Identifier.objects.filter(shared=True).values("kind", "value").annotate(hosts=Count("host", distinct=True))
    for row in rows.order_by("kind", "value"):
        why = f"{row['hosts']} hosts have it at once, so it no longer tells them apart"
        advice = "give each its own, or scan them: the machine id tells"
        yield Gap(kind=f"shared {row['kind']}", about=row["value"], why=why, advice=advice)


def _find_contested(_at: datetime) -> Iterator[Gap]:
    rows = AddressUse.objects.filter(current=True).values("address").annotate(hosts=Count("host", distinct=True))
    for row in rows.filter(hosts__gt=1).order_by("address"):
        uses = AddressUse.objects.filter(address=row["address"], current=True).select_related("host")
        said = "; ".join(f"{use.host} by {use.source} on {use.last_seen:%Y-%m-%d %H:%M}" for use in uses)
        yield Gap(kind="contested address", about=row["address"], why=said, advice="see which of them answers there")


def _find_disagreements(_at: datetime) -> Iterator[Gap]:
    hosts = Host.objects.annotate(said=Count("claims")).filter(said__gt=1).prefetch_related("claims").order_by("label")
    for conflict in find_conflicts(list(hosts)):
        said = "; ".join(f"{value} by {source} on {at:%Y-%m-%d}" for value, source, at in conflict.said)
        advice = f"settle it: codered hosts tag '#{conflict.host.pk}' --set-{conflict.kind} VALUE"
        yield Gap(kind=f"conflict: {conflict.kind}", about=conflict.host.label, why=said, advice=advice)


def _find_told(at: datetime) -> Iterator[Gap]:
    """What a machine says of itself and nobody believes, since it is another host's, or it said otherwise before."""
    said: dict[tuple[Host, str], list[str]] = {}
    told = Claim.objects.filter(kind__endswith=TOLD, last_seen__gte=at - STALE).select_related("host")
    for claim in told.order_by("host__label", "host", "kind", "value"):
        kind = claim.kind.removesuffix(TOLD)
        known = Identifier.objects.filter(kind=kind, value=claim.value)
        others = ", ".join(f"{each.host} #{each.host_id}" for each in known.select_related("host")[:MANY])
        own = claim.host.identifiers.filter(kind=kind, value=claim.value).exists()
        if not own and (others or kind in ("machine_id", "serial")):
            what = f"that of {others}" if others else "another than before"
            said.setdefault((claim.host, kind), []).append(f"{claim.value} by {claim.source}, {what}")
    for (host, kind), lines in said.items():
        more = f" (and {len(lines) - MANY} more)" if len(lines) > MANY else ""
        advice = f"look at both; if it was made anew: codered fleet trust '#{host.pk}'"
        yield Gap(kind=f"conflict: {kind}", about=host.label, why="; ".join(lines[:MANY]) + more, advice=advice)


def _find_two_places(at: datetime) -> Iterator[Gap]:
    """One MAC on two edge ports at about the same time: a switch that lies, a loop, or a copied MAC."""
    recent = Place.objects.filter(last_seen__gte=at - timedelta(hours=1), macs__lt=MANY)
    for row in recent.values("mac").annotate(ports=Count("id")).filter(ports__gt=1).order_by("mac"):
        places = recent.filter(mac=row["mac"])
        if max(place.last_seen for place in places) - min(place.last_seen for place in places) < timedelta(minutes=5):
            said = "; ".join(f"{place} at {place.last_seen:%H:%M:%S}" for place in places)
            yield Gap(kind="two ports", about=row["mac"], why=said, advice="look at both ports")


def _find_stale(at: datetime) -> Iterator[Gap]:
    for host in Host.objects.filter(last_seen__lt=at - STALE).order_by("last_seen"):
        why = f"not seen since {host.last_seen:%Y-%m-%d}"
        yield Gap(kind="stale", about=host.label, why=why, advice="switched off, or moved to where nobody looks?")
