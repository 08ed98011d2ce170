"""What people say of hosts and subnets by hand; it outranks every other source."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from codered.model.errors import WrongUse
from codered_hq.hosts.claiming import believe
from codered_hq.hosts.models import TEXT, Claim, Host, Owner, Tag

BY_HAND = "hand:codered hosts tag"
_WORD = 64


def mark_hosts(hosts: Iterable[Host], add: Iterable[str], remove: Iterable[str]) -> None:
    """Add and remove tags. Raises WrongUse for one that is no word."""
    adding = [_make_tag(name) for name in add]
    with transaction.atomic():
        removing = list(Tag.objects.filter(name__in=list(remove)))
        for host in hosts:
            host.tags.add(*adding)
            host.tags.remove(*removing)


def claim_by_hand(hosts: Iterable[Host], said: dict[str, str], at: datetime) -> None:
    """Say owner, site, criticality, system or product of hosts (kind -> value); what was said by hand before goes."""
    with transaction.atomic():
        for host in hosts:
            for kind, value in said.items():
                host.claims.filter(kind=kind, source=BY_HAND).delete()
                Claim.objects.create(
                    host=host, kind=kind, value=value[:TEXT], source=BY_HAND, first_seen=at, last_seen=at
                )
            owners = {said["owner"]: Owner.objects.get_or_create(name=said["owner"])[0]} if "owner" in said else {}
            owners |= {owner.name: owner for owner in Owner.objects.filter(name__in=_list_owners(host))}
            believe(host, host.claims.all(), owners)
            host.save()


def _list_owners(host: Host) -> list[str]:
    return list(host.claims.filter(kind="owner").values_list("value", flat=True))


def _make_tag(name: str) -> Tag:
    if not name or len(name) > _WORD or not all(sign.isalnum() or sign in "-_.:" for sign in name):
        advice = "use letters, digits, - _ . : and at most 64 of them"
        raise WrongUse("is no tag", where=name[:_WORD], advice=advice)
    return Tag.objects.get_or_create(name=name)[0]
