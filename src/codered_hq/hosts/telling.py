"""What a machine says of itself. It may lie, so it speaks for itself alone: what belongs to another host is neither
taken from that one nor shared with it, but noted as a claim that `codered hosts gaps` shows.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from codered_hq.hosts.hearsay import Value, leave_out, note_told
from codered_hq.hosts.identity import is_same_name, list_identifiers
from codered_hq.hosts.joining import join_hosts
from codered_hq.hosts.merging import Merger
from codered_hq.hosts.models import Host, Identifier
from codered_hq.hosts.writing import HostWriter
from codered_hq.model.inventory import HostRecord, Source

MOST_JOINED = 16  # cards of one machine that others knew as hosts; more are no cards
_NUMBERS = ("machine_id", "serial")


def record_told(host: Host, records: Sequence[HostRecord], source: Source, at: datetime, entered_as: str = "") -> None:
    """Take what a host with a verified key says of itself, for this host alone. Of others, only those become part of
    it that never answered and are known by the MAC of one of its cards, as DHCP and ARP know machines. With
    `entered_as`, the name under which a person entered its key (nobody asked the machine itself), only those that are
    known by that name and by no other.
    """
    with transaction.atomic():
        given = {pair for record in records for pair in list_identifiers(record).items()}
        own = _read_values(host)
        foreign = {pair for pair in given if pair[0] in _NUMBERS and own.get(pair[0], {pair[1]}) != {pair[1]}}
        if not foreign:
            _join_cards(host, given, own, entered_as)
        others = _read_others(host, given)
        foreign |= {(each.kind, each.value) for each in others if not each.shared}
        merger = Merger((), at)
        merger.shared |= {(each.kind, each.value) for each in others if each.shared}
        for record in records:
            merger.put(host.pk, leave_out(record, foreign))
        name = f"{source.kind}:{source.name}"
        HostWriter(merger, name).write()
        note_told([(host, pair) for pair in sorted(foreign)], name, at)


def _join_cards(host: Host, given: set[Value], own: dict[str, set[str]], entered_as: str) -> None:
    macs = [value for kind, value in given if kind == "mac"]
    known = Identifier.objects.filter(kind="mac", value__in=macs, shared=False).exclude(host=host)
    others = list(Host.objects.filter(pk__in=known.values("host")).order_by("pk")[: MOST_JOINED + 1])
    if len(others) > MOST_JOINED:
        return
    for kind, value in given:
        own.setdefault(kind, set()).add(value)
    for other in others:
        if entered_as and not is_known_as(other, entered_as):
            continue
        if _may_be_part(_read_values(other), own):
            join_hosts(host.pk, other.pk)
            host.refresh_from_db()


def is_known_as(host: Host, name: str) -> bool:
    """Whether it has names, and all of them may be this one."""
    names = Identifier.objects.filter(host=host, kind="name").values_list("value", flat=True)
    return bool(names) and all(is_same_name(name.lower(), known) for known in names)


def _may_be_part(other: dict[str, set[str]], own: dict[str, set[str]]) -> bool:
    if "agent_key" in other or any(other.get(kind, set()) - own.get(kind, set()) for kind in _NUMBERS):
        return False
    if "minion" in other and "minion" in own and not other["minion"] & own["minion"]:
        return False
    names = other.get("name", set())
    return not names or any(is_same_name(one, name) for one in own.get("name", ()) for name in names)


def _read_values(host: Host) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for kind, value in Identifier.objects.filter(host=host, shared=False).values_list("kind", "value"):
        found.setdefault(kind, set()).add(value)
    return found


def _read_others(host: Host, given: set[Value]) -> list[Identifier]:
    rows = Identifier.objects.filter(value__in=[value for _, value in given]).exclude(host=host)
    return [row for row in rows if (row.kind, row.value) in given]
