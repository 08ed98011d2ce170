"""What a person says of a subnet that sources contradict each other about: it holds until a person says otherwise."""

from datetime import datetime

from django.db import transaction

from codered.model.errors import WrongUse
from codered_hq.hosts.disputes import BY_HAND, FACTS, find_settled, keep_words, read_fact
from codered_hq.hosts.models import TEXT, Owner, Subnet, Zone

MOST_VLAN = 4094


def find_subnet(range_: str) -> Subnet:
    """The documented subnet of exactly this range. Raises WrongUse."""
    found = Subnet.objects.select_related("zone", "owner").filter(range=range_.strip(), documented=True).first()
    if found is None:
        advice = "write its range as codered hosts gaps shows it; codered hosts import documents one"
        raise WrongUse("is no documented subnet", where=range_[:64], advice=advice)
    return found


def settle_subnet(subnet: Subnet, said: dict[str, str], at: datetime) -> dict[str, tuple[str, str]]:
    """Say VLAN, site, zone or owner (as in FACTS) by hand at this time (aware); what was said by hand of others stays.
    What changed: field -> what it was, what it is. Raises WrongUse for no VLAN, and a zone that nobody documented.
    """
    zone, vlan = _find_zone(said.get("zone", "")), _read_vlan(said.get("vlan", ""))
    before = {field: read_fact(subnet, field) for field in FACTS}
    with transaction.atomic():
        words = find_settled(subnet) | {field: value[:TEXT] for field, value in said.items()}
        subnet.said = keep_words(subnet, BY_HAND, words, at)
        subnet.vlan, subnet.zone = vlan or subnet.vlan, zone or subnet.zone
        subnet.site = said.get("site", subnet.site)[:TEXT]
        if "owner" in said:
            subnet.owner = Owner.objects.get_or_create(name=said["owner"][:TEXT])[0]
        subnet.save()
    now = {field: read_fact(subnet, field) for field in FACTS}
    return {field: (before[field], now[field]) for field in FACTS if before[field] != now[field]}


def _find_zone(name: str) -> Zone | None:
    found = Zone.objects.filter(name=name).first() if name else None
    if name and found is None:
        known = ", ".join(Zone.objects.order_by("name").values_list("name", flat=True)[:10]) or "none"
        raise WrongUse("is no zone that is known", where=name[:64], advice=f"known: {known}")
    return found


def _read_vlan(text: str) -> int:
    if text and not (text.isascii() and text.isdecimal() and len(text) <= 4 and 1 <= int(text) <= MOST_VLAN):
        raise WrongUse("is no VLAN", where=text[:64], advice=f"write a number from 1 to {MOST_VLAN}")
    return int(text or 0)
