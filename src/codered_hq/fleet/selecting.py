"""How each host of a run is reached: through which engine, and by what name or address; or why there is no way."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from django.db.models import Max

from codered_hq.fleet.models import HostRun
from codered_hq.hosts.models import AddressUse, Host, Subnet
from codered_hq.model.engine import EngineHost

PROTECTED_BY = "salt"
"""Nobody can log in to a host of a protected zone: its minion dials out. What a host itself is set to goes first."""


class Way(NamedTuple):
    """The way to one host of a run; `host` is None where there is none, and `why` says so."""

    task: HostRun
    engine: str
    host: EngineHost | None
    why: str = ""


class _Range(NamedTuple):
    first: str
    last: str
    zone: str


def choose_ways(tasks: Sequence[HostRun], default: str) -> dict[str, list[Way]]:
    """The ways of these tasks by engine; `default` is the engine of hosts that say nothing else."""
    protected, proven = _read_protected(), _read_proven(tasks)
    found: dict[str, list[Way]] = {}
    for task in tasks:
        uses = _list_uses(task, proven.get(task.host_id, ""))
        way = _choose_way(task, uses, default, protected)
        found.setdefault(way.engine, []).append(way)
    return found


def _choose_way(task: HostRun, uses: Sequence[AddressUse], default: str, protected: Sequence[_Range]) -> Way:
    zone = next(_list_zones(uses, protected), "")
    engine = task.host.engine or (PROTECTED_BY if zone else default)
    minion = _find_minion(task.host)
    if engine == "salt" and not minion:
        where = f"it is in the protected zone {zone}, and " if zone else ""
        return Way(task, engine, None, f"{where}no name of it at Salt is known")
    if engine != "salt" and not uses:
        return Way(task, engine, None, "no address known")
    address = uses[0].address if uses else ""
    return Way(task, engine, EngineHost(name=str(task.pk), address=address, minion=minion))


def _list_uses(task: HostRun, proven: str) -> list[AddressUse]:
    """Its current addresses, each of them first in one try of many: to begin with one at which it looked infected,
    then the one at which it answered, then the one seen last, IPv4 before IPv6 where that is equal.
    """
    uses = [use for use in task.host.addresses.all() if use.current]
    doubted = task.host.suspected_at
    uses.sort(
        key=lambda use: (
            use.address not in doubted, use.address != proven, -use.last_seen.timestamp(), ":" in use.address,
            use.number,
        )
    )  # fmt: skip
    first = task.attempts % len(uses) if uses else 0
    return uses[first:] + uses[:first]


def _read_proven(tasks: Sequence[HostRun]) -> dict[int, str]:
    """Where these hosts answered last, by their numbers."""
    hosts = [task.host_id for task in tasks]
    answered = HostRun.objects.filter(host__in=hosts, outcome="answered").exclude(address="")
    newest = answered.order_by().values("host").annotate(newest=Max("pk")).values_list("newest", flat=True)
    return dict(HostRun.objects.filter(pk__in=list(newest)).values_list("host_id", "address"))


def _find_minion(host: Host) -> str:
    found = [known for known in host.identifiers.all() if known.kind == "minion" and not known.shared]
    return max(found, key=lambda known: known.last_seen).value if found else ""


def _list_zones(uses: Sequence[AddressUse], protected: Sequence[_Range]) -> Iterator[str]:
    for use in uses:
        yield from (each.zone for each in protected if each.first <= use.number <= each.last)


def _read_protected() -> list[_Range]:
    subnets = Subnet.objects.filter(zone__kind="protected").select_related("zone")
    return [_Range(each.first, each.last, each.zone.name) for each in subnets if each.zone]
