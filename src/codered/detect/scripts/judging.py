"""Adding up what a pack's signs say of one script."""

import hashlib
from typing import NamedTuple

from codered.detect.scripts.facts import Fact, load_vocabulary
from codered.detect.scripts.languages import find_script
from codered.detect.scripts.places import find_place_facts
from codered.detect.scripts.reading import read_facts
from codered.detect.signatures import ContentHit
from codered.model.finding import CONFIDENCES, Confidence, Evidence, Finding, Subject
from codered.model.indicators import RULE_FACT, ScriptIndicator
from codered.model.observation import FileSeen
from codered.model.pack import LoadedPack
from codered.model.paths import path_from_bytes

LEVELS: tuple[tuple[int, Confidence], ...] = ((200, "confirmed"), (100, "likely"), (50, "suspicious"))
DOCUMENT = "named-as-document"
MOST_TOLD = 4  # reasons in one sentence
MOST_SHOWN = 200  # bytes of a fact's own words


class ScriptVerdict(NamedTuple):
    """What a pack's signs say of a script: those that hold, the heaviest first, their sum, and their facts."""

    pack: str
    holding: tuple[ScriptIndicator, ...]
    weight: int
    confidence: Confidence
    facts: tuple[Fact, ...]


class ScriptJudge:
    """The `scripts` signs of all packs, ready to judge."""

    def __init__(self, packs: tuple[LoadedPack, ...]) -> None:
        self._signs = {loaded.pack.name: loaded.pack.scripts for loaded in packs if loaded.pack.scripts}
        self._gates = {
            (loaded.pack.name, rule)
            for loaded in packs
            if loaded.pack.script_gate
            for rule in (*loaded.pack.script_gate.text, *loaded.pack.script_gate.binary)
        }

    def is_asked(self, hits: list[ContentHit]) -> bool:
        """Whether one of the hits is a pack's gate."""
        return any((hit.pack, hit.rule) in self._gates for hit in hits)

    def judge(
        self, seen: FileSeen, data: bytes, hits: list[ContentHit], context: frozenset[str]
    ) -> list[ScriptVerdict]:
        """What the packs say whose gate one of the `hits` is; `context` are facts about the file itself."""
        asked = {hit.pack for hit in hits if (hit.pack, hit.rule) in self._gates}
        script = find_script(data, seen.system_path()) if asked else None
        if script is None:
            return []
        facts = read_facts(script)
        for name in (*find_place_facts(seen.system_path(), data), *context):
            facts.setdefault(name, Fact(name))
        verdicts = []
        for pack in sorted(asked):
            matched = {RULE_FACT + hit.rule: Fact(RULE_FACT + hit.rule) for hit in hits if hit.pack == pack}
            verdicts.append(weigh(pack, self._signs.get(pack, ()), script.language, facts | matched))
        return [verdict for verdict in verdicts if verdict]


def weigh(pack: str, signs: tuple[ScriptIndicator, ...], language: str, facts: dict[str, Fact]) -> ScriptVerdict | None:
    """The verdict of a pack's signs over facts, None if they do not add up to a finding."""
    holding = sorted((sign for sign in signs if _holds(sign, language, facts)), key=lambda sign: -sign.weight)
    weight = sum(sign.weight for sign in holding)
    reached = next((level for least, level in LEVELS if weight >= least), None)
    if reached is None:
        return None
    highest = min((sign.confidence for sign in holding), key=CONFIDENCES.index)
    if DOCUMENT in facts:  # it tells of scripts; somebody would have to rename it first
        highest = "suspicious"
    used = dict.fromkeys(name for sign in holding for name in sign.when)
    return ScriptVerdict(
        pack=pack,
        holding=tuple(holding),
        weight=weight,
        confidence=max(reached, highest, key=CONFIDENCES.index),
        facts=tuple(facts[name] for name in used),
    )


def make_script_finding(seen: FileSeen, verdict: ScriptVerdict, sha256: str) -> Finding:
    """The finding of a file that a verdict speaks against."""
    heaviest = verdict.holding[0]
    path = path_from_bytes(seen.path)
    return Finding(
        id=hashlib.sha256(f"{verdict.pack}\0{heaviest.id}\0".encode() + seen.path).hexdigest()[:12],
        pack=verdict.pack,
        indicator=heaviest.id,
        layer="files",
        subject=Subject(kind="file", path=path.text, path_raw=path.raw, shown=seen.shown),
        confidence=verdict.confidence,
        severity=heaviest.severity,
        because=_tell(verdict),
        evidence=(
            *(_prove(fact) for fact in verdict.facts if fact.at >= 0),
            Evidence(what="the whole file", sha256=sha256, size=seen.size),
        ),
        attack=tuple(dict.fromkeys(name for sign in verdict.holding for name in sign.attack)),
    )


def _holds(sign: ScriptIndicator, language: str, facts: dict[str, Fact]) -> bool:
    if sign.languages and language not in sign.languages:
        return False
    return all(name in facts for name in sign.when) and not any(name in facts for name in sign.unless)


def _tell(verdict: ScriptVerdict) -> str:
    reasons = list(dict.fromkeys(sign.because.rstrip(".") for sign in verdict.holding))
    rest = len(reasons) - MOST_TOLD
    more = f"; {rest} more reason{'s' if rest > 1 else ''}" if rest > 0 else ""
    return f"{'; '.join(reasons[:MOST_TOLD])}{more} (weight {verdict.weight})"


def _prove(fact: Fact) -> Evidence:
    what = load_vocabulary().get(fact.name, fact.name)
    return Evidence(what=what, data=fact.shown[:MOST_SHOWN].encode("latin-1", "replace"), offset=fact.at)
