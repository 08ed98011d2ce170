"""Reports of hosts -> the database: whole reports, findings once from first to last sight, who the host says it is.

A report is evidence from a machine that may be in an intruder's hands: sizes and numbers are bounded, its times may not
lie in the future, and a repeat changes nothing.
"""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

import msgspec
import zstandard
from django.db import transaction

from codered.export.writing.escaping import printable
from codered.model.errors import WrongUse
from codered.model.finding import Finding
from codered.model.job import Answer
from codered.model.report import Report
from codered.model.response import Verification
from codered_hq.fleet.facts import take_facts
from codered_hq.fleet.finding_rows import FindingRow, put_rows
from codered_hq.fleet.models import StoredFinding, StoredReport
from codered_hq.hosts.models import TEXT, Host, Identifier
from codered_hq.opening import be_patient

MOST_FINDINGS = 50_000
BATCH = 100
MOST_WORDS = 200  # characters of what a host gives as a reason
_LEVEL = 3
_NARROWING = frozenset(["--fast", "--packs", "--path"])
_FIRST = datetime(2026, 1, 1, tzinfo=UTC)


class Ingested(NamedTuple):
    """What a sealed answer brought. `repeated`: it was here before; `new`: findings that this host did not have;
    `missing`: in words what was not looked at ("" = nothing).
    """

    report: StoredReport
    verdict: str
    gaps: int
    new: int
    repeated: bool
    missing: str


class Origin(NamedTuple):
    """Where a verified answer is from: the sealed body, the name of the key, when it came in (aware). `narrow`: the
    host was asked to look at some things only, whatever its report says of that; `asked`: at which address.
    """

    body: bytes
    key: str
    at: datetime
    narrow: bool = False
    asked: str = ""


def ingest_answer(host: Host, answer: Answer, origin: Origin) -> Ingested:
    """Take a verified answer of a host. Raises WrongUse for a document that can't be read, and if the database stays
    away.
    """
    read = _read_document(answer)
    return be_patient(lambda: _ingest(host, answer, read, origin))


def read_report(answer: Answer) -> Report | None:
    """The report in an answer; None for words that bring none. Raises WrongUse."""
    read = _read_document(answer)
    return read.report if isinstance(read, Verification) else read


def read_verification(answer: Answer) -> Verification | None:
    """The verification in an answer; None for words that bring none. Raises WrongUse."""
    read = _read_document(answer)
    return read if isinstance(read, Verification) else None


def _read_document(answer: Answer) -> Report | Verification | None:
    if answer.word not in ("scan", "verify") or not answer.document:
        return None
    kind: type[Report | Verification] = Verification if answer.word == "verify" else Report
    try:
        return msgspec.json.decode(answer.document, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        what = f"its report can't be read: {ascii(str(error))[1:-1][:120]}"
        raise WrongUse(what, where=answer.host[:TEXT], advice="see which version of the tool runs there") from None


def store_findings(host: Host, findings: Sequence[Finding], report: StoredReport, at: datetime) -> int:
    """Add a report's findings to those of the host; how many it did not have. Call it within a transaction."""
    rows = {row.uid: row for row in (_make_row(host, finding) for finding in findings[:MOST_FINDINGS])}
    return put_rows(list(rows.values()), report, at)


def close_findings(host: Host, findings: Sequence[Finding], at: datetime) -> None:
    """These findings of the host are proved to be gone at this time (aware)."""
    names = list({_name_row(host, finding) for finding in findings[:MOST_FINDINGS]})
    for start in range(0, len(names), BATCH):
        StoredFinding.objects.filter(uid__in=names[start : start + BATCH], gone_at=None).update(gone_at=at)


def find_finding(row: StoredFinding) -> Finding | None:
    """A stored finding as its report has it; None if that does not hold it. Raises WrongUse for a report that can't be
    read.
    """
    kind: type[Report | Verification] = Verification if row.report.word == "verify" else Report
    try:
        read = msgspec.json.decode(read_document(row.report), type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, zstandard.ZstdError) as error:
        what = f"its report can't be read: {ascii(str(error))[1:-1][:120]}"
        raise WrongUse(what, where=row.host.label, advice="scan the host again") from None
    report = read.report if isinstance(read, Verification) else read
    return next((each for each in report.findings if _name_row(row.host, each) == row.uid), None)


def read_document(report: StoredReport) -> bytes:
    """The document of a stored report as the host sent it."""
    return zstandard.ZstdDecompressor().decompress(bytes(report.document))


@transaction.atomic
def _ingest(host: Host, answer: Answer, read: Report | Verification | None, origin: Origin) -> Ingested:
    uid = hashlib.sha256(origin.body).hexdigest()
    known = StoredReport.objects.filter(uid=uid).first()
    report = read.report if isinstance(read, Verification) else read
    missing = _tell_missing(report) if report else ""
    if known is not None:
        return Ingested(known, known.verdict, known.gaps, 0, repeated=True, missing=missing)
    gaps = len(report.gaps()) + report.interrupted + _is_cut(report) if report else 0
    partial = bool(report and (answer.word != "scan" or origin.narrow or _is_partial(report)))
    verdict = read.answer if isinstance(read, Verification) else read.verdict if read else ""
    stored = StoredReport.objects.create(
        uid=uid, host=host, word=answer.word, verdict=verdict, gaps=gaps, partial=partial, key=origin.key,
        taken_at=read_time(answer.ended, origin.at), received_at=origin.at,
        document=zstandard.ZstdCompressor(_LEVEL).compress(answer.document),
    )  # fmt: skip
    new = store_findings(host, report.findings, stored, origin.at) if report else 0
    if report and not gaps and not partial:
        _close_findings(host, stored, origin.at)
    _pin_key(host, origin)
    take_facts(answer.facts, origin.key, origin.at, origin.asked)
    return Ingested(stored, stored.verdict, gaps, new, repeated=False, missing=missing)


def _tell_missing(report: Report) -> str:
    """The first gap in its own words, and how many there are besides."""
    gaps = report.gaps()
    more = len(gaps) - 1 + report.interrupted + _is_cut(report)
    if not gaps and _is_cut(report):
        return f"more than {MOST_FINDINGS:,} findings: the others are in its report alone"
    if not gaps:
        return "the scan was interrupted" if report.interrupted else ""
    first = gaps[0]
    words = ": ".join(filter(None, (first.layer, first.where.strip("/") and first.where, first.why)))
    return _clean(printable(words), MOST_WORDS) + (f" (and {more:,} more)" if more else "")


def read_time(told: datetime, at: datetime) -> datetime:
    """When a host says that it was: never in the future, and never before anybody had such a tool."""
    if told.tzinfo is None or told > at or told < _FIRST:
        return at
    return told


def _pin_key(host: Host, origin: Origin) -> None:
    """The key that a host answers with is the first thing it is known by: we know whom we asked."""
    row = Identifier(host=host, kind="agent_key", value=origin.key, source="scan: an answer")
    row.first_seen = row.last_seen = origin.at
    Identifier.objects.bulk_create(
        [row], update_conflicts=True, unique_fields=["host", "kind", "value"], update_fields=["last_seen"]
    )


def _is_partial(report: Report) -> bool:
    """Whether it looked at some places only: then what it lacks may still be there. A host that a job asks says what it
    was asked for behind `--`: nothing there is the whole host, of which the report's scope lists the usual places.
    """
    options = {word.partition("=")[0] for word in report.command}
    asked = report.command[report.command.index("--") + 1 :] if "--" in report.command else None
    places = bool(asked) if asked is not None else report.scope not in ((), ("/",))
    return places or not options.isdisjoint(_NARROWING)


def _is_cut(report: Report) -> bool:
    """Whether it has more findings than are kept one by one: nothing can be concluded from what is not there."""
    return len(report.findings) > MOST_FINDINGS


def _close_findings(host: Host, report: StoredReport, at: datetime) -> None:
    StoredFinding.objects.filter(host=host, gone_at=None).exclude(report=report).update(gone_at=at)


def _name_row(host: Host, finding: Finding) -> str:
    """The same for the same thing in each report of a host."""
    subject = finding.subject
    name = "\0".join((str(host.pk), finding.pack, finding.indicator, finding.layer, subject.kind, subject.name()))
    return hashlib.sha256(name.encode(errors="surrogatepass")).hexdigest()


def _make_row(host: Host, finding: Finding) -> FindingRow:
    subject = finding.subject
    return FindingRow(
        uid=_name_row(host, finding), pack=_clean(finding.pack, 64), indicator=_clean(finding.indicator, TEXT),
        layer=finding.layer, confidence=finding.confidence, severity=finding.severity, subject_kind=subject.kind,
        subject=_clean(subject.name(), 4096),
    )  # fmt: skip


def _clean(text: str, most: int) -> str:
    """As databases take it: no NUL, nothing that is no UTF-8."""
    return text.encode(errors="backslashreplace").decode().replace("\0", "\\0")[:most]
