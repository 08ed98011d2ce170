"""What sources say of a host where they may contradict each other: who is believed, and what stays open."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from codered_hq.hosts.models import Claim, Host, Owner

TRUST = ("hand", "yaml", "csv", "netbox", "scan", "snmp", "sweep")
"""Kinds of sources, the most believed first; the others follow alike. Of two alike the later one is believed."""
SINGLE = ("owner", "site", "criticality", "system", "product")


class Conflict(NamedTuple):
    """Sources that disagree: (value, source, last seen), the believed one first."""

    host: Host
    kind: str
    said: tuple[tuple[str, str, datetime], ...]


def choose_claims(claims: Iterable[Claim]) -> dict[str, str]:
    """Kind -> the believed value."""
    return {kind: said[0].value for kind, said in _sort_claims(claims).items()}


def find_conflicts(hosts: Sequence[Host]) -> list[Conflict]:
    """Where the sources of these hosts disagree; the hosts must come with their claims (`prefetch_related`)."""
    return [
        Conflict(host, kind, tuple((each.value, each.source, each.last_seen) for each in said))
        for host in hosts
        for kind, said in _sort_claims(host.claims.all()).items()
        if kind in SINGLE and len({each.value for each in said}) > 1
    ]


def believe(host: Host, claims: Iterable[Claim], owners: dict[str, Owner]) -> None:
    """Set what the host's columns say from its claims; `owners` are those known by name. Saves nothing."""
    believed = choose_claims(claims)
    host.site = believed.get("site", host.site)
    host.criticality = believed.get("criticality", host.criticality)
    host.system = believed.get("system", host.system)
    host.product = believed.get("product", host.product)
    if name := believed.get("owner"):
        host.owner = owners[name]


def _sort_claims(claims: Iterable[Claim]) -> dict[str, list[Claim]]:
    by_kind: dict[str, list[Claim]] = {}
    for claim in claims:
        by_kind.setdefault(claim.kind, []).append(claim)
    return {kind: sorted(said, key=_rank) for kind, said in by_kind.items()}


def _rank(claim: Claim) -> tuple[int, float]:
    kind = claim.source.partition(":")[0]
    return (TRUST.index(kind) if kind in TRUST else len(TRUST), -claim.last_seen.timestamp())
