"""Hosts by what a user calls them: a name, an address, a MAC, a serial number, a range, a mark."""

import ipaddress
import re
from typing import NamedTuple

from django.db.models import Q, QuerySet

from codered.model.errors import WrongUse
from codered_hq.hosts.models import CRITICALITIES, HOST_STATES, Host, Owner, Subnet, Tag, Zone
from codered_hq.hosts.numbers import read_range, to_bounds, to_number

_MAC = re.compile(r"[0-9a-f]{2}([:-]?)(?:[0-9a-f]{2}\1){4}[0-9a-f]{2}")
MOST_MATCHES = 5  # named in an error


class Selection(NamedTuple):
    """Which hosts are meant: named ones, and those that every given mark fits. Nothing given = all."""

    names: tuple[str, ...] = ()
    subnets: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    owner: str = ""
    site: str = ""
    zone: str = ""
    state: str = ""
    criticality: str = ""


def find_host(text: str) -> Host:
    """The one host that is called so. Raises WrongUse if there is none or several."""
    found = list(_match(text)[: MOST_MATCHES + 1])
    if not found:
        raise WrongUse("no host is known by this", where=text[:80], advice="codered hosts show lists them")
    if len(found) > 1:
        names = ", ".join(f"{host.label} (#{host.pk})" for host in found[:MOST_MATCHES])
        raise WrongUse(f"several hosts fit: {names}", where=text[:80], advice="name one by #NUMBER, MAC or serial")
    return found[0]


def find_host_at(address: str) -> Host | None:
    """The host that has an address now, None if nobody is known there."""
    held = Host.objects.filter(addresses__number=to_number(address), addresses__current=True)
    return held.order_by("-addresses__last_seen").first()


def select_hosts(selection: Selection) -> "QuerySet[Host]":
    """The hosts that are meant, by label. Raises WrongUse for a name that fits none, and for a mark that nobody has."""
    _refuse_unknown(selection)
    found = Host.objects.all()
    if selection.names:
        found = found.filter(pk__in=[find_host(name).pk for name in selection.names])
    if selection.subnets:
        found = found.filter(_in_ranges(selection.subnets))
    for tag in selection.tags:
        found = found.filter(tags__name=tag)
    if selection.owner:
        found = found.filter(owner__name=selection.owner)
    if selection.zone:
        found = found.filter(_in_zone(selection.zone))
    for field in ("site", "state", "criticality"):
        if value := getattr(selection, field):
            found = found.filter(**{field: value})
    return found.order_by("label", "pk").distinct()


def _refuse_unknown(selection: Selection) -> None:
    """A mistyped mark must not read as "there is none"."""
    for word, given, choices in (
        ("state", selection.state, HOST_STATES),
        ("criticality", selection.criticality, CRITICALITIES),
    ):
        names = [name for name, _ in choices]
        if given and given not in names:
            raise WrongUse(f"no such {word}", where=given[:80], advice=f"choose one of {', '.join(names)}")
    for tag in selection.tags:
        if not Tag.objects.filter(name=tag).exists():
            raise WrongUse("no such tag", where=tag[:80], advice="codered hosts tag --add makes one")
    if selection.owner and not Owner.objects.filter(name=selection.owner).exists():
        raise WrongUse("no such owner", where=selection.owner[:80], advice="codered hosts show lists them")
    site = selection.site
    if site and not (Host.objects.filter(site=site).exists() or Subnet.objects.filter(site=site).exists()):
        raise WrongUse("no such site", where=site[:80], advice="codered hosts show HOST tells a host's")


def _match(text: str) -> "QuerySet[Host]":
    """Hosts by a number (#12), an address, a MAC, or a name with or without its domain."""
    plain = text.strip().lower()
    if plain.startswith("#") and plain[1:].isdecimal():
        return Host.objects.filter(pk=int(plain[1:]))
    try:
        number = to_number(str(ipaddress.ip_address(plain)))
    except ValueError:
        pass
    else:
        return Host.objects.filter(addresses__number=number, addresses__current=True).distinct()
    if _MAC.fullmatch(plain):
        digits = plain.replace(":", "").replace("-", "")
        mac = ":".join(digits[place : place + 2] for place in range(0, 12, 2))
        return Host.objects.filter(identifiers__kind="mac", identifiers__value=mac).distinct()
    exact = Host.objects.filter(Q(label__iexact=plain) | Q(identifiers__value__iexact=text.strip())).distinct()
    return exact if exact.exists() else Host.objects.filter(identifiers__value__istartswith=f"{plain}.").distinct()


def _in_ranges(ranges: tuple[str, ...]) -> Q:
    fits = Q()
    for text in ranges:
        first, last = to_bounds(read_range(text))
        fits |= Q(addresses__number__gte=first, addresses__number__lte=last, addresses__current=True)
    return fits


def _in_zone(name: str) -> Q:
    zone = Zone.objects.filter(name=name).first()
    if zone is None:
        raise WrongUse("no such zone", where=name[:80], advice="codered hosts gaps lists the zones")
    ranges = tuple(zone.subnets.values_list("range", flat=True))
    return _in_ranges(ranges) if ranges else Q(pk__in=())
