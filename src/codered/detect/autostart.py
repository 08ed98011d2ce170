"""Judging what starts by itself: by the packs' signs, and by what the heuristics add up to."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from functools import partial
from typing import NamedTuple, Protocol

from codered.detect.autostart_facts import CUT, RUNS_FOUND, FactFinder, narrow_to_line, split_lines
from codered.detect.autostart_signs import AutostartSigns
from codered.detect.blamed_files import tell_what_runs
from codered.detect.heuristics import TEXT_FACT, HeuristicJudge, Judgement, Read
from codered.model.allow_list import AllowList, LetPass
from codered.model.finding import Evidence, Finding, Subject
from codered.model.heuristics import HEURISTICS
from codered.model.indicators import Indicator
from codered.model.persistence import Autostart
from codered.model.ruleset import RuleSet

BY_LINE = "by-line"
RUN_BY = "run-by-autostart"
MOST_ROUNDS = 4  # timer -> service -> script -> script
DATA = 256  # bytes of evidence
OF_EVERY_NEW = frozenset(("unowned", "recent"))
OWN_WEIGHT = 60
NEVER_RAISED = ("sudoers", "ssh_server", "polkit")  # an administrator's: they weigh a lot by themselves
_UNITS = (".service", ".timer", ".path", ".socket", ".mount", ".automount", ".swap", ".target")


class Seen(Protocol):
    """What a collector of autostart entries hands over."""

    @property
    def entries(self) -> tuple[Autostart, ...]:
        """All of them."""
        ...

    @property
    def installed(self) -> datetime | None:
        """When the system was installed (UTC), None if that can't be told."""
        ...


class AutostartJudgement(NamedTuple):
    """The findings, and what would be one and is allowed."""

    findings: tuple[Finding, ...]
    allowed: tuple[LetPass, ...] = ()


class _Judged(NamedTuple):
    entry: Autostart
    judgement: Judgement
    read: Read


def judge_autostart(seen: Seen, rules: RuleSet, allowed: AllowList, now: datetime) -> AutostartJudgement:
    """The findings of all entries. What a package brought and is unchanged is one only by a pack's own sign: records of
    packages can be forged. What the allow-list vouches for is none by heuristics. `now` has a zone.
    """
    signs = AutostartSigns(rules.packs)
    facts = FactFinder(rules.heuristics, seen.installed, now)
    findings: dict[str, Finding] = {}
    known: list[Autostart] = []
    for entry in seen.entries:
        for sign in signs.find(entry):
            part = narrow_to_line(entry, sign.line, sign.text) if sign.line else entry
            finding = tell_what_runs(_by_pack(part, sign.pack, sign.indicator), part, facts)
            findings[finding.id] = finding
            known.append(entry)
    done = {id(entry) for entry in known}
    left = [entry for entry in seen.entries if entry.origin != "package" and id(entry) not in done]
    let_pass: dict[str, LetPass] = {}
    is_allowed = partial(_is_allowed, allowed, now)
    judge = _EntryJudge(HeuristicJudge(rules), facts, is_allowed)
    for judged in judge.judge_all(left, known):
        finding = tell_what_runs(_by_heuristics(judged), judged.entry, facts)
        vouched = allowed.allows_file(judged.entry.system_path(), judged.entry.sha256, now)
        if vouched is None:
            findings[finding.id] = finding
        else:
            let_pass[judged.entry.system_path()] = LetPass(judged.entry.system_path(), vouched)
    return AutostartJudgement(tuple(findings.values()), tuple(let_pass.values()))


def _is_allowed(allowed: AllowList, now: datetime, entry: Autostart) -> bool:
    return allowed.allows_file(entry.system_path(), entry.sha256, now) is not None


class _EntryJudge:
    def __init__(self, judge: HeuristicJudge, facts: FactFinder, is_allowed: Callable[[Autostart], bool]) -> None:
        self._judge = judge
        self._facts = facts
        self._is_allowed = is_allowed

    def judge_all(self, entries: list[Autostart], known: list[Autostart]) -> Iterator[_Judged]:
        """Judge all, then once more those that run what is found: a timer is as bad as the service it starts. One that
        runs only what is allowed is not.
        """
        found = _name_all(known)
        left = entries
        for number in range(MOST_ROUNDS):
            again: list[Autostart] = []
            fresh: set[str] = set()
            for entry in left:
                runs_found = any(_plain(name) in found for name in entry.runs)
                judged = self._judge_one(entry, runs_found) if runs_found or not number else []
                yield from judged
                if judged:
                    fresh |= set() if self._is_allowed(entry) else _name_all([entry])
                else:
                    again.append(entry)
            if not fresh:
                return
            found |= fresh
            left = again

    def _judge_one(self, entry: Autostart, runs_found: bool) -> list[_Judged]:
        """One entry; a file of lines, or a changed file of a package, by its lines if they are enough by themselves."""
        read = self._judge.read(entry.text)
        by_line = BY_LINE in entry.facts
        if not entry.line and (by_line or entry.origin in ("changed", "conffile")) and (read.facts or entry.runs):
            lines = list(self._judge_lines(entry))
            if lines:
                return lines
        facts = self._facts.find(entry) | read.facts | ({RUNS_FOUND} if runs_found else set())
        judgement = self._judge.judge("autostart", entry.kind, facts)
        if judgement is None or (by_line and judgement.confidence == "suspicious"):
            return []  # signs that lie in different lines do not add up, unless they are strong
        return [_Judged(entry, judgement, read)]

    def _judge_lines(self, entry: Autostart) -> Iterator[_Judged]:
        """All lines: an entry's text is bounded, and what pushes a line down must not hide it."""
        for number, line in split_lines(entry):
            read = self._judge.read(line)
            if not read.facts and not any(name.encode() in line for name in entry.runs):
                continue
            part = narrow_to_line(entry, number, line)
            judgement = self._judge.judge("autostart", entry.kind, self._facts.find(part) | read.facts)
            if judgement is not None:
                yield _Judged(part, judgement, read)


def _name_all(entries: Iterable[Autostart]) -> set[str]:
    """The names by which other entries run these."""
    paths = {_plain(entry.system_path()) for entry in entries}
    return paths | {entry.entry for entry in entries if entry.kind == "systemd" and entry.entry}


def _plain(path: str) -> str:
    """/bin/x and /usr/bin/x are one on most systems."""
    return path.removeprefix("/usr") if path.startswith("/usr/") else path


def choose_remedy(entry: Autostart) -> str:
    """What would remove an entry, where no heuristic says so ("" = a person must decide)."""
    if entry.line:
        return "" if CUT in entry.facts else "remove_line"
    if entry.package:
        return "restore_file"
    if BY_LINE in entry.facts:
        return ""
    if RUN_BY not in entry.facts:
        is_unit = entry.kind == "systemd" and (entry.path.text.endswith(_UNITS) or "drop-in" in entry.facts)
        if is_unit or entry.kind == "init":
            return "remove_service"
    return "quarantine_file"


def _by_pack(entry: Autostart, pack: str, sign: Indicator) -> Finding:
    return Finding(
        id=_make_id(pack, sign.id, entry),
        pack=pack,
        indicator=sign.id,
        layer="autostart",
        subject=_subject(entry),
        confidence=sign.confidence,
        severity=sign.severity,
        because=sign.because,
        evidence=_evidence(entry, None),
        attack=sign.attack,
        shared_by=sign.shared_by,
        first_seen=entry.changed,
        remedy=choose_remedy(entry),
    )


def _by_heuristics(judged: _Judged) -> Finding:
    entry, judgement, read = judged
    return Finding(
        id=_make_id(HEURISTICS, judgement.indicator, entry),
        pack=HEURISTICS,
        indicator=judgement.indicator,
        layer="autostart",
        subject=_subject(entry),
        confidence=judgement.confidence,
        severity=judgement.severity,
        because=judgement.because,
        evidence=_evidence(entry, read),
        attack=judgement.attack(),
        first_seen=entry.changed,
        remedy=judgement.remedy or choose_remedy(entry),
        near=_may_be_raised(entry, judgement),
    )


def _may_be_raised(entry: Autostart, judgement: Judgement) -> bool:
    """Whether what changed in the same hour may raise it: not where little more speaks against it than that it is new
    and of no package, as every line of an administrator is.
    """
    own = sum(rule.weight for rule in judgement.holding if not OF_EVERY_NEW.issuperset(rule.when))
    return judgement.confidence != "suspicious" or (own >= OWN_WEIGHT and entry.kind not in NEVER_RAISED)


def _make_id(pack: str, indicator: str, entry: Autostart) -> str:
    subject = entry.path.to_bytes() + f"\0{entry.kind}\0{entry.line}".encode()
    return hashlib.sha256(f"{pack}\0{indicator}\0".encode() + subject).hexdigest()[:12]


def _subject(entry: Autostart) -> Subject:
    return Subject(
        kind="autostart",
        path=entry.path.text,
        path_raw=entry.path.raw,
        shown=entry.shown,
        key=entry.kind,
        line=entry.line or None,
        links=entry.links,
    )


def _evidence(entry: Autostart, read: Read | None) -> tuple[Evidence, ...]:
    """The line first, then what in it matches, then the whole file: the planner relies on the first and the last."""
    found: list[Evidence] = []
    if entry.line:
        digest = None if CUT in entry.facts else hashlib.sha256(entry.text).hexdigest()
        what = f"line {entry.line}"
        found.append(Evidence(what=what, line=entry.line, data=entry.text[:DATA], sha256=digest, source="line"))
    for name, (offset, length) in sorted(read.places.items()) if read is not None else ():
        data = entry.text[offset : offset + min(length, DATA)]
        found.append(Evidence(what=f"matches {name.removeprefix(TEXT_FACT)}", data=data, offset=offset, source="text"))
    if not entry.sha256:
        return tuple(found)
    return (*found, Evidence(what="the whole file", sha256=entry.sha256, size=entry.size, source="file"))
