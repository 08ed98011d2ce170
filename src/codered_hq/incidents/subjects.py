"""Machines as the rules of engagement see them: with every mark that may forbid something."""

from collections.abc import Iterable, Sequence

from django.db.models import Q

from codered_hq.hosts.models import AddressUse, Host, Subnet
from codered_hq.hosts.subnets import SubnetIndex
from codered_hq.incidents.models import EvidenceRecord
from codered_hq.model.action import Subject

VITAL = "vital"
BATCH = 500  # hosts of one query: SQLite takes so many values


def make_subject(host: Host) -> Subject:
    """One machine as it is in the database now."""
    return make_subjects([host])[0]


def make_subjects(hosts: Iterable[Host]) -> tuple[Subject, ...]:
    """Machines as they are in the database now, in this order. Marks are those of the host and of every subnet that it
    has an address in (if it has none now, in which it had one); being vital is a mark too. Evidence that was saved for
    an incident that is closed does not count.
    """
    numbers = [host.pk for host in hosts]
    marked = Subnet.objects.filter(Q(criticality=VITAL) | Q(tags__isnull=False)).distinct().prefetch_related("tags")
    subnets = SubnetIndex(marked)
    made: dict[int, Subject] = {}
    for first in range(0, len(numbers), BATCH):
        made |= _make_batch(numbers[first : first + BATCH], subnets)
    return tuple(made[number] for number in numbers if number in made)


def _make_batch(numbers: Sequence[int], subnets: SubnetIndex) -> dict[int, Subject]:
    hosts = {host.pk: host for host in Host.objects.filter(pk__in=numbers)}
    tags: dict[int, set[str]] = {number: set() for number in hosts}
    for host, tag in Host.tags.through.objects.filter(host_id__in=numbers).values_list("host_id", "tag__name"):
        tags[host] |= _spell(tag)
    for number, addresses in _find_addresses(numbers).items():
        for subnet in {subnet.pk: subnet for address in addresses for subnet in subnets.find_all(address)}.values():
            tags[number] |= {word for tag in subnet.tags.all() for word in _spell(tag.name)}
            tags[number] |= {VITAL} if subnet.criticality == VITAL else set()
    counts = Q(incident=None) | Q(incident__closed_at=None)
    rows = list(EvidenceRecord.objects.filter(counts, host_id__in=numbers).values_list("host_id", "checked"))
    saved = {host for host, _checked in rows}
    unchecked = saved - {host for host, checked in rows if checked}
    return {
        number: Subject(
            host=number, name=host.label, state=host.state, criticality=host.criticality,
            tags=tuple(sorted(tags[number] | ({VITAL} if host.criticality == VITAL else set()))),
            evidence_saved=number in saved, evidence_unchecked=number in unchecked,
        )
        for number, host in hosts.items()
    }  # fmt: skip


def _find_addresses(numbers: Sequence[int]) -> dict[int, list[str]]:
    """Numbers of the addresses that each host has now, or had if it has none."""
    now: dict[int, list[str]] = {}
    ever: dict[int, list[str]] = {}
    rows = AddressUse.objects.filter(host_id__in=numbers).values_list("host_id", "number", "current")
    for host, number, current in rows:
        ever.setdefault(host, []).append(number)
        if current:
            now.setdefault(host, []).append(number)
    return ever | now


def _spell(tag: str) -> set[str]:
    """A mark as it is written, and as rules write it: Never-Touch must not mean less than never_touch."""
    return {tag, tag.lower().replace("-", "_")}
