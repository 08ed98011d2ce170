"""Reports of hosts -> the database: whole reports, findings once from first to last sight, who the host says it is.

A report is evidence from a machine that may be in an intruder's hands: sizes and numbers are bounded, its times may not
lie in the future, and a repeat changes nothing.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec
import zstandard
from django.db import transaction

from codered.model.errors import WrongUse
from codered.model.finding import Finding
from codered.model.job import Answer, HostFacts
from codered.model.report import Report
from codered.model.response import Verification
from codered_hq.fleet.models import StoredFinding, StoredReport
from codered_hq.hosts.models import TEXT, Host
from codered_hq.hosts.recording import record_hosts, record_seen_subnets
from codered_hq.model.inventory import HostRecord, Source
from codered_hq.opening import be_patient

MOST_FINDINGS = 50_000
MOST_SUBNETS = 512
BATCH = 100
_LEVEL = 3


class Ingested(NamedTuple):
    """What a sealed answer brought. `repeated`: it was here before; `new`: findings that this host did not have."""

    report: StoredReport
    verdict: str
    gaps: int
    new: int
    repeated: bool


def ingest_answer(host: Host, answer: Answer, sealed_body: bytes, key: str, at: datetime) -> Ingested:
    """Take a verified answer of a host at this time (aware). Raises WrongUse for a document that can't be read, and if
    the database stays away.
    """
    report = read_report(answer)
    return be_patient(lambda: _ingest(host, answer, report, _Origin(hashlib.sha256(sealed_body).hexdigest(), key, at)))


def read_report(answer: Answer) -> Report | None:
    """The report in an answer; None for words that bring none. Raises WrongUse."""
    if answer.word not in ("scan", "verify") or not answer.document:
        return None
    try:
        if answer.word == "verify":
            return msgspec.json.decode(answer.document, type=Verification).report
        return msgspec.json.decode(answer.document, type=Report)
    except (msgspec.DecodeError, RecursionError) as error:
        what = f"its report can't be read: {str(error)[:120]}"
        raise WrongUse(what, where=answer.host, advice="see which version of the tool runs there") from None


def store_findings(host: Host, findings: Sequence[Finding], report: StoredReport, at: datetime) -> int:
    """Add a report's findings to those of the host; how many it did not have. Call it within a transaction."""
    rows = {row.uid: row for row in (_make_row(host, finding, report, at) for finding in findings[:MOST_FINDINGS])}
    known = StoredFinding.objects.filter(host=host).count()
    fields = ["report", "last_seen", "confidence", "severity", "gone_at"]
    StoredFinding.objects.bulk_create(
        rows.values(), batch_size=BATCH, update_conflicts=True, unique_fields=["uid"], update_fields=fields
    )
    return StoredFinding.objects.filter(host=host).count() - known


def read_document(report: StoredReport) -> bytes:
    """The document of a stored report as the host sent it."""
    return zstandard.ZstdDecompressor().decompress(bytes(report.document))


class _Origin(NamedTuple):
    uid: str
    key: str
    at: datetime


@transaction.atomic
def _ingest(host: Host, answer: Answer, report: Report | None, origin: _Origin) -> Ingested:
    known = StoredReport.objects.filter(uid=origin.uid).first()
    if known is not None:
        return Ingested(known, known.verdict, known.gaps, 0, repeated=True)
    gaps = len(report.gaps()) + report.interrupted if report else 0
    stored = StoredReport.objects.create(
        uid=origin.uid, host=host, word=answer.word, verdict=report.verdict if report else "", gaps=gaps,
        key=origin.key, taken_at=min(answer.ended, origin.at), received_at=origin.at,
        document=zstandard.ZstdCompressor(_LEVEL).compress(answer.document),
    )  # fmt: skip
    new = store_findings(host, report.findings, stored, origin.at) if report else 0
    if report and answer.word == "scan" and not gaps and not _is_partial(report):
        _close_findings(host, stored, origin.at)
    _take_facts(answer.facts, origin)
    return Ingested(stored, stored.verdict, gaps, new, repeated=False)


def _is_partial(report: Report) -> bool:
    """Whether it looked at some places only: then what it lacks may still be there."""
    return bool(report.scope) or "--fast" in report.command or "--packs" in report.command


def _close_findings(host: Host, report: StoredReport, at: datetime) -> None:
    StoredFinding.objects.filter(host=host, gone_at=None).exclude(report=report).update(gone_at=at)


def _make_row(host: Host, finding: Finding, report: StoredReport, at: datetime) -> StoredFinding:
    subject = finding.subject
    name = "\0".join((str(host.pk), finding.pack, finding.indicator, finding.layer, subject.kind, subject.name()))
    return StoredFinding(
        uid=hashlib.sha256(name.encode(errors="surrogatepass")).hexdigest(), host=host, report=report,
        pack=finding.pack[:64], indicator=finding.indicator[:TEXT], layer=finding.layer,
        confidence=finding.confidence, severity=finding.severity, subject_kind=subject.kind,
        subject=subject.name()[:4096].replace("\0", "\\0"), first_seen=at, last_seen=at,
    )  # fmt: skip


def _take_facts(facts: HostFacts, origin: _Origin) -> None:
    """Who the host says it is: a record for each of its addresses, all with the same proofs."""
    source = Source(kind="scan", name=facts.name[:64] or "a host")
    same = {
        "name": (facts.domain_name or facts.name).lower().rstrip("."), "machine_id": facts.machine_id,
        "serial": facts.serial, "agent_key": origin.key, "system": facts.system, "product": facts.product,
    }  # fmt: skip
    held = [
        (card.mac, address.partition("/")[0])
        for card in facts.cards
        for address in card.addresses or ("",)
        if not address.startswith(("127.", "::1/", "fe80:"))
    ]
    records = [
        HostRecord(mac=mac, address=address, seen_at=origin.at, admins=facts.admins, **same)  # type: ignore[arg-type]
        for mac, address in held or [("", "")]
    ]
    record_hosts(records, source, origin.at)
    record_seen_subnets(_list_subnets(facts), source, origin.at)


def _list_subnets(facts: HostFacts) -> list[str]:
    """What its routes lead to, but the default route and single hosts."""
    found = dict.fromkeys(facts.routes)
    return [route for route in found if not route.endswith(("/0", "/32", "/128"))][:MOST_SUBNETS]
