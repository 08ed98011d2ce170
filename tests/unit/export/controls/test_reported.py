from datetime import UTC, datetime
from typing import Any

from codered.export.controls.orders import MOST_ADDRESSES
from codered.export.controls.reported import read_reported
from codered.model.finding import Finding, Subject
from codered.model.firewall import PortRange
from codered.model.report import Attacker, LogSummary, Report, Scanner, TrafficSummary
from codered.model.target import TargetInfo
from codered.model.traffic import Actor

EMPTY = Report(
    id="r", tool="t", command=(), started=datetime(2026, 1, 1, tzinfo=UTC), seconds=0.0, scope=(), verdict="infected",
    target=TargetInfo(kind="traffic_files", root="/"),
)  # fmt: skip


def make_report(**given: Any) -> Report:
    return Report(**{name: getattr(EMPTY, name) for name in EMPTY.__struct_fields__} | given)


def make_finding(address: str, **given: Any) -> Finding:
    whole: dict[str, Any] = {
        "id": address, "pack": "codered", "indicator": "ida-n-sent", "layer": "traffic", "confidence": "confirmed",
        "severity": "critical", "because": "b", "subject": Subject(kind="address", address=address), "internal": True,
    }  # fmt: skip
    return Finding(**whole | given)


def make_scanner(address: str, **given: Any) -> Scanner:
    whole: dict[str, Any] = {
        "actor": Actor(address=address), "internal": True, "protocol": "tcp", "ports": (80, 8080),
        "confidence": "likely", "because": "b", "attempts": 20,
    }  # fmt: skip
    return Scanner(**whole | given)


def make_attacker(address: str, **given: Any) -> Attacker:
    whole: dict[str, Any] = {"address": address, "internal": False, "threats": (), "count": 3}
    return Attacker(**whole | given)


def test_own_hosts_are_infected_and_strangers_attack() -> None:
    report = make_report(
        findings=(make_finding("10.0.0.5"), make_finding("203.0.113.5", internal=False)),
        traffic=TrafficSummary(scanners=(make_scanner("10.0.0.6"),), attackers=(make_attacker("203.0.113.6"),)),
        logs=LogSummary(lines=1, attackers=(make_attacker("203.0.113.7"), make_attacker("10.0.0.9", internal=True))),
    )
    named = read_reported(report)
    assert set(named.infected) == {"10.0.0.5", "10.0.0.6"}
    assert set(named.attackers) == {"203.0.113.5", "203.0.113.6", "203.0.113.7"}
    assert named.ports == tuple(PortRange(protocol="tcp", first=n, last=n) for n in (80, 8080))
    assert named.packs == ("codered",)


def test_what_looks_like_our_own_sweep_is_blocked_nowhere() -> None:
    sweep = make_attacker("203.0.113.7", like_sweep=True)
    assert read_reported(make_report(logs=LogSummary(lines=1, attackers=(sweep,)))).attackers == ()


def test_suspicions_and_what_is_allowed_block_nobody() -> None:
    report = make_report(
        findings=(make_finding("10.0.0.5", confidence="suspicious"), make_finding("10.0.0.6", layer="logs")),
        traffic=TrafficSummary(scanners=(make_scanner("10.0.0.7", allowed="scanner 12"),)),
    )
    assert read_reported(report).infected == ()


def test_what_is_no_address_is_dropped() -> None:
    wrong = ("", "x", "fe80::1%eth0", "127.0.0.1", "::", "224.0.0.1", "10.0.0.1\nno shutdown")
    assert read_reported(make_report(findings=tuple(make_finding(text) for text in wrong))).infected == ()
    odd = make_scanner("10.0.0.7", ports=(0, 70000), protocol="icmp")
    assert read_reported(make_report(traffic=TrafficSummary(scanners=(odd,)))).ports == ()


def test_the_busiest_stay_and_the_rest_is_counted() -> None:
    scanners = tuple(make_scanner(f"10.0.{n // 250}.{1 + n % 250}", attempts=n) for n in range(MOST_ADDRESSES + 7))
    named = read_reported(make_report(traffic=TrafficSummary(scanners=scanners)))
    assert (len(named.infected), named.dropped) == (MOST_ADDRESSES, 7)
    assert named.infected[0] == scanners[-1].actor.address


def test_an_infected_host_is_no_attacker_as_well() -> None:
    findings = (make_finding("10.0.0.5"), make_finding("10.0.0.5", internal=False))
    named = read_reported(make_report(findings=findings))
    assert (named.infected, named.attackers) == (("10.0.0.5",), ())
