"""The findings of a report as text, grouped by threat. Findings from logs are told by sign, not by address: the
attackers' table has the addresses.
"""

from collections.abc import Iterable, Sequence

from codered.export.writing.escaping import legible
from codered.export.writing.layout import WIDTH, measure, wrap
from codered.export.writing.paint import SHADE_OF_CONFIDENCE, Paint
from codered.export.writing.words import (
    capitalise,
    count_of,
    describe_evidence,
    format_count,
    group_of,
    map_titles,
    name_threat,
    quote_bytes,
)
from codered.model.finding import CONFIDENCES, SEVERITIES, UNATTRIBUTED, Evidence, Finding
from codered.model.report import Report

MOST_FINDINGS = 100
"""Findings told of one threat: a mass infector leaves tens of thousands, and they are all in --json and --csv."""

MOST_EVIDENCE = 4
_MARGIN = " " * 6


def write_findings(report: Report, paint: Paint) -> list[str]:
    """The section of findings, [] when there are none."""
    titles = map_titles(report)
    lines: list[str] = []
    for pack, findings in group_by_pack(report.findings).items():
        title = (
            "Signs that several threats share"
            if pack == UNATTRIBUTED
            else f"{capitalise(titles.get(pack, pack))} ({pack})"
        )
        heading = legible(title, 80)
        lines += paint.head(heading if measure(heading) <= WIDTH else heading[: WIDTH // 2])
        own = rank_findings(f for f in findings if f.layer != "logs")
        for finding in own[:MOST_FINDINGS]:
            lines += _write_finding(finding, titles, paint)
        if len(own) > MOST_FINDINGS:
            lines.append(f"  … and {format_count(len(own) - MOST_FINDINGS)} more (see --json or --csv)")
        lines += _write_log_signs([f for f in findings if f.layer == "logs"], titles, paint)
    return lines


def group_by_pack(findings: Iterable[Finding]) -> dict[str, list[Finding]]:
    """Pack name -> its findings, in the report's order, what is not attributed last."""
    groups: dict[str, list[Finding]] = {}
    for finding in findings:
        groups.setdefault(group_of(finding), []).append(finding)
    if UNATTRIBUTED in groups:
        groups[UNATTRIBUTED] = groups.pop(UNATTRIBUTED)
    return groups


def rank_findings(findings: Iterable[Finding]) -> list[Finding]:
    """The surest first, then the worst, then by name."""
    return sorted(
        findings,
        key=lambda f: (CONFIDENCES.index(f.confidence), SEVERITIES.index(f.severity), f.subject.name()),
    )


def group_log_signs(findings: Iterable[Finding]) -> list[list[Finding]]:
    """Log findings that show the same sign with the same weight, one list a sign, the one with most requests first."""
    groups: dict[tuple[object, ...], list[Finding]] = {}
    for f in findings:
        groups.setdefault((f.indicator, f.confidence, f.severity, f.shared_by, f.internal), []).append(f)
    return sorted(groups.values(), key=lambda group: -sum(f.count for f in group))


def _write_finding(finding: Finding, titles: dict[str, str], paint: Paint) -> list[str]:
    subject = finding.subject
    name = legible(subject.name(), 4200)
    label = f"  {finding.confidence:<10}  {finding.severity:<8}  "
    # A path that does not fit beside its label gets its own line, whole, to be copied.
    beside = measure(label) + measure(name) <= WIDTH
    lines = wrap(name, first=label) if beside else [label.rstrip(), *wrap(name, first=_MARGIN, rest=_MARGIN + "  ")]
    if subject.path and subject.shown and subject.shown != subject.path:
        lines += wrap(legible(subject.path, 4200), first=_MARGIN + "here: ", rest=_MARGIN + "  ")
    if finding.shared_by:
        lines += _tell("threat", name_threat(titles, finding.pack, finding.shared_by))
    lines += _tell("why", finding.because)
    lines += _write_evidence(finding.evidence)
    if finding.attack:
        lines += _tell("ATT&CK", ", ".join(finding.attack))
    return paint.shade_start(lines, f"  {finding.confidence}", SHADE_OF_CONFIDENCE[finding.confidence])


def _write_evidence(pieces: Sequence[Evidence]) -> list[str]:
    lines: list[str] = []
    for piece in pieces[:MOST_EVIDENCE]:
        quoted = quote_bytes(piece.data)
        said = describe_evidence(piece) + (f': "{quoted}"' if quoted else "")
        lines += _tell("proof", said)
    if len(pieces) > MOST_EVIDENCE:
        lines += _tell("proof", f"and {format_count(len(pieces) - MOST_EVIDENCE)} more (see --json)")
    return lines


def _write_log_signs(findings: Sequence[Finding], titles: dict[str, str], paint: Paint) -> list[str]:
    lines: list[str] = []
    for group in group_log_signs(findings)[:MOST_FINDINGS]:
        first = group[0]
        addresses = len({f.subject.name() for f in group})
        requests = count_of(sum(f.count for f in group), "request")
        what = f"{requests} from {count_of(addresses, 'address', 'addresses')}: {first.indicator}"
        told = wrap(legible(what), first=f"  {first.confidence:<10}  {first.severity:<8}  ", rest=_MARGIN)
        if first.shared_by:
            told += _tell("threat", name_threat(titles, first.pack, first.shared_by))
        told += _tell("why", first.because if len(group) == 1 else f"for example: {first.because}")
        told += _write_evidence(first.evidence[:1])
        lines += paint.shade_start(told, f"  {first.confidence}", SHADE_OF_CONFIDENCE[first.confidence])
    return lines


def _tell(label: str, text: str) -> list[str]:
    return wrap(legible(text), first=f"{_MARGIN}{label}: ", rest=_MARGIN + "  ")
