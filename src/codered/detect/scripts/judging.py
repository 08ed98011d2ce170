"""Adding up what a pack's signs say of one script."""

import hashlib
import time
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from codered.detect.scripts.budget import SECONDS
from codered.detect.scripts.facts import Fact, Script, load_vocabulary
from codered.detect.scripts.languages import find_scripts
from codered.detect.scripts.places import find_place_facts
from codered.detect.scripts.reading import read_script
from codered.detect.scripts.stretches import MOST_BYTES, list_stretches
from codered.detect.signatures import ContentHit
from codered.model.finding import CONFIDENCES, Confidence, Evidence, Finding, Subject
from codered.model.indicators import RULE_FACT, ScriptIndicator
from codered.model.observation import FileSeen, Piece
from codered.model.pack import LoadedPack
from codered.model.paths import path_from_bytes

LEVELS: tuple[tuple[int, Confidence], ...] = ((200, "confirmed"), (100, "likely"), (50, "suspicious"))
DOCUMENT = "named-as-document"
TEXT = "named-as-text"
TOO_LARGE = "script too large to be read whole"
MOST_SECONDS = 10.0  # of a piece of a file: in all its languages, at all its places
MOST_TOLD = 4  # reasons in one sentence
MOST_SHOWN = 200  # bytes of a fact's own words


class ScriptVerdict(NamedTuple):
    """What a pack's signs say of a script: those that hold, the heaviest first, their sum, and their facts."""

    pack: str
    holding: tuple[ScriptIndicator, ...]
    weight: int
    confidence: Confidence
    facts: tuple[Fact, ...]


class ScriptJudgement(NamedTuple):
    """What came of a file or a piece of it: verdicts, the strongest of each pack, and, if there is none, why it was not
    read whole (`cut`, empty = it was).
    """

    verdicts: tuple[ScriptVerdict, ...] = ()
    cut: str = ""


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

    def judge(self, seen: FileSeen, piece: Piece, hits: list[ContentHit], context: frozenset[str]) -> ScriptJudgement:
        """What the packs say whose gates are among the `hits` in a piece of a file; `context` are facts about it."""
        gates = [hit for hit in hits if (hit.pack, hit.rule) in self._gates]
        path = seen.system_path()
        matches = [item.offset for hit in gates for item in hit.evidence if item.offset is not None]
        end = time.monotonic() + MOST_SECONDS
        found: list[ScriptVerdict] = []
        cut = ""
        for stretch in list_stretches(piece.data, piece.offset, matches, path) if gates else ():
            head = b"" if stretch.start else stretch.data
            for script in find_scripts(stretch.data, path):
                told = read_script(script, min(SECONDS, max(0.0, end - time.monotonic())))
                cut = cut or told.cut or (TOO_LARGE if piece.offset or len(piece.data) > MOST_BYTES else "")
                places = (*find_place_facts(path, head, script.language), *context)
                facts = {name: Fact(name) for name in places}
                facts |= {name: fact._replace(at=stretch.find_place(fact.at)) for name, fact in told.facts.items()}
                found += self._weigh_all(gates, hits, script, facts)
        is_document = DOCUMENT in find_place_facts(path, b"")
        return ScriptJudgement(choose_strongest(found), "" if found or is_document else cut)

    def _weigh_all(
        self, gates: list[ContentHit], hits: list[ContentHit], script: Script, facts: dict[str, Fact]
    ) -> Iterator[ScriptVerdict]:
        for pack in sorted({hit.pack for hit in gates}):
            matched = {RULE_FACT + hit.rule: Fact(RULE_FACT + hit.rule) for hit in hits if hit.pack == pack}
            verdict = weigh(pack, self._signs.get(pack, ()), script.language, facts | matched)
            if verdict:
                yield verdict


def choose_strongest(verdicts: Iterable[ScriptVerdict]) -> tuple[ScriptVerdict, ...]:
    """Of several verdicts of a pack on one file the strongest."""
    best: dict[str, ScriptVerdict] = {}
    for verdict in sorted(verdicts, key=lambda each: (CONFIDENCES.index(each.confidence), -each.weight)):
        best.setdefault(verdict.pack, verdict)
    return tuple(best.values())


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
    elif TEXT in facts:
        highest = max("likely", highest, key=CONFIDENCES.index)
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
