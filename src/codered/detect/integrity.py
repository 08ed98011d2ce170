"""Judging what is not as it is known to be good. No threat is named: it says that somebody changed it, and not who."""

import hashlib
import re
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from codered.detect.integrity_words import FileClass, IntegrityWords, read_words
from codered.model.allow_list import Allowed, AllowList, LetPass
from codered.model.finding import Confidence, Evidence, Finding, Severity, Subject, SubjectKind
from codered.model.heuristics import HEURISTICS
from codered.model.known_good import Deviation

WHOLE_FILE = "the whole file"
DATA = 256  # bytes of evidence
_RUNS: tuple[FileClass, ...] = ("program", "script", "unit", "served")
_GRAVE: tuple[FileClass, ...] = ("program", "script", "unit")
_SUBJECTS: dict[str, SubjectKind] = {
    "new-autostart": "autostart",
    "changed-autostart": "autostart",
    "new-account": "account",
    "changed-account": "account",
    "new-key": "key",
    "new-listener": "setting",
    "new-package": "package",
    "changed-package": "package",
    "missing-package": "package",
}
_LET_IN = ("new-autostart", "new-account", "new-key")
_WEAK = ("missing", "link", "attributes", "new-file", "changed-autostart", "changed-account", "new-listener")
_MODE = re.compile(r"0?([0-7]{4})\b")
_SET_ID = 0o6000


class IntegrityJudgement(NamedTuple):
    """The findings, and what would be one and is allowed."""

    findings: tuple[Finding, ...]
    allowed: tuple[LetPass, ...] = ()


def judge_deviations(deviations: Iterable[Deviation], allowed: AllowList, now: datetime) -> IntegrityJudgement:
    """A finding for each deviation, each thing once: of two with the same kind and subject the first counts. What the
    allow-list vouches for is none. `now` has a zone.
    """
    words = read_words()
    findings: dict[str, Finding] = {}
    passed: dict[str, LetPass] = {}
    for deviation in deviations:
        entry = _find_entry(deviation, allowed, now)
        if entry is None:
            finding = _make_finding(deviation, words)
            findings.setdefault(finding.id, finding)
        else:
            what = system_path(deviation) or deviation.name
            passed.setdefault(what, LetPass(what, entry))
    return IntegrityJudgement(tuple(findings.values()), tuple(passed.values()))


def system_path(deviation: Deviation) -> str:
    """The path as the examined system names it; "" if the deviation is about no file."""
    return deviation.shown or (deviation.path.text if deviation.path else "")


def _find_entry(deviation: Deviation, allowed: AllowList, now: datetime) -> Allowed | None:
    if deviation.kind == "new-key":
        return allowed.allows_key(deviation.name, now)
    if deviation.sha256 and deviation.path is not None:
        return allowed.allows_file(system_path(deviation), deviation.sha256, now)
    return None


def _make_finding(deviation: Deviation, words: IntegrityWords) -> Finding:
    told = words.deviations[deviation.kind]
    kind = words.classify(system_path(deviation), b"" if deviation.line else deviation.text)
    remedy = told.remedy
    if deviation.kind == "new-autostart" and not deviation.line:
        remedy = "quarantine_file"
    return Finding(
        id=_make_id(deviation),
        pack=HEURISTICS,
        indicator=deviation.kind,
        layer="integrity",
        subject=_make_subject(deviation),
        confidence=_judge_confidence(deviation, kind),
        severity=_judge_severity(deviation, kind),
        because=_tell(deviation, words, kind),
        evidence=_make_evidence(deviation),
        attack=told.attack,
        first_seen=deviation.changed,
        remedy=remedy,
        near=False,
    )


def _judge_confidence(deviation: Deviation, kind: FileClass) -> Confidence:
    """Likely is what runs, is served or lets somebody in; configuration only against a baseline, for the administrator
    may change what a package brought.
    """
    if deviation.kind == "new-autostart" and deviation.package and not deviation.line:
        return "suspicious"  # an upgrade brings units; that its own records say so is no proof either
    if deviation.kind in _LET_IN or deviation.kind in ("new-executable", "new-web-file"):
        return "likely"
    if deviation.kind in _WEAK or deviation.kind not in _mendable():
        return "suspicious"
    if kind in _RUNS or (kind == "config" and deviation.truth == "baseline"):
        return "likely"
    return "suspicious"


def _mendable() -> frozenset[str]:
    return frozenset(("content", "mode", "owner", "capabilities", "type"))


def _judge_severity(deviation: Deviation, kind: FileClass) -> Severity:
    if deviation.kind in _LET_IN or deviation.kind in ("new-executable", "new-web-file", "capabilities"):
        return "high"
    if deviation.kind == "mode":
        return "high" if _gains_set_id(deviation) else "medium"
    if deviation.kind in ("content", "type"):
        return "high" if kind in _GRAVE else "low" if kind == "slight" else "medium"
    if deviation.kind in ("missing", "new-file", "attributes"):
        return "medium" if kind in _RUNS else "low"
    return "low" if deviation.kind.endswith("package") else "medium"


def _gains_set_id(deviation: Deviation) -> bool:
    before, after = _MODE.search(deviation.expected), _MODE.search(deviation.actual)
    had = int(before[1], 8) if before else 0
    return bool(after and int(after[1], 8) & _SET_ID & ~had)


def _tell(deviation: Deviation, words: IntegrityWords, kind: FileClass) -> str:
    truth = words.truths[deviation.truth].format(package=deviation.package or "?")
    said = words.deviations[deviation.kind].because.format(
        what=words.kinds[kind], truth=truth, name=deviation.name or "?"
    )
    actual, expected = deviation.actual, deviation.expected
    compared = actual and expected and not deviation.kind.startswith("new-")
    values = f": it is {actual}, expected {expected}" if compared else f": {actual}" if actual else ""
    owner = f"; it is of package {deviation.package}" if deviation.package and deviation.truth == "baseline" else ""
    note = f"; {deviation.note}" if deviation.note else ""
    return f"{said}{'' if deviation.kind == 'missing' else values}{owner}{note}"


def _make_subject(deviation: Deviation) -> Subject:
    kind = _SUBJECTS.get(deviation.kind, "file")
    key = None if kind == "file" else deviation.name
    if deviation.kind == "new-listener" and key and not key.startswith("listener "):
        key = f"listener {key}"
    return Subject(
        kind=kind,
        path=deviation.path.text if deviation.path else None,
        path_raw=deviation.path.raw if deviation.path else None,
        shown=deviation.shown,
        key=key,
        line=deviation.line or None,
    )


def _make_evidence(deviation: Deviation) -> tuple[Evidence, ...]:
    if deviation.line:
        line = Evidence(
            what=f"line {deviation.line}", line=deviation.line, data=deviation.text[:DATA], source="line",
            sha256=deviation.line_sha256,
        )  # fmt: skip
        return (line,)
    if deviation.sha256:
        return (Evidence(what=WHOLE_FILE, sha256=deviation.sha256, size=deviation.size, source="file"),)
    return ()


def _make_id(deviation: Deviation) -> str:
    path = deviation.path.to_bytes() if deviation.path else b""
    parts = (HEURISTICS.encode(), deviation.kind.encode(), path, str(deviation.line).encode(),
             deviation.name.encode(errors="surrogateescape"))  # fmt: skip
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:12]
