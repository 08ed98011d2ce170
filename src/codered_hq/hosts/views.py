"""Hosts as people and programs are shown them: one document a host, with everything it is known by and its age."""

from collections.abc import Iterator
from datetime import datetime

import msgspec
from django.db.models import QuerySet

from codered_hq.hosts.claiming import find_conflicts
from codered_hq.hosts.models import Host
from codered_hq.hosts.subnets import SubnetIndex, read_subnets

BATCH = 500


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """A value with the source that told it, from first to last time."""

    value: str
    source: str
    first_seen: datetime
    last_seen: datetime


class KnownBy(msgspec.Struct, frozen=True, kw_only=True):
    """An identifier; `shared`: several hosts have it, so it proves nothing."""

    kind: str
    value: str
    source: str
    last_seen: datetime
    shared: bool


class HeldAddress(msgspec.Struct, frozen=True, kw_only=True):
    """An address and when the host had it; `subnet` is the narrowest documented one around it."""

    address: str
    mac: str
    current: bool
    source: str
    first_seen: datetime
    last_seen: datetime
    subnet: str = ""


class PluggedIn(msgspec.Struct, frozen=True, kw_only=True):
    """Where one of its cards was plugged in. `macs` on that port: many mean something with ports of its own."""

    mac: str
    switch: str
    port: str
    description: str
    vlan: int
    macs: int
    last_seen: datetime


class Disagreement(msgspec.Struct, frozen=True, kw_only=True):
    """Sources that contradict each other; the believed one first."""

    kind: str
    said: tuple[Told, ...]


class HostView(msgspec.Struct, frozen=True, kw_only=True):
    """All that is known of one host. Owner and site are those of its subnet where it has none of its own."""

    number: int
    name: str
    state: str
    owner: str
    owner_mail: str
    owner_phone: str
    site: str
    zone: str
    criticality: str
    system: str
    product: str
    engine: str
    tags: tuple[str, ...]
    admins: tuple[str, ...]
    aliases: tuple[str, ...]
    addresses: tuple[HeldAddress, ...]
    identifiers: tuple[KnownBy, ...]
    places: tuple[PluggedIn, ...]
    conflicts: tuple[Disagreement, ...]
    first_seen: datetime
    last_seen: datetime


def view_hosts(hosts: "QuerySet[Host]") -> Iterator[HostView]:
    """The hosts of a query, in its order, read in pieces."""
    subnets = read_subnets()
    related = ("tags", "addresses", "identifiers", "claims", "places")
    rows = hosts.select_related("owner").prefetch_related(*related).iterator(chunk_size=BATCH)
    return (_view(host, subnets) for host in rows)


def _view(host: Host, subnets: SubnetIndex) -> HostView:
    uses = sorted(host.addresses.all(), key=lambda use: (not use.current, -use.last_seen.timestamp(), use.number))
    found = [(use, subnets.find_number(use.number)) for use in uses]
    around = [subnet for use, subnet in found if use.current and subnet]
    zone = next((subnet.zone.name for subnet in around if subnet.zone), "")
    owner = host.owner or next((subnet.owner for subnet in around if subnet.owner), None)
    site = host.site or next((subnet.site for subnet in around if subnet.site), "")
    claims = list(host.claims.all())
    places = sorted(host.places.all(), key=lambda place: -place.last_seen.timestamp())
    return HostView(
        number=host.pk, name=host.label, state=host.state, site=site, zone=zone, criticality=host.criticality,
        owner=owner.name if owner else "", owner_mail=owner.mail if owner else "",
        owner_phone=owner.phone if owner else "", system=host.system, product=host.product,
        engine=host.engine, tags=tuple(sorted(tag.name for tag in host.tags.all())),
        admins=tuple(sorted({claim.value for claim in claims if claim.kind == "admin"})),
        aliases=tuple(sorted({claim.value for claim in claims if claim.kind == "alias"})),
        addresses=tuple(
            HeldAddress(
                address=use.address, mac=use.mac, current=use.current, source=use.source, first_seen=use.first_seen,
                last_seen=use.last_seen, subnet=subnet.range if subnet else "",
            )
            for use, subnet in found
        ),
        identifiers=tuple(
            KnownBy(kind=each.kind, value=each.value, source=each.source, last_seen=each.last_seen, shared=each.shared)
            for each in sorted(host.identifiers.all(), key=lambda each: (each.kind, each.value))
        ),
        places=tuple(
            PluggedIn(
                mac=place.mac, switch=place.switch, port=place.port, description=place.description, vlan=place.vlan,
                macs=place.macs, last_seen=place.last_seen,
            )
            for place in places
        ),
        conflicts=_view_conflicts(host),
        first_seen=host.first_seen, last_seen=host.last_seen,
    )  # fmt: skip


def _view_conflicts(host: Host) -> tuple[Disagreement, ...]:
    first = {(claim.kind, claim.value, claim.source): claim.first_seen for claim in host.claims.all()}
    return tuple(
        Disagreement(
            kind=conflict.kind,
            said=tuple(
                Told(value=value, source=source, first_seen=first[conflict.kind, value, source], last_seen=at)
                for value, source, at in conflict.said
            ),
        )
        for conflict in find_conflicts([host])
    )
