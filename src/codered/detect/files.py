"""From what a file's place and content showed to findings."""

import hashlib

import msgspec

from codered.detect.places import PlaceHit
from codered.detect.signatures import ContentHit
from codered.model.finding import Confidence, Evidence, Finding, Subject, SubjectKind
from codered.model.indicators import ContentIndicator, FileIndicator
from codered.model.observation import FileSeen
from codered.model.paths import path_from_bytes


class HitFacts(msgspec.Struct, frozen=True):
    """What is known of a file once something fits: its SHA-256 (hex, "" for a folder), and the system files of the
    same machine with the very same content: the path of a `same_as` -> where that file lies.
    """

    sha256: str = ""
    twins: dict[str, str] = {}


def make_findings(seen: FileSeen, places: list[PlaceHit], contents: list[ContentHit], facts: HitFacts) -> list[Finding]:
    """The findings of one file. A place that asks for a hash or a rule counts only when the file has it."""
    by_place = [
        _finding(seen, hit.pack, hit.indicator, (*_place_evidence(seen, hit, facts), *_backing(hit, contents)), facts)
        for hit in places
        if _is_backed(hit, contents, facts)
    ]
    by_content = [
        _finding(seen, hit.pack, hit.indicator, hit.evidence, facts) for hit in contents if hit.indicator is not None
    ]
    return list({finding.id: finding for finding in (*by_place, *by_content)}.values())


def _is_backed(hit: PlaceHit, contents: list[ContentHit], facts: HitFacts) -> bool:
    indicator = hit.indicator
    if indicator.sha256 and facts.sha256 not in indicator.sha256:
        return False
    return not indicator.content or bool(_matching_rules(hit, contents))


def _matching_rules(hit: PlaceHit, contents: list[ContentHit]) -> list[ContentHit]:
    return [found for found in contents if found.pack == hit.pack and found.rule in hit.indicator.content]


def _backing(hit: PlaceHit, contents: list[ContentHit]) -> tuple[Evidence, ...]:
    return tuple(evidence for found in _matching_rules(hit, contents) for evidence in found.evidence)


def _place_evidence(seen: FileSeen, hit: PlaceHit, facts: HitFacts) -> tuple[Evidence, ...]:
    reasons = [f"lies at {seen.system_path()}"]
    if seen.size is not None and seen.size in hit.indicator.sizes:
        reasons.append(f"is {seen.size} bytes long")
    if facts.sha256 and facts.sha256 in hit.indicator.sha256:
        reasons.append("has the hash the pack names")
    reasons += [f"has the same content as {twin}" for twin in _twins(hit.indicator, facts)]
    return (Evidence(what="; ".join(reasons)),)


def _finding(
    seen: FileSeen,
    pack: str,
    indicator: FileIndicator | ContentIndicator,
    evidence: tuple[Evidence, ...],
    facts: HitFacts,
) -> Finding:
    path = path_from_bytes(seen.path)
    kind: SubjectKind = "directory" if seen.size is None else "file"
    return Finding(
        id=hashlib.sha256(f"{pack}\0{indicator.id}\0".encode() + seen.path).hexdigest()[:12],
        pack=pack,
        indicator=indicator.id,
        layer="files",
        subject=Subject(kind=kind, path=path.text, path_raw=path.raw, shown=seen.shown),
        confidence=_confidence(indicator, facts),
        severity=indicator.severity,
        because=indicator.because,
        evidence=(*evidence, *_whole_file(seen, facts)),
        attack=indicator.attack,
        shared_by=indicator.shared_by,
    )


def _whole_file(seen: FileSeen, facts: HitFacts) -> tuple[Evidence, ...]:
    if seen.size is None:
        return ()
    return (Evidence(what="the whole file", sha256=facts.sha256, size=seen.size),)


def _confidence(indicator: FileIndicator | ContentIndicator, facts: HitFacts) -> Confidence:
    if isinstance(indicator, FileIndicator) and _twins(indicator, facts):
        return "confirmed"
    return indicator.confidence


def _twins(indicator: FileIndicator, facts: HitFacts) -> list[str]:
    return [facts.twins[path] for path in indicator.same_as if path in facts.twins]
