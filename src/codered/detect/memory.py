"""Judging memory by the packs' rules for it: that of a process or of a dump, wherever the bytes come from."""

import hashlib
from collections.abc import Iterable, Iterator
from datetime import datetime

import msgspec
from msgspec.structs import replace

from codered.engine import Matcher, PatternMatch, RuleMatch
from codered.model.finding import Evidence, Finding, Subject
from codered.model.indicators import ContentIndicator
from codered.model.ruleset import RuleSet

SECONDS_PER_PIECE = 10  # of engine time on one piece of memory; 16 MiB take 0.02 s
MOST_MATCHES = 100  # kept per string
BEFORE = 8  # bytes of context kept before a match: a line of text must have room for the match itself
AFTER = 64
MOST_EVIDENCE_BYTES = 256
MOST_SIGHTS = 8  # places told in one finding
DOUBT = (
    "It lies only in data of a program that came with a package: whoever sends it these bytes puts them there, so this "
    "is no proof that the program was taken over"
)


class Sight(msgspec.Struct, frozen=True):
    """A string of a rule in memory: its name with the `$`, where it starts (`base` + its offset in the piece), its
    length, and the bytes around it.
    """

    string: str
    place: int
    length: int
    data: bytes


class MemoryHit(msgspec.Struct, frozen=True):
    """A rule for memory that matched: the pack's name, its indicator, and where its strings are (at most 8)."""

    pack: str
    indicator: ContentIndicator
    sights: tuple[Sight, ...]

    @property
    def key(self) -> tuple[str, str]:
        """The pack and the indicator: what one thing is told of once."""
        return self.pack, self.indicator.id


class MemoryJudge:
    """The packs' rules for memory, ready to judge one piece after the other.

    A rule sees one piece: its strings are found together only if they lie in the same one. A caller that cuts memory
    up asks `has_signs` of each part and gives `match` a larger piece around a part that has some.
    """

    def __init__(self, rules: RuleSet) -> None:
        self._indicators = dict(_list_indicators(rules))
        self.is_empty = not (self._indicators and rules.memory and rules.first_memory)
        if not self.is_empty:
            self._first = Matcher(rules.first_memory, seconds=SECONDS_PER_PIECE, most=1, first_only=True)
            self._full = Matcher(rules.memory, seconds=SECONDS_PER_PIECE, most=MOST_MATCHES)

    def has_signs(self, data: bytes) -> bool:
        """Whether the piece holds an anchor of any rule; without one no rule can match. Raises engine.GaveUp."""
        return not self.is_empty and self._first.hits(data)

    def match(self, data: bytes, base: int) -> list[MemoryHit]:
        """The rules that match the piece, which starts at `base`. Raises engine.GaveUp."""
        if self.is_empty:
            return []
        hits = []
        for match in self._full.match(data):
            indicator = self._indicators.get((match.namespace, match.rule))
            if indicator is not None:
                hits.append(MemoryHit(match.namespace, indicator, tuple(_find_sights(match, data, base))))
        return hits

    def judge_piece(self, data: bytes, base: int) -> list[MemoryHit]:
        """`match`, but only for a piece that has signs: a tenth of the time for all others. Raises engine.GaveUp."""
        return self.match(data, base) if self.has_signs(data) else []


def merge_hits(hits: Iterable[MemoryHit]) -> list[MemoryHit]:
    """One hit for each indicator, with the first places of all of them."""
    merged: dict[tuple[str, str], MemoryHit] = {}
    for hit in hits:
        known = merged.get(hit.key)
        if known is None:
            merged[hit.key] = hit
        elif len(known.sights) < MOST_SIGHTS:
            sights = {(sight.string, sight.place): sight for sight in (*known.sights, *hit.sights)}
            merged[hit.key] = MemoryHit(hit.pack, hit.indicator, tuple(sights.values())[:MOST_SIGHTS])
    return list(merged.values())


def make_memory_finding(
    hit: MemoryHit, subject: Subject, evidence: tuple[Evidence, ...], first_seen: datetime | None = None
) -> Finding:
    """The finding of a hit in the memory that `subject` names; `first_seen` is UTC."""
    indicator = hit.indicator
    where = subject.address if subject.pid is None else subject.start  # a process is told of once, wherever it has it
    named = f"{hit.pack}\0{indicator.id}\0{subject.path}\0{subject.pid}\0{where}"
    return Finding(
        id=hashlib.sha256(named.encode(errors="surrogateescape")).hexdigest()[:12],
        pack=hit.pack,
        indicator=indicator.id,
        layer="memory",
        subject=subject,
        confidence=indicator.confidence,
        severity=indicator.severity,
        because=indicator.because,
        evidence=evidence[:MOST_SIGHTS],
        attack=indicator.attack,
        shared_by=indicator.shared_by,
        first_seen=first_seen,
    )


def doubt_memory_finding(finding: Finding) -> Finding:
    """The same finding as a suspicion, for memory that anybody can fill; its evidence says so."""
    proof = Evidence(what=DOUBT, source="ownership")
    return replace(
        finding,
        confidence="suspicious",
        because=f"{finding.because} {DOUBT}.",
        evidence=(proof, *finding.evidence)[:MOST_SIGHTS],
    )


def _list_indicators(rules: RuleSet) -> Iterator[tuple[tuple[str, str], ContentIndicator]]:
    for loaded in rules.packs:
        for item in loaded.pack.content:
            if "memory" in item.where:
                yield (loaded.pack.name, item.rule), item


def _find_sights(match: RuleMatch, data: bytes, base: int) -> Iterator[Sight]:
    """The first place of each string, then further ones, as long as there is room."""
    seen: set[str] = set()
    first: list[PatternMatch] = []
    more: list[PatternMatch] = []
    for found in match.patterns:
        (more if found.pattern in seen else first).append(found)
        seen.add(found.pattern)
    for found in (*first, *more)[:MOST_SIGHTS]:
        start = max(found.offset - BEFORE, 0)
        end = min(found.offset + found.length + AFTER, start + MOST_EVIDENCE_BYTES)
        yield Sight(found.pattern, base + found.offset, found.length, data[start:end])
