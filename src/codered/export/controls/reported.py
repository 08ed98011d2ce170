"""Whom the controls of a report are about: one's own hosts that spread something, and the strangers that attack."""

import ipaddress
from collections.abc import Iterator

import msgspec

from codered.export.controls.orders import MOST_ADDRESSES, Side
from codered.model.finding import UNATTRIBUTED
from codered.model.firewall import PortRange
from codered.model.report import Attacker, Report, Scanner

_SURE = ("confirmed", "likely")


class Reported(msgspec.Struct, frozen=True, kw_only=True):
    """The addresses of a report that controls can be about, the busiest first, at most 500 a side; `dropped` counts the
    rest. `ports` are those that infected hosts tried, `packs` the threats that were found.
    """

    infected: tuple[str, ...] = ()
    attackers: tuple[str, ...] = ()
    dropped: int = 0
    ports: tuple[PortRange, ...] = ()
    packs: tuple[str, ...] = ()


def read_reported(report: Report) -> Reported:
    """What a report names. Suspicions alone, and what the allow-list lets scan, block nobody."""
    counts: dict[Side, dict[str, int]] = {"infected": {}, "attackers": {}}
    for side, address, count in (*_list_findings(report), *_list_scanners(report), *_list_attackers(report)):
        if _is_address(address):
            counts[side][address] = counts[side].get(address, 0) + count
    for address in counts["infected"]:
        counts["attackers"].pop(address, None)
    ranked = {side: sorted(found, key=lambda address: -found[address]) for side, found in counts.items()}
    return Reported(
        infected=tuple(ranked["infected"][:MOST_ADDRESSES]),
        attackers=tuple(ranked["attackers"][:MOST_ADDRESSES]),
        dropped=sum(max(0, len(found) - MOST_ADDRESSES) for found in ranked.values()),
        ports=_list_ports(report),
        packs=tuple(sorted({f.pack for f in report.findings if f.confidence in _SURE and f.pack != UNATTRIBUTED})),
    )


def _list_findings(report: Report) -> Iterator[tuple[Side, str, int]]:
    for finding in report.findings:
        if finding.layer in ("network", "traffic") and finding.confidence in _SURE and finding.subject.address:
            yield _side(finding.internal is not False), finding.subject.address, finding.count


def _list_scanners(report: Report) -> Iterator[tuple[Side, str, int]]:
    for scanner in _sure_scanners(report):
        yield _side(scanner.internal), scanner.actor.address, scanner.attempts


def _list_attackers(report: Report) -> Iterator[tuple[Side, str, int]]:
    """Strangers only: what a log says of an own host, or of what looks like a sweep of ours, is a suspicion, and a
    person must look at it first.
    """
    seen: tuple[Attacker, ...] = ()
    for summary in (report.logs, report.traffic):
        seen += summary.attackers if summary is not None else ()
    for attacker in seen:
        if not attacker.internal and not attacker.like_sweep:
            yield "attackers", attacker.address, attacker.count


def _list_ports(report: Report) -> tuple[PortRange, ...]:
    found = {
        PortRange(protocol="udp" if scanner.protocol == "udp" else "tcp", first=port, last=port)
        for scanner in _sure_scanners(report)
        if scanner.internal and scanner.protocol in ("tcp", "udp")
        for port in scanner.ports[:10]
        if 1 <= port <= 65535
    }
    return tuple(sorted(found))


def _sure_scanners(report: Report) -> Iterator[Scanner]:
    for scanner in report.traffic.scanners if report.traffic is not None else ():
        if scanner.confidence in _SURE and not scanner.allowed:
            yield scanner


def _side(internal: bool) -> Side:
    return "infected" if internal else "attackers"


def _is_address(text: str) -> bool:
    """Whether an address of a report is one that can be blocked; a name or a link-local one with its device is not."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    return "%" not in text and not (address.is_loopback or address.is_multicast or address.is_unspecified)
