"""What a machine says of itself. It may lie, so it speaks for itself alone: what belongs to another host is neither
taken from that one nor shared with it, but noted as a claim that `codered hosts gaps` shows.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec
from django.db import transaction

from codered_hq.hosts.identity import is_same_name, list_identifiers
from codered_hq.hosts.joining import join_hosts
from codered_hq.hosts.merging import Merger
from codered_hq.hosts.models import TEXT, AddressUse, Claim, Host, Identifier
from codered_hq.hosts.numbers import to_number
from codered_hq.hosts.recording import record_hosts
from codered_hq.hosts.writing import HostWriter
from codered_hq.model.inventory import HostRecord, Source

TOLD = " told"  # a claim's kind: what the value would be if it were believed
MOST_JOINED = 16  # cards of one machine that others knew as hosts; more are no cards
_NUMBERS = ("machine_id", "serial")
Value = tuple[str, str]  # kind, value


def record_told(host: Host, records: Sequence[HostRecord], source: Source, at: datetime) -> None:
    """Take what a host with a verified key says of itself, for this host alone. Of others, only those become part of
    it that never answered and are known by the MAC of one of its cards, as DHCP and ARP know machines.
    """
    with transaction.atomic():
        given = {pair for record in records for pair in list_identifiers(record).items()}
        own = _read_values(host)
        foreign = {pair for pair in given if pair[0] in _NUMBERS and own.get(pair[0], {pair[1]}) != {pair[1]}}
        if not foreign:
            _join_cards(host, given, own)
        others = _read_others(host, given)
        foreign |= {(each.kind, each.value) for each in others if not each.shared}
        merger = Merger((), at)
        merger.shared |= {(each.kind, each.value) for each in others if each.shared}
        for record in records:
            merger.put(host.pk, _leave_out(record, foreign))
        HostWriter(merger, f"{source.kind}:{source.name}").write()
        _claim([(host, pair) for pair in sorted(foreign)], source, at)


def record_heard(records: Sequence[HostRecord], source: Source, at: datetime) -> tuple[Host, ...]:
    """Take what whoever has an address answers to anybody who asks (node status, link names). Its MAC counts only if
    the host that has the address is known by it; a name of a host that is elsewhere does not move that one.
    """
    with transaction.atomic():
        heard = [(record, _find_unproven(record)) for record in records]
        hosts = record_hosts([_leave_out(record, foreign) for record, foreign in heard], source, at)
        pairs = zip(hosts, heard, strict=True)
        _claim([(host, pair) for host, (_, foreign) in pairs for pair in sorted(foreign)], source, at)
    return hosts


def _find_unproven(record: HostRecord) -> set[Value]:
    use = AddressUse.objects.filter(number=to_number(record.address), current=True).order_by("-last_seen").first()
    holder = use.host_id if use else None
    found: set[Value] = set()
    for kind, value in list_identifiers(record).items():
        owners = Identifier.objects.filter(kind=kind, value=value)
        if owners.filter(host_id=holder).exists():
            continue
        if kind == "mac" or any(_has_place(owner.host) for owner in owners.select_related("host")):
            found.add((kind, value))
    return found


def _has_place(host: Host) -> bool:
    """Whether more is known of a host than what it is called: then a name alone does not lead to it."""
    return (
        host.addresses.filter(current=True).exists()
        or host.identifiers.exclude(kind__in=("name", "netbios", "minion")).exists()
    )


def _join_cards(host: Host, given: set[Value], own: dict[str, set[str]]) -> None:
    macs = [value for kind, value in given if kind == "mac"]
    known = Identifier.objects.filter(kind="mac", value__in=macs, shared=False).exclude(host=host)
    others = list(Host.objects.filter(pk__in=known.values("host")).order_by("pk")[: MOST_JOINED + 1])
    if len(others) > MOST_JOINED:
        return
    for kind, value in given:
        own.setdefault(kind, set()).add(value)
    for other in others:
        if _may_be_part(_read_values(other), own):
            join_hosts(host.pk, other.pk)
            host.refresh_from_db()


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


def _leave_out(record: HostRecord, foreign: set[Value]) -> HostRecord:
    return msgspec.structs.replace(record, **{kind: "" for kind, value in foreign if getattr(record, kind) == value})


def _claim(said: Iterable[tuple[Host, Value]], source: Source, at: datetime) -> None:
    name = f"{source.kind}:{source.name}"[:TEXT]
    rows = [
        Claim(host=host, kind=kind + TOLD, value=value[:TEXT], source=name, first_seen=at, last_seen=at)
        for host, (kind, value) in said
    ]
    Claim.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["host", "kind", "value", "source"], update_fields=["last_seen"]
    )
