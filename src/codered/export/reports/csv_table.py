"""Report -> CSV (RFC 4180, UTF-8): one row a finding, or one row an attacking address. No cell can become a formula."""

import csv
import io
from collections.abc import Iterable

from codered.export.writing.escaping import guard_cell
from codered.export.writing.headline import rank_attackers
from codered.export.writing.traffic_words import name_ports, name_scanner, rank_scanners
from codered.export.writing.words import count_of, describe_evidence, format_time, map_titles, name_threat
from codered.model.finding import Finding
from codered.model.report import Attacker, Report, Scanner

FINDING_COLUMNS = (
    "pack", "threat", "indicator", "layer", "confidence", "severity", "subject_kind", "subject", "path", "pid",
    "address", "key", "because", "shared_by", "attack", "count", "first_seen_utc", "last_seen_utc", "answers",
    "internal", "evidence",
)  # fmt: skip
ATTACKER_COLUMNS = (
    "address", "where", "threat", "packs", "requests", "first_seen_utc", "last_seen_utc", "answers", "sources", "scans",
)  # fmt: skip


def render_csv(report: Report) -> str:
    """One row a finding. The bytes that were found are not in it (they are in the JSON), so that a saved table can not
    match the rules that made it.
    """
    titles = map_titles(report)
    return _write_rows(FINDING_COLUMNS, (_finding_row(finding, titles) for finding in report.findings))


def render_attackers_csv(report: Report) -> str:
    """One row an attacking address: internal ones first, then by the number of requests; then those who only scan."""
    titles, scans = map_titles(report), _list_scans(report)
    rows = [(*_attacker_row(attacker, titles), scans.pop(attacker.address, "")) for attacker in rank_attackers(report)]
    left = {one.actor.address or name_scanner(one): one for one in reversed(rank_scanners(report))}
    rows += [_scanner_row(address, left[address], said) for address, said in scans.items()]
    return _write_rows(ATTACKER_COLUMNS, rows)


def _list_scans(report: Report) -> dict[str, str]:
    """What each address that scans reaches for."""
    said: dict[str, list[str]] = {}
    for one in rank_scanners(report):
        sure = "allowed" if one.allowed else one.confidence
        told = f"{name_ports(one)}: {count_of(one.attempts, 'attempt')}, {sure}"
        said.setdefault(one.actor.address or name_scanner(one), []).append(told)
    return {address: "; ".join(told) for address, told in said.items()}


def _scanner_row(address: str, scanner: Scanner, said: str) -> tuple[str, ...]:
    where = "internal" if scanner.internal else "external"
    first, last = (format_time(moment) if moment else "" for moment in (scanner.first_seen, scanner.last_seen))
    return (address, where, "", " ".join(scanner.packs), "0", first, last, "", "", said)


def _finding_row(finding: Finding, titles: dict[str, str]) -> tuple[str, ...]:
    subject = finding.subject
    return (
        finding.pack,
        name_threat(titles, finding.pack, finding.shared_by),
        finding.indicator,
        finding.layer,
        finding.confidence,
        finding.severity,
        subject.kind,
        subject.name(),
        subject.path or "",
        "" if subject.pid is None else str(subject.pid),
        subject.address or "",
        subject.key or "",
        finding.because,
        " ".join(finding.shared_by),
        " ".join(finding.attack),
        str(finding.count),
        format_time(finding.first_seen) if finding.first_seen else "",
        format_time(finding.last_seen) if finding.last_seen else "",
        _list_answers(finding.answers),
        "" if finding.internal is None else str(finding.internal).lower(),
        "; ".join(describe_evidence(piece) for piece in finding.evidence),
    )


def _attacker_row(attacker: Attacker, titles: dict[str, str]) -> tuple[str, ...]:
    threats = dict.fromkeys(name_threat(titles, seen.pack, seen.shared_by) for seen in attacker.threats)
    return (
        attacker.address,
        "internal" if attacker.internal else "external",
        "; ".join(threats),
        " ".join(dict.fromkeys(seen.pack for seen in attacker.threats)),
        str(attacker.count),
        format_time(attacker.first_seen) if attacker.first_seen else "",
        format_time(attacker.last_seen) if attacker.last_seen else "",
        _list_answers(attacker.answers),
        " ".join(attacker.sources),
    )


def _list_answers(answers: dict[str, int]) -> str:
    return " ".join(f"{status}:{count}" for status, count in sorted(answers.items()))


def _write_rows(columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([guard_cell(cell) for cell in row] for row in rows)
    return out.getvalue()
