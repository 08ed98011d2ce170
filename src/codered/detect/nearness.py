"""What changed at the time of an infection: a new key means little on a quiet host, and much in that hour."""

from datetime import timedelta

import msgspec

from codered.model.finding import Finding
from codered.model.heuristics import HEURISTICS

WITHIN = timedelta(hours=1)
_RAISED = ("autostart", "account", "key")


def raise_by_time(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """The findings, with suspicious heuristic ones about autostart, accounts and keys made likely where they changed
    within an hour of something that is likely or confirmed by itself.
    """
    sure = [item for item in findings if item.confidence != "suspicious" and item.layer != "logs" and item.first_seen]
    return tuple(_raise(item, sure) for item in findings)


def _raise(finding: Finding, sure: list[Finding]) -> Finding:
    if finding.pack != HEURISTICS or finding.confidence != "suspicious" or finding.subject.kind not in _RAISED:
        return finding
    seen = finding.first_seen
    near = next((item for item in sure if seen and item.first_seen and abs(item.first_seen - seen) <= WITHIN), None)
    if near is None:
        return finding
    because = f"{finding.because}; it changed within an hour of {near.subject.name()}"
    return msgspec.structs.replace(finding, confidence="likely", because=because)
