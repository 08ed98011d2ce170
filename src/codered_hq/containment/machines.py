"""Every machine that something would cut off, as the rules see it: the strictest of them decides."""

from collections.abc import Iterable
from typing import NamedTuple

from django.db.models import Q

from codered_hq.hosts.models import AddressUse, Host, Identifier, Place, Subnet
from codered_hq.hosts.numbers import read_range, to_bounds
from codered_hq.incidents.subjects import make_subjects
from codered_hq.model.action import Subject

BATCH = 500
MOST_ADDRESSES = 16  # that are asked whether they still answer


class Machines(NamedTuple):
    """Known hosts by number, and MACs or addresses that nobody knows."""

    hosts: frozenset[int]
    strangers: frozenset[str]

    def join(self, other: "Machines") -> "Machines":
        """Both."""
        return Machines(self.hosts | other.hosts, self.strangers | other.strangers)


NOBODY = Machines(frozenset(), frozenset())


def find_by_macs(macs: Iterable[str]) -> Machines:
    """Whose these MACs are. One that several hosts have is all of theirs."""
    wanted = sorted(set(macs))
    hosts: set[int] = set()
    known: set[str] = set()
    for first in range(0, len(wanted), BATCH):
        some = wanted[first : first + BATCH]
        rows = list(Identifier.objects.filter(kind="mac", value__in=some).values_list("host_id", "value"))
        rows += list(AddressUse.objects.filter(mac__in=some, current=True).values_list("host_id", "mac"))
        hosts |= {host for host, _ in rows}
        known |= {mac for _, mac in rows}
    return Machines(frozenset(hosts), frozenset(set(wanted) - known))


def find_in_networks(networks: Iterable[str]) -> Machines:
    """Who has an address there now; of a single address that nobody is known to have, the address itself."""
    found = NOBODY
    for text in networks:
        network = read_range(text)
        first, last = to_bounds(network)
        uses = AddressUse.objects.filter(number__gte=first, number__lte=last, current=True)
        hosts = frozenset(uses.values_list("host_id", flat=True))
        alone = network.num_addresses == 1 and not hosts
        found = found.join(Machines(hosts, frozenset([str(network[0])] if alone else [])))
    return found


def find_in_vlan(vlan: int, macs: Iterable[str], switch: str = "") -> Machines:
    """Who is in a VLAN: by the switches' tables (`macs`), by where hosts were seen, by the addresses of its subnets."""
    places = Place.objects.filter(vlan=vlan)
    if switch:
        places = places.filter(Q(switch__iexact=switch) | Q(switch_address=switch))
    found = find_by_macs([*macs, *places.values_list("mac", flat=True)])
    return found.join(find_in_networks(Subnet.objects.filter(vlan=vlan).values_list("range", flat=True)))


def write_subjects(machines: Machines) -> tuple[Subject, ...]:
    """As the rules see them, those that nobody knows last."""
    known = make_subjects(Host.objects.filter(pk__in=machines.hosts).order_by("pk")) if machines.hosts else ()
    return (*known, *(Subject(host=0, name=name) for name in sorted(machines.strangers)))


def list_macs(host: Host) -> list[str]:
    """What it is known by on the wire; not what it shares with others."""
    found = host.identifiers.filter(kind="mac", shared=False).order_by("-last_seen", "value")
    return list(found.values_list("value", flat=True))


def list_addresses(hosts: Iterable[int]) -> tuple[str, ...]:
    """Addresses that these hosts have now, the one seen last first; of many hosts some."""
    uses = AddressUse.objects.filter(host__in=list(hosts)[:BATCH], current=True).order_by("-last_seen", "number")
    return tuple(uses.values_list("address", flat=True)[:MOST_ADDRESSES])
