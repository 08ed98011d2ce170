"""What a played infection looks like to headquarters: a report of the machine, taken in as every other report is."""

import hashlib
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from codered.model.finding import Evidence, Finding, Subject
from codered.model.job import Answer, HostFacts, NetworkCard
from codered.model.report import Look, PackUsed, Report, judge_verdict
from codered.model.target import TargetInfo
from codered_hq.drills.models import PlayedHost
from codered_hq.fleet.cases import advance
from codered_hq.fleet.ingesting import Ingested, Origin, ingest_answer
from codered_hq.hosts.models import Host

TOOL = "codered, played"
Sign = tuple[str, str, str, str]
_SIGNS: dict[str, tuple[Sign, ...]] = {
    "codered2": (
        (
            "root-exe",
            "files",
            "C:\\inetpub\\scripts\\root.exe",
            "a copy of cmd.exe below the web server",
        ),
        ("explorer-at-root", "files", "C:\\explorer.exe", "a program explorer.exe on the root of a drive"),
    ),
    "codered": (("ida-n-sent", "traffic", "", "it sends the worm's own request to other machines"),),
}
"""By pack: indicator, layer, path ("" = the machine's address), why."""
_SCANS: Sign = ("horizontal-scan", "network", "", "it tries many addresses")
"""What shows of a pack that has no sign there."""


def tell_infection(played: PlayedHost, pack: str, at: datetime) -> Ingested:
    """A report that shows the infection comes in at this time (aware), and the host's case is opened."""
    return tell_report(played, tuple(_make_finding(played, pack, sign) for sign in _SIGNS.get(pack, (_SCANS,))), at)


def tell_report(played: PlayedHost, findings: tuple[Finding, ...], at: datetime) -> Ingested:
    """A whole report with these findings comes in at this time (aware); with any, the host's case is opened."""
    report = _make_report(played, findings, at)
    document = msgspec.json.encode(report)
    host: Host = played.host
    card = NetworkCard(name="eth0", mac=_find_mac(played), addresses=(played.address,))
    name = host.label.partition(".")[0]
    answer = Answer(
        format="codered/answer/1", job=hashlib.sha256(f"{host.pk} {at}".encode()).hexdigest()[:32], job_sha256="0" * 64,
        host=host.label, word="scan", started=report.started, ended=at, state="done",
        exit_code=1 if findings else 0, facts=HostFacts(name=name, cards=(card,)), tool=TOOL, document=document,
    )  # fmt: skip
    key = "ed25519:" + hashlib.sha256(f"played {host.pk} {played.address}".encode()).hexdigest()[:16]
    taken = ingest_answer(host, answer, Origin(body=msgspec.json.encode(answer), key=key, at=at))
    if findings:
        advance(host, "infected", at, f"report {report.id}")
    return taken


def _make_report(played: PlayedHost, findings: tuple[Finding, ...], at: datetime) -> Report:
    looks = (Look(layer="files", where="/", state="looked", count=18_402, bytes=2_400_000_000, seconds=41.0),)
    system: Literal["linux", "windows"] = "linux" if "linux" in played.host.system.lower() else "windows"
    target = TargetInfo(kind=f"live_{system}", root="", host=played.host.label, system=system)  # type: ignore[arg-type]
    packs = dict.fromkeys(finding.pack for finding in findings)
    return Report(
        id=f"r-{at:%Y%m%d-%H%M%S}-{played.pk}", tool=TOOL, command=("scan",), started=at - timedelta(seconds=45),
        seconds=45.0, target=target, scope=("/",), verdict=judge_verdict(findings, has_gaps=False), findings=findings,
        looks=looks, packs=tuple(PackUsed(pack, "2026.11.1", "0" * 64, pack) for pack in packs),
    )  # fmt: skip


def _make_finding(played: PlayedHost, pack: str, sign: Sign) -> Finding:
    indicator, layer, path, because = sign
    digest = hashlib.sha256(f"{pack} {indicator}".encode()).hexdigest()
    subject = Subject(kind="file", path=path) if path else Subject(kind="address", address=played.address)
    return Finding(
        id=f"f-{digest[:8]}", pack=pack, indicator=indicator, layer=layer,  # type: ignore[arg-type]
        subject=subject, confidence="confirmed", severity="critical", because=because, internal=None if path else True,
        evidence=(Evidence(what="played in a drill", sha256=digest, size=236_304),) if path else (),
    )  # fmt: skip


def _find_mac(played: PlayedHost) -> str:
    """As the inventory has it; of a machine whose card nobody knows yet, one that follows from its address."""
    known = played.host.addresses.filter(address=played.address, current=True).exclude(mac="").first()
    return known.mac if known else "02:42:" + ":".join(f"{int(octet):02x}" for octet in played.address.split("."))
