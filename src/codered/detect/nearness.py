"""What changed at the time of an infection: a new key means little on a quiet host, and much in that hour."""

from collections import Counter
from datetime import timedelta

import msgspec

from codered.model.finding import Finding
from codered.model.heuristics import HEURISTICS

WITHIN = timedelta(hours=1)
_RAISED = ("autostart", "account", "key")
_NO_INTRUDER = ("logs", "integrity", "patches")  # an administrator who builds a program anew raises no alarm


def raise_by_time(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """The findings, with suspicious heuristic ones about autostart, accounts and keys made likely where they changed
    within an hour of something that is likely or confirmed by itself. Lines are dated by their file: where several
    of one are findings, nobody can tell which of them is new, and none is raised; nor is what is not to be (`near`).
    """
    sure = [
        item
        for item in findings
        if item.confidence != "suspicious" and item.layer not in _NO_INTRUDER and item.first_seen
    ]
    lines = {(item.subject.path, item.subject.line) for item in findings if _is_line(item)}
    several = {path for path, count in Counter(path for path, _ in lines).items() if count > 1}
    return tuple(item if _is_line(item) and item.subject.path in several else _raise(item, sure) for item in findings)


def _is_line(finding: Finding) -> bool:
    """Whether it is one of the lines of a file, all of them as new as the file; what dates itself is not meant."""
    return finding.subject.kind == "autostart" and finding.subject.line is not None


def _raise(finding: Finding, sure: list[Finding]) -> Finding:
    if finding.pack != HEURISTICS or finding.confidence != "suspicious" or not finding.near:
        return finding
    if finding.subject.kind not in _RAISED:
        return finding
    seen = finding.first_seen
    near = next((item for item in sure if seen and item.first_seen and abs(item.first_seen - seen) <= WITHIN), None)
    if near is None:
        return finding
    because = f"{finding.because}; it changed within an hour of {near.subject.name()}"
    return msgspec.structs.replace(finding, confidence="likely", because=because)
