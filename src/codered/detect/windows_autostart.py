"""Judging what starts by itself on Windows: by the packs' signs, and by what the heuristics add up to."""

import hashlib
from collections.abc import Iterator
from datetime import datetime
from importlib import resources
from typing import Protocol

import msgspec

from codered.detect.autostart import AutostartJudgement
from codered.detect.autostart_signs import AutostartSigns
from codered.detect.blamed_files import BLAMED, MOST_PATH, RUNS
from codered.detect.heuristics import TEXT_FACT, HeuristicJudge, Judgement, Read
from codered.detect.windows_facts import WindowsFacts
from codered.model.allow_list import Allowed, AllowList, LetPass
from codered.model.finding import Confidence, Evidence, Finding, Subject
from codered.model.heuristics import HEURISTICS
from codered.model.indicators import Indicator
from codered.model.persistence import Autostart
from codered.model.registry import escape_name
from codered.model.ruleset import RuleSet

DEFAULT = "win-default"
DISABLED = "win-disabled"
CARVED = "hive-carved"
USUAL = "usual"  # the source of evidence: what a value says on a clean system
DATA = 256  # bytes of evidence
_WORDS = {
    "hive-replayed": "the hive was not closed cleanly: its logs were applied to a copy",
    "hive-dirty": "the hive was not closed cleanly, and no log could be applied: it may say more by now",
    CARVED: "the hive is damaged: this was found by searching in it",
}
_OWN_TEXT = f"{TEXT_FACT}win-"


class Seen(Protocol):
    """What a collector of Windows autostart entries hands over."""

    @property
    def entries(self) -> tuple[Autostart, ...]:
        """All of them."""
        ...

    @property
    def installed(self) -> datetime | None:
        """When the system was installed (UTC), None if that can't be told."""
        ...

    @property
    def root(self) -> str:
        """The folder of the system (`C:\\WINNT`), "" if that can't be told."""
        ...


def judge_windows_autostart(seen: Seen, rules: RuleSet, allowed: AllowList, now: datetime) -> AutostartJudgement:
    """The findings of all entries. What every clean system has is one only by a pack's own sign; what the allow-list
    vouches for is none by heuristics. `now` has a zone.
    """
    signs, judge = AutostartSigns(rules.packs), HeuristicJudge(rules)
    facts = WindowsFacts(rules.heuristics, seen.entries, seen.installed, seen.root)
    findings: dict[str, Finding] = {}
    let_pass: dict[str, LetPass] = {}
    for entry in seen.entries:
        known = signs.find(entry)
        for sign in known:
            finding = _by_pack(entry, sign.pack, sign.indicator, facts)
            findings[finding.id] = finding
        if known or DEFAULT in entry.facts or _never_starts(entry):
            continue
        judged = _judge_one(entry, judge, facts)
        if judged is None:
            continue
        name = judged.subject.name() if entry.registry else entry.system_path()
        if (vouched := _find_vouched(entry, name, allowed, now)) is not None:
            let_pass[name] = LetPass(name, vouched)
            continue
        findings[judged.id] = judged
    return AutostartJudgement(tuple(findings.values()), tuple(let_pass.values()))


def _never_starts(entry: Autostart) -> bool:
    """A service that is switched off: what a plan did to it must not be found again. A pack's sign of it still is."""
    return entry.kind in ("service", "driver") and DISABLED in entry.facts


def _find_vouched(entry: Autostart, name: str, allowed: AllowList, now: datetime) -> Allowed | None:
    """A file is vouched for by its content, an entry of the registry by what it says."""
    if entry.registry:
        return allowed.allows_entry(name, escape_name(entry.command), now)
    return allowed.allows_file(name, entry.sha256, now) if entry.sha256 else None


def _judge_one(entry: Autostart, judge: HeuristicJudge, facts: WindowsFacts) -> Finding | None:
    read = judge.read(entry.text)
    texts = frozenset(fact for fact in read.facts if fact.startswith(_OWN_TEXT) or not fact.startswith(TEXT_FACT))
    judgement = judge.judge("autostart", entry.kind, facts.find(entry) | texts)
    if judgement is None:
        return None
    places = {name: place for name, place in read.places.items() if name in texts}
    return _by_heuristics(entry, judgement, Read(texts, places), facts)


def _by_pack(entry: Autostart, pack: str, sign: Indicator, facts: WindowsFacts) -> Finding:
    return Finding(
        id=_make_id(pack, sign.id, entry),
        pack=pack,
        indicator=sign.id,
        layer="autostart",
        subject=_subject(entry),
        confidence=_cap(entry, sign.confidence),
        severity=sign.severity,
        because=_because(entry, sign.because),
        evidence=tuple(_evidence(entry, None, facts)),
        attack=sign.attack,
        shared_by=sign.shared_by,
        first_seen=entry.changed,
        remedy=_choose_remedy(entry),
    )


def _by_heuristics(entry: Autostart, judgement: Judgement, read: Read, facts: WindowsFacts) -> Finding:
    return Finding(
        id=_make_id(HEURISTICS, judgement.indicator, entry),
        pack=HEURISTICS,
        indicator=judgement.indicator,
        layer="autostart",
        subject=_subject(entry),
        confidence=_cap(entry, judgement.confidence),
        severity=judgement.severity,
        because=_because(entry, judgement.because),
        evidence=tuple(_evidence(entry, read, facts)),
        attack=judgement.attack(),
        first_seen=entry.changed,
        remedy=judgement.remedy or _choose_remedy(entry),
        near=False,
    )


def _cap(entry: Autostart, confidence: Confidence) -> Confidence:
    """What was searched for in a damaged hive may be long deleted."""
    return "suspicious" if CARVED in entry.facts else confidence


def _because(entry: Autostart, because: str) -> str:
    notes = [words for fact, words in _WORDS.items() if fact in entry.facts]
    return "; ".join((because, *notes))


def _load_remedies() -> dict[str, str]:
    text = resources.files("codered.detect").joinpath("windows_remedies.json").read_bytes()
    return msgspec.json.decode(text, type=dict[str, str])


_REMEDIES = _load_remedies()


def _choose_remedy(entry: Autostart) -> str:
    """What would remove an entry, where no heuristic says so ("" = a person must decide). A value of which only a part
    is foreign is set to what it usually says, if that is known.
    """
    remedy = _REMEDIES.get(entry.kind, "")
    if entry.registry and entry.value is None and remedy == "delete_value":
        return "delete_key"
    if entry.registry and remedy == "quarantine_file":
        return "delete_key"
    if entry.registry and remedy == "disable_service" and entry.value is not None:
        return "disable_service" if entry.value == "ServiceDll" else "delete_value"
    return remedy


def _make_id(pack: str, indicator: str, entry: Autostart) -> str:
    where = f"\0{entry.kind}\0{entry.line}\0{entry.registry}\0{entry.value}\0{entry.entry}"
    subject = entry.path.to_bytes() + where.encode(errors="backslashreplace")
    return hashlib.sha256(f"{pack}\0{indicator}\0".encode() + subject).hexdigest()[:12]


def _subject(entry: Autostart) -> Subject:
    return Subject(
        kind="autostart",
        path=entry.path.text or None,
        path_raw=entry.path.raw,
        shown=entry.shown,
        key=entry.kind,
        line=entry.line or None,
        registry=escape_name(entry.registry) if entry.registry else None,
        value=escape_name(entry.value) if entry.value is not None else None,
    )


def _evidence(entry: Autostart, read: Read | None, facts: WindowsFacts) -> Iterator[Evidence]:
    """The line first, or what the entry says, then what in it matches, what it runs, and the whole file last: the
    planner relies on it.
    """
    if entry.line:
        digest = hashlib.sha256(entry.text).hexdigest()
        yield Evidence(what=f"line {entry.line}", line=entry.line, data=entry.text[:DATA], sha256=digest, source="line")
    elif entry.command:
        # A shell without a path is judged by the file that it comes to; the proof is what the registry has.
        verbatim = entry.kind == "relative_shell_path"
        data = (entry.text if verbatim else entry.command.encode(errors="backslashreplace"))[:DATA]
        yield Evidence(what=f"{escape_name(entry.entry)[:DATA] or 'it'} says", data=data, source="entry")
    for name, (offset, length) in sorted(read.places.items()) if read is not None else ():
        data = entry.text[offset : offset + min(length, DATA)]
        yield Evidence(what=f"matches {name.removeprefix(TEXT_FACT)}", data=data, offset=offset, source="text")
    for name, file in zip(entry.runs, entry.files, strict=False):
        raw = file.to_bytes() if file is not None else b""
        if raw and len(raw) <= MOST_PATH:
            yield Evidence(what="what it runs", data=raw, source=BLAMED if facts.is_odd_place(name) else RUNS)
    if entry.usual and entry.registry:
        yield Evidence(what="what a clean system says here", data=entry.usual.encode(), source=USUAL)
    if entry.sha256:
        yield Evidence(what="the whole file", sha256=entry.sha256, size=entry.size, source="file")
