"""The judge: a process of its own with the rules warm, which opens what changed and judges it as a scan does."""

import hashlib
import os
import time
from datetime import UTC, datetime
from importlib import resources

import msgspec

from codered.collect.accounts import collect_accounts
from codered.collect.autostart import COLLECTORS, AutostartSeen, collect_autostart
from codered.collect.autostart.behind import look_behind
from codered.collect.autostart.reading import Reader
from codered.collect.packages import PackageDatabase
from codered.collect.process_reading import describe_machine, read_process
from codered.collect.processes import collect_processes
from codered.collect.walking import Unwalked
from codered.detect.accounts import judge_accounts
from codered.detect.autostart import judge_autostart
from codered.detect.places import Places
from codered.detect.processes import judge_processes
from codered.model.allow_list import AllowList
from codered.model.finding import Finding
from codered.model.known_good import AccountRecord, AutostartRecord, KeyRecord
from codered.model.paths import FilePath
from codered.model.persistence import Account, AuthorizedKey, Autostart
from codered.model.process import ProcessesSeen, ProcessId, ProcessSeen
from codered.model.ruleset import RuleSet
from codered.model.target import Target
from codered.monitor.questions import Answer, AskFiles, AskPersistence, Question
from codered.scan.request import ScanRequest
from codered.scan.tasks import FilesTask
from codered.scan.worker import Worker
from codered.targets.windows_names import canonical_windows_path

MOST_PARENTS = 32
_UNFORESEEN = (ValueError, LookupError, ArithmeticError, RecursionError, TypeError, AttributeError)


class Judge:
    """Answers questions on one target. Made in the parent, used after the fork: engines are only created there."""

    def __init__(self, target: Target, rules: RuleSet, allowed: AllowList) -> None:
        self._target = target
        self._rules = rules
        self._allowed = allowed
        request = ScanRequest(places=(), read_logs=False, allowed=allowed)
        self._worker = Worker(target, rules, Places(rules.packs, canonical_windows_path), request)
        slow = resources.files("codered.monitor").joinpath("slow_kinds.json").read_bytes()
        self._slow = msgspec.json.decode(slow, type=frozenset[str])
        self._packages = PackageDatabase(Reader(target))

    def answer(self, question: Question) -> Answer:
        """What comes of one question."""
        began = time.process_time()
        if isinstance(question, AskFiles):
            answer = self._judge_files(question)
        elif isinstance(question, AskPersistence):
            answer = self._judge_persistence(question)
        else:
            answer = self._judge_processes(question.pids)
        return msgspec.structs.replace(answer, cost=time.process_time() - began)

    def _judge_files(self, question: AskFiles) -> Answer:
        done = self._worker.serve(FilesTask(0, question.folders))
        return Answer(findings=done.findings, unlooked=done.unlooked, files=done.files)

    def _judge_persistence(self, question: AskPersistence) -> Answer:
        now = datetime.now(UTC)
        self._packages = PackageDatabase(Reader(self._target))  # a package may have been installed since
        autostart = collect_autostart(self._target) if question.whole else self._collect_quick()
        accounts = collect_accounts(self._target)
        findings: list[Finding] = [*judge_autostart(autostart, self._rules, self._allowed, now).findings]
        findings += judge_accounts(accounts, self._rules, self._allowed, now).findings
        unread = [*autostart.unread, *accounts.unread]
        # A quick look must not seem to have lost what only a whole one sees.
        entries = [one for one in autostart.entries if one.kind not in ("suid", "capabilities", "system_binary")]
        return Answer(
            findings=findings,
            unread=list(dict.fromkeys(f"{_show(item.rel)}: {item.why}" for item in unread if item.state == "failed")),
            records=True,
            autostart=[_record_entry(self._target, one) for one in entries if one.origin != "package"],
            packaged=[_record_entry(self._target, one) for one in entries if one.origin == "package"],
            accounts=[_record_account(one) for one in accounts.accounts],
            keys=[_record_key(self._target, one) for one in accounts.keys],
        )

    def _collect_quick(self) -> AutostartSeen:
        reader = Reader(self._target)
        packages = PackageDatabase(reader)
        entries: list[Autostart] = []
        for name, collector in COLLECTORS:
            if name in self._slow:
                continue
            try:
                entries += collector(reader, packages)
            except _UNFORESEEN as error:
                reader.unread.append(Unwalked(b"", "failed", f"{name}: gave up ({type(error).__name__})"))
        seen = tuple(look_behind(reader, packages, entries))
        return AutostartSeen(seen, tuple(dict.fromkeys(reader.unread)), reader.files, reader.bytes)

    def _judge_processes(self, pids: list[int]) -> Answer:
        seen = self._read_processes(pids) if pids else collect_processes()
        own = _find_own(seen)
        judged = judge_processes(seen, self._rules, self._allowed, self._ask_owner, own)
        unread = [f"{item.what}: {item.why}" for item in seen.unread]
        return Answer(findings=list(judged.findings), unread=unread, files=len(seen.processes))

    def _read_processes(self, pids: list[int]) -> ProcessesSeen:
        machine = describe_machine("/proc", frozenset())
        found: dict[int, ProcessSeen] = {}
        for pid in pids:
            at = pid
            for _ in range(MOST_PARENTS):
                if at <= 0 or at in found:
                    break
                one = read_process(machine, at)
                if one is None:
                    break
                found[at] = one
                at = one.parent
        return ProcessesSeen(processes=tuple(found.values()))

    def _ask_owner(self, path: FilePath) -> str | None:
        return self._packages.owner(path.to_bytes().lstrip(b"/")) if self._packages.known else None


def _find_own(seen: ProcessesSeen) -> frozenset[ProcessId]:
    """The watch, its judge, and what they start; other words of this tool are those of its user."""
    watch = os.getppid()
    return frozenset(one.id for one in seen.processes if watch in (one.id.pid, one.parent))


def _record_entry(target: Target, entry: Autostart) -> AutostartRecord:
    rel = entry.path.to_bytes().removeprefix(target.absolute(b"")).lstrip(b"/")
    return AutostartRecord(entry.kind, rel, entry.line, entry.entry, _hash(entry.text) if entry.line else entry.sha256)


def _record_account(one: Account) -> AccountRecord:
    return AccountRecord(one.name, one.uid, one.gid, one.home, one.shell, one.password, one.groups)


def _record_key(target: Target, key: AuthorizedKey) -> KeyRecord:
    rel = key.path.to_bytes().removeprefix(target.absolute(b"")).lstrip(b"/")
    return KeyRecord(key.account, rel, key.fingerprint, _hash(key.text))


def _hash(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()


def _show(rel: bytes) -> str:
    return "/" + rel.decode(errors="backslashreplace") if rel else "what starts by itself"
