"""Judging what runs: by the packs' indicators, and by heuristics where no pack knows it."""

import posixpath
from collections.abc import Iterator
from datetime import datetime

import msgspec

from codered.detect.blamed_files import add_script
from codered.detect.heuristics import HeuristicJudge, Judgement, Read
from codered.detect.process_facts import OwnerOf, ProcessFacts, recent_since
from codered.detect.process_findings import make_finding, make_hidden_finding, make_pack_finding, tell_views
from codered.detect.process_indicators import ProcessHit, match_processes
from codered.detect.process_restarts import Restarter, find_restarters
from codered.detect.process_text import read_text
from codered.detect.process_words import ProcessWords
from codered.model.allow_list import AllowedProcess, AllowList, LetPass
from codered.model.finding import Finding
from codered.model.paths import path_from_text
from codered.model.process import ProcessesSeen, ProcessId, ProcessSeen
from codered.model.ruleset import RuleSet

MOST_LEADS = 200
MOST_NOTE = 80  # characters of a hostile name in a reason
STARTED_BY = "started-by-a-suspect"
PACK_SIGN = "pack-sign"
_NO_PLACE_FOR_SERVICES = frozenset(("exe-in-temp", "exe-hidden-path", "exe-memfd", "exe-foreign", "exe-nowhere"))
_INTRUDERS_SHELL = frozenset(
    ("child-of-web-server", "orphan-as-web-user", "input-is-connection", "below-connection", STARTED_BY, "inline-code")
)


class ProcessJudgement(msgspec.Struct, frozen=True):
    """What came of it. `leads` are absolute paths to look at first, `suspects` the processes of the findings."""

    findings: tuple[Finding, ...] = ()
    leads: tuple[bytes, ...] = ()
    allowed: tuple[LetPass, ...] = ()
    suspects: tuple[ProcessId, ...] = ()


class _Suspect(msgspec.Struct, frozen=True):
    """A process against which something speaks."""

    process: ProcessSeen
    facts: frozenset[str]
    judgement: Judgement | None
    read: Read
    hits: tuple[ProcessHit, ...] = ()
    note: str = ""


def judge_processes(
    seen: ProcessesSeen, rules: RuleSet, allowed: AllowList, owner_of: OwnerOf, own: frozenset[ProcessId]
) -> ProcessJudgement:
    """Findings for what was seen. `owner_of` names the package of a file ("" = none, None = not known); the processes
    in `own` are passed over, and what started these is never to be stopped.
    """
    return _Judging(seen, rules, allowed, owner_of).run(own)


class _Judging:
    def __init__(self, seen: ProcessesSeen, rules: RuleSet, allowed: AllowList, owner_of: OwnerOf) -> None:
        self._seen = seen
        self._rules = rules
        self._allowed = allowed
        self._now = datetime.now().astimezone()
        self._judge = HeuristicJudge(rules)
        self._words = ProcessWords(rules.heuristics.lists)
        self._facts = ProcessFacts(seen.processes, self._words, owner_of)
        self._callers: frozenset[ProcessId] = frozenset()
        self._since = recent_since(self._now, rules.heuristics.recent_days)

    def run(self, own: frozenset[ProcessId]) -> ProcessJudgement:
        """All of it, in order: who is suspect, who is let pass, who would start a suspect again."""
        self._callers = frozenset(
            parent.id for one in self._seen.processes if one.id in own for parent in self._facts.parents(one)
        )
        looked = tuple(one for one in self._seen.processes if not one.kernel and one.id not in own)
        hits: dict[ProcessId, list[ProcessHit]] = {}
        for hit in match_processes(looked, self._rules.packs):
            hits.setdefault(hit.process.id, []).append(hit)
        suspects = self._find_suspects(looked, hits)
        let_pass: dict[ProcessId, LetPass] = {}
        judged = [left for one in suspects if (left := self._let_pass(one, let_pass)) is not None]
        likely = tuple(one.process for one in judged if _is_likely(one))
        spared = own | self._callers | let_pass.keys()
        for found in find_restarters(likely, self._facts, spared):
            old = next((one for one in judged if one.process.id == found.parent.id), None)
            restarter = self._let_pass(self._restarter(found, old), let_pass)
            if restarter is not None and restarter.judgement is not None:
                judged = [*(one for one in judged if one is not old), restarter]
        findings = [finding for one in judged for finding in self._findings(one)]
        return ProcessJudgement(
            findings=(*findings, *self._hidden_findings()),
            leads=self._find_leads([one.process for one in judged]),
            allowed=tuple(let_pass.values()),
            suspects=tuple(one.process.id for one in judged),
        )

    def _find_suspects(
        self, looked: tuple[ProcessSeen, ...], hits: dict[ProcessId, list[ProcessHit]]
    ) -> list[_Suspect]:
        """Who is suspect by itself, then who is when one knows that a likely suspect started it."""
        alone = {one.id: self._suspect(one, tuple(hits.get(one.id, ()))) for one in looked}
        passed: dict[ProcessId, LetPass] = {}
        left = {key: self._let_pass(found, passed) for key, found in alone.items() if found and _is_likely(found)}
        likely = {key.pid for key, found in left.items() if found is not None and _is_likely(found)}
        for one in looked if likely else ():
            if any(parent.id.pid in likely for parent in self._facts.parents(one)):
                found = self._suspect(one, tuple(hits.get(one.id, ())), frozenset((STARTED_BY,)))
                alone[one.id] = found or alone[one.id]
        return [found for found in alone.values() if found is not None]

    def _suspect(
        self, process: ProcessSeen, hits: tuple[ProcessHit, ...], more: frozenset[str] = frozenset()
    ) -> _Suspect | None:
        if process.state in ("Z", "X", "x"):
            return None
        read = self._judge.read(read_text(process))
        facts = self._facts.find(process, self._since) | read.facts | more
        if hits:
            facts |= {PACK_SIGN}
        judgement = self._judge.judge("process", "", facts)
        return _Suspect(process, facts, judgement, read, hits) if judgement or hits else None

    def _restarter(self, found: Restarter, old: _Suspect | None) -> _Suspect:
        """Who restarts a suspect, judged with that and with what already spoke against it."""
        parent, child, fact = found
        read = old.read if old else self._judge.read(read_text(parent))
        facts = (old.facts if old else self._facts.find(parent, self._since) | read.facts) | {fact}
        name = child.name.encode("unicode_escape").decode()[:MOST_NOTE]
        note = f": process {child.id.pid} ({name})"
        judgement = self._judge.judge("process", "", facts)
        return _Suspect(parent, facts, judgement, read, old.hits if old else (), note)

    def _let_pass(self, suspect: _Suspect, let_pass: dict[ProcessId, LetPass]) -> _Suspect | None:
        """What remains of it after the allow-list, which is noted: an allowed process loses what the heuristics say of
        it, never what a pack knows.
        """
        entry = self._find_entry(suspect.process) if suspect.judgement is not None else None
        if entry is None:
            return suspect
        process = suspect.process
        let_pass[process.id] = LetPass(f"process {process.id.pid} ({process.name})", entry)
        return msgspec.structs.replace(suspect, judgement=None) if suspect.hits else None

    def _find_entry(self, process: ProcessSeen) -> AllowedProcess | None:
        """The entry that allows it. A shell or interpreter runs anything: only one with its command line does."""
        sha256 = self._seen.hash_of(process) if self._allowed.processes else ""
        command = process.arguments().decode(errors="backslashreplace")
        entry = self._allowed.allows_process(sha256, process.user, self._now, command) if sha256 else None
        return None if entry is not None and self._words.runs_anything(process) and not entry.command else entry

    def _findings(self, suspect: _Suspect) -> Iterator[Finding]:
        sha256 = self._seen.hash_of(suspect.process)
        script = self._find_guilty_script(suspect)
        for hit in suspect.hits:
            yield add_script(make_pack_finding(hit, sha256), script)
        if suspect.judgement is not None:
            finding = make_finding(suspect.process, suspect.judgement, suspect.read, sha256, suspect.note)
            finding = add_script(finding, script)
            views = tuple(tell_views(one) for one in self._seen.hidden if one.pid == suspect.process.id.pid)
            finding = msgspec.structs.replace(finding, evidence=(*views, *finding.evidence))
            yield msgspec.structs.replace(finding, remedy="") if self._is_protected(suspect) else finding

    def _find_guilty_script(self, suspect: _Suspect) -> bytes | None:
        """The script it runs, if that lies where nobody's own scripts lie: not the interpreter is to blame."""
        script = self._words.find_script(suspect.process)
        if script is None or not {"script-in-temp", "script-hidden-path"} & suspect.facts:
            return None
        return None if self._facts.script_owner(suspect.process) else path_from_text(script).to_bytes()

    def _is_protected(self, suspect: _Suspect) -> bool:
        """What runs the scan, keeps the host reachable or serves the web, and people's shells are not stopped."""
        process, facts = suspect.process, suspect.facts
        if process.id.pid == 1 or process.id in self._callers or "own-build" in facts:
            return True
        is_service = self._words.is_host_service(process)
        is_gone = "exe-deleted" in facts and "exe-in-system-place" not in facts
        is_odd = is_gone or not facts.isdisjoint(_NO_PLACE_FOR_SERVICES)
        if (is_service or self._words.is_web_server(process)) and not is_odd:
            return "exe-unowned" not in facts or (is_service and "listens" in facts)
        return process.tty and self._words.is_shell(process) and facts.isdisjoint(_INTRUDERS_SHELL)

    def _hidden_findings(self) -> Iterator[Finding]:
        """Hidden pids of which nothing else could be read; the others are judged with their facts."""
        known = {process.id.pid for process in self._seen.processes}
        judgement = self._judge.judge("process", "", frozenset(("hidden",)))
        for hidden in self._seen.hidden:
            if judgement is not None and hidden.pid not in known:
                yield make_hidden_finding(hidden, judgement)

    def _find_leads(self, suspects: list[ProcessSeen]) -> tuple[bytes, ...]:
        """Where their files lie, and those of the shells and interpreters above them."""
        leads: dict[bytes, None] = {}
        for process in suspects:
            for path in self._paths_of(process):
                leads[path] = None
            for parent in self._facts.parents(process):
                if not self._words.runs_anything(parent) or parent.kernel:
                    break
                script = self._words.find_script(parent)
                if script is not None and not self._facts.script_owner(parent):
                    leads[path_from_text(script).to_bytes()] = None
        return tuple(leads)[:MOST_LEADS]

    def _paths_of(self, process: ProcessSeen) -> Iterator[bytes]:
        exe = process.exe
        if exe is not None and exe.foreign:
            return
        if exe is not None and not exe.memfd and not self._facts.exe_owner(process):
            path = exe.path.to_bytes()
            if self._is_wide(posixpath.dirname(exe.path.text)):
                yield path
            else:
                yield posixpath.dirname(path)
        if process.cwd.startswith("/") and not self._is_wide(process.cwd):
            yield path_from_text(process.cwd).to_bytes()
        script = self._words.find_script(process)
        if script is not None and not self._facts.script_owner(process):
            yield path_from_text(script).to_bytes()
        for name in process.deleted_files:
            folder = posixpath.dirname(name)
            if folder.startswith("/") and not self._is_wide(folder):
                yield path_from_text(folder).to_bytes()

    def _is_wide(self, folder: str) -> bool:
        """A folder that says nothing about where to look: the root, or one of the system's."""
        return folder.count("/") < 2 or self._words.is_in_system_place(folder)


def _is_likely(suspect: _Suspect) -> bool:
    confidences = [hit.indicator.confidence for hit in suspect.hits]
    if suspect.judgement is not None:
        confidences.append(suspect.judgement.confidence)
    return any(confidence in ("likely", "confirmed") for confidence in confidences)
