"""Judging what a pack's examples describe as data, by the code that judges the real thing."""

import hashlib
import ipaddress
import time
from collections.abc import Iterable
from datetime import UTC, datetime

from codered.detect.memory import MemoryHit, MemoryJudge, make_memory_finding, merge_hits
from codered.detect.payloads import PayloadJudge
from codered.detect.process_findings import make_pack_finding
from codered.detect.process_indicators import match_processes
from codered.detect.traffic_signs import SignVerdict, index_payload_signs, judge_signs
from codered.engine import GaveUp
from codered.model.finding import Evidence, Finding, Layer, Subject
from codered.model.process import ProcessId, ProcessSeen
from codered.model.report import Look, Report
from codered.model.ruleset import RuleSet
from codered.model.target import TargetInfo
from codered.model.traffic import Request, Sent
from codered.scan.reporting import Ran, make_report

_NOBODY = ProcessId(1000, 1000)
_DATA = TargetInfo(kind="offline_root", root="/")


def report_memory(name: str, process: str, regions: Iterable[tuple[int, bytes]], rules: RuleSet) -> Report:
    """The report on the example `name`: the memory of one process, as regions with the address each starts at."""
    started, clock = datetime.now(UTC), time.monotonic()
    judge = MemoryJudge(rules)
    hits: list[MemoryHit] = []
    looks = []
    for address, data in regions:
        try:
            hits += judge.judge_piece(data, address)
        except GaveUp as error:
            looks.append(Look(layer="memory", where=f"{address:#x}", state="failed", why=str(error), count=1))
        else:
            looks.append(Look(layer="memory", where=f"{address:#x}", state="looked", count=1, bytes=len(data)))
    findings = tuple(_make_finding(hit, process) for hit in merge_hits(hits))
    ran = Ran(target=_DATA, command=(), scope=(name,), started=started, seconds=time.monotonic() - clock)
    return make_report(ran, rules, findings, tuple(looks))


def report_processes(name: str, processes: tuple[ProcessSeen, ...], rules: RuleSet) -> Report:
    """The report on the example `name`: processes as a scan would have seen them."""
    started, clock = datetime.now(UTC), time.monotonic()
    findings = tuple(make_pack_finding(hit, "") for hit in match_processes(processes, rules.packs))
    look = Look(layer="processes", where=name, state="looked", count=len(processes))
    ran = Ran(target=_DATA, command=(), scope=(name,), started=started, seconds=time.monotonic() - clock)
    return make_report(ran, rules, findings, (look,))


def report_traffic(name: str, sent: Iterable[Sent], rules: RuleSet) -> Report:
    """The report on the example `name`: what each sender's payloads come to, by themselves."""
    started, clock = datetime.now(UTC), time.monotonic()
    judge, known = PayloadJudge(rules), index_payload_signs(rules.packs)
    requests: dict[bytes, list[Request]] = {}
    payloads = tuple(sent)
    for item in payloads:
        if request := judge.judge(item):
            requests.setdefault(item.source, []).append(request)
    findings = []
    for source, group in requests.items():
        for verdict in judge_signs([sign for request in group for sign in request.signs], known):
            findings.append(_make_traffic_finding(verdict, source, group))
    if judge.gave_up:
        look = Look(layer="traffic", where=name, state="failed", why="the engine did not finish", count=judge.gave_up)
    else:
        look = Look(layer="traffic", where=name, state="looked", count=len(payloads))
    ran = Ran(target=_DATA, command=(), scope=(name,), started=started, seconds=time.monotonic() - clock)
    return make_report(ran, rules, tuple(findings), (look,))


def report_unsupported(name: str, layer: Layer, why: str, rules: RuleSet) -> Report:
    """The report on an example that describes what this version can't judge."""
    ran = Ran(target=_DATA, command=(), scope=(name,), started=datetime.now(UTC), seconds=0.0)
    return make_report(ran, rules, (), (Look(layer=layer, where=name, state="unsupported", why=why),))


def _make_traffic_finding(verdict: SignVerdict, source: bytes, group: list[Request]) -> Finding:
    item, address = verdict.sign.indicator, str(ipaddress.ip_address(source))
    sent = [request for request in group if verdict.sign.name in request.signs]
    return Finding(
        id=hashlib.sha256(f"{verdict.sign.name}\0{address}".encode()).hexdigest()[:12],
        pack=verdict.pack,
        indicator=item.id,
        layer="traffic",
        subject=Subject(kind="address", address=address),
        confidence=item.confidence,
        severity=item.severity,
        because=item.because,
        evidence=tuple(Evidence(what="sent", data=request.data) for request in sent[:1]),
        attack=item.attack,
        shared_by=verdict.shared_by,
        count=len(sent),
    )


def _make_finding(hit: MemoryHit, process: str) -> Finding:
    address = f"{hit.sights[0].place:#x}" if hit.sights else None
    subject = Subject(kind="memory", pid=_NOBODY.pid, start=_NOBODY.start, key=process, address=address)
    evidence = tuple(Evidence(what=sight.string, offset=sight.place, data=sight.data) for sight in hit.sights)
    return make_memory_finding(hit, subject, evidence)
