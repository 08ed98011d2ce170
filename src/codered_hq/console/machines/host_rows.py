"""Hosts as a list shows them: a row each, read for a page at a time."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db.models import Count, QuerySet

from codered.export.writing.escaping import guard_cell
from codered_hq.containment.goals import HELD
from codered_hq.containment.models import Containment
from codered_hq.fleet.models import StoredFinding
from codered_hq.hosts.models import AddressUse, Host
from codered_hq.hosts.subnets import SubnetIndex, read_subnets

BATCH = 500
TITLES = (
    "number", "name", "state", "state since", "criticality", "addresses", "subnet", "site", "owner", "tags",
    "open findings", "contained by", "first seen", "last seen",
)  # fmt: skip


class HostRow(NamedTuple):
    """One host; `subnet` is that of its first address, `containments` how many cut it off now."""

    host: Host
    addresses: tuple[str, ...]
    subnet: str
    owner: str
    tags: tuple[str, ...]
    findings: int
    containments: int


def read_hosts(numbers: Sequence[int], subnets: SubnetIndex | None = None) -> list[HostRow]:
    """The rows of these hosts, in this order."""
    index = subnets or read_subnets()
    hosts = Host.objects.select_related("owner").prefetch_related("tags").in_bulk(list(numbers))
    uses: dict[int, list[AddressUse]] = {}
    for use in AddressUse.objects.filter(host__in=numbers, current=True).order_by("-last_seen", "number"):
        uses.setdefault(use.host_id, []).append(use)
    findings = _count(StoredFinding.objects.filter(host__in=numbers, gone_at=None))
    held = _count(Containment.objects.filter(host__in=numbers, state__in=HELD))
    rows = []
    for host in (hosts[number] for number in numbers if number in hosts):
        mine = uses.get(host.pk, [])
        around = index.find_number(mine[0].number) if mine else None
        owner = host.owner or (around.owner if around else None)
        rows.append(
            HostRow(
                host, tuple(use.address for use in mine), around.range if around else "", owner.name if owner else "",
                tuple(sorted(tag.name for tag in host.tags.all())), findings.get(host.pk, 0), held.get(host.pk, 0),
            )
        )  # fmt: skip
    return rows


def write_csv(numbers: Sequence[int]) -> str:
    """A table for spreadsheets; no cell is ever a formula."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(TITLES)
    subnets = read_subnets()
    for start in range(0, len(numbers), BATCH):
        writer.writerows(_write_rows(read_hosts(numbers[start : start + BATCH], subnets)))
    return out.getvalue()


def _write_rows(rows: Iterable[HostRow]) -> Iterator[list[str]]:
    for row in rows:
        host = row.host
        cells = (
            f"{host.pk}", host.label, host.state, _show(host.state_since), host.criticality, " ".join(row.addresses),
            row.subnet, host.site, row.owner, " ".join(row.tags), f"{row.findings}", f"{row.containments}",
            _show(host.first_seen), _show(host.last_seen),
        )  # fmt: skip
        yield [guard_cell(cell) for cell in cells]


def _show(at: datetime | None) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}" if at else ""


def _count(rows: "QuerySet[StoredFinding] | QuerySet[Containment]") -> dict[int, int]:
    return dict(rows.order_by().values_list("host").annotate(Count("pk")))
