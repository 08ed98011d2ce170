"""A worker's part in what runs and what starts by itself: collecting, judging, and looking into memory."""

import os
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

from msgspec.structs import replace

from codered.collect.accounts import collect_accounts
from codered.collect.autostart import collect_autostart
from codered.collect.autostart.reading import Reader
from codered.collect.copied_trees import (
    COPIED,
    forget_account_changes,
    forget_changes,
    forget_key_changes,
    is_copied,
)
from codered.collect.packages import PackageDatabase
from codered.collect.process_identity import find_living
from codered.collect.processes import collect_processes
from codered.collect.recorded_files import Share
from codered.collect.walking import Unwalked
from codered.detect.accounts import judge_accounts
from codered.detect.autostart import judge_autostart
from codered.detect.process_words import ProcessWords
from codered.detect.processes import ProcessJudgement, judge_processes
from codered.model.finding import Finding, Layer
from codered.model.paths import FilePath, path_from_bytes
from codered.model.persistence import Autostart
from codered.model.process import ProcessesSeen, ProcessId, ProcessSeen
from codered.model.ruleset import RuleSet
from codered.model.target import Target
from codered.scan.allowing import count_allowed
from codered.scan.integrity_look import look_at_baseline, look_at_packages
from codered.scan.memory_scan import MemoryLook, MemoryScanner
from codered.scan.patch_look import look_at_patches
from codered.scan.request import ScanRequest
from codered.scan.tasks import Collected, Counted, Done, LiveTask, MemoryTask, RunningProcess
from codered.scan.upgraded import mark_upgraded

PROCESSES = "running processes"
SOCKETS = "open sockets"
MEMORY = "memory of processes"
AUTOSTART = "what starts by itself"
OTHER_RUN = (
    "seems to be another run of this tool, which holds the signs: its memory was not looked at; scan again later"
)
ACCOUNTS = "accounts and their keys"


class LiveWorker:
    """Serves live tasks on one target. The processes of the scan itself are passed over: they hold the rules."""

    def __init__(self, target: Target, rules: RuleSet, request: ScanRequest) -> None:
        self._target = target
        self._rules = rules
        self._request = request
        self._allowed = request.allowed
        self._dump = Path(request.dump) if request.dump else None
        self._memory: MemoryScanner | None = None
        self._packages = PackageDatabase(Reader(target))
        self._words = ProcessWords(rules.heuristics.lists)
        self._kinds: dict[Collected, Callable[[int], Done]] = {
            "processes": self._look_at_processes,
            "autostart": self._look_at_autostart,
            "accounts": self._look_at_accounts,
            "patches": self._look_at_patches,
        }

    def serve(self, task: LiveTask | MemoryTask) -> Done:
        """The answer to one task."""
        if isinstance(task, MemoryTask):
            return self._look_into_memory(task)
        if task.what == "integrity":
            return self._look_at_integrity(task)
        return self._kinds[task.what](task.number)

    def _look_at_processes(self, number: int) -> Done:
        seen = mark_upgraded(collect_processes(), self._packages)
        others = _find_other_runs(seen)
        own = find_own(seen, others)
        others -= own
        judged = judge_processes(seen, self._rules, self._allowed, self._ask_owner, own)
        suspects, likely = frozenset(judged.suspects), _find_likely(judged)
        running = [
            RunningProcess(
                one.id.pid, one.id.start, one.name, one.id in suspects, one.id not in likely and self._is_owned(one)
            )
            for one in seen.processes
            if not one.kernel and one.id not in own | others and _is_living(one)
        ]
        counted = [Counted("processes", PROCESSES, count=len(seen.processes)), *_count_sockets(seen)]
        counted += [Counted("processes", PROCESSES, "failed", item.why, example=item.what) for item in seen.unread]
        counted += count_allowed("processes", PROCESSES, judged.allowed, self._allowed.processes)
        counted += [
            Counted("processes", PROCESSES, "failed", OTHER_RUN, example=f"process {one.pid}") for one in others
        ]
        return Done(number, list(judged.findings), counted=counted, processes=running, leads=list(judged.leads))

    def _look_at_autostart(self, number: int) -> Done:
        seen = collect_autostart(self._target)
        copied = is_copied(self._target)
        if copied:
            seen = replace(seen, entries=forget_changes(seen.entries))
        findings, passed = judge_autostart(seen, self._rules, self._allowed, datetime.now(UTC))
        counted = [Counted("autostart", AUTOSTART, count=len(seen.entries), size=seen.bytes)]
        counted += self._count_unread("autostart", AUTOSTART, seen.unread)
        counted += [Counted("autostart", AUTOSTART, "skipped", COPIED)] if copied else []
        counted += count_allowed("autostart", AUTOSTART, passed, self._allowed.files)
        return Done(number, list(findings), counted=counted, leads=_find_leads(findings, seen.entries))

    def _look_at_accounts(self, number: int) -> Done:
        seen = collect_accounts(self._target)
        copied = is_copied(self._target)
        if copied:
            accounts, keys = forget_account_changes(seen.accounts), forget_key_changes(seen.keys)
            seen = replace(seen, accounts=accounts, keys=keys)
        findings, passed = judge_accounts(seen, self._rules, self._allowed, datetime.now(UTC))
        counted = [Counted("accounts", ACCOUNTS, count=len(seen.accounts) + len(seen.keys))]
        counted += self._count_unread("accounts", ACCOUNTS, seen.unread)
        counted += [Counted("accounts", ACCOUNTS, "skipped", COPIED)] if copied else []
        counted += count_allowed("accounts", ACCOUNTS, passed, self._allowed.keys)
        return Done(number, list(findings), counted=counted)

    def _look_at_patches(self, number: int) -> Done:
        look = look_at_patches(self._target, self._rules.packs, self._request, self._packages)
        return Done(number, list(look.findings), counted=list(look.counted), patches=list(look.answers))

    def _look_at_integrity(self, task: LiveTask) -> Done:
        share = Share(task.part, task.parts)
        target, request = self._target, self._request
        look = look_at_packages(target, request, share) if task.parts else look_at_baseline(target, request)
        return Done(task.number, list(look.findings), counted=list(look.counted))

    def _look_into_memory(self, task: MemoryTask) -> Done:
        if self._memory is None:
            self._memory = MemoryScanner(self._rules, owner_of=self._ask_owner)
        look = self._memory.scan(ProcessId(task.pid, task.start), task.name, self._dump, owned=task.owned)
        return Done(task.number, look.findings, counted=list(_count_memory(task, look)))

    def _ask_owner(self, path: FilePath) -> str | None:
        """The package that owns a file ("" = none, None = not known)."""
        packages = self._packages
        return packages.owner(path.to_bytes().lstrip(b"/")) if packages.known else None

    def _is_owned(self, process: ProcessSeen) -> bool:
        """Whether it runs a package's program; where that can't be told (in a container, on a system with records that
        we can't read), whether it lies where packages put theirs.
        """
        exe = process.exe
        if (
            exe is None
            or exe.memfd
            or (exe.deleted and not exe.replaced)
            or exe.nowhere
            or "root-apart" in process.facts
        ):
            return False
        if exe.elsewhere and not (exe.upgraded or exe.foreign):
            return False
        owner = None if exe.foreign else self._ask_owner(exe.path)
        return self._words.is_in_system_place(exe.path.text) if owner is None else bool(owner)

    def _count_unread(self, layer: Layer, where: str, unread: Iterable[Unwalked]) -> list[Counted]:
        """What could not be read; what is not about a path has none to show."""
        return [
            Counted(layer, where, item.state, item.why, example=self._show(item.rel) if item.rel else "")
            for item in unread
        ]

    def _show(self, rel: bytes) -> str:
        return path_from_bytes(self._target.absolute(rel)).text


def find_own(seen: ProcessesSeen, others: frozenset[ProcessId]) -> frozenset[ProcessId]:
    """The scan's parent process and all its workers, and the run of this tool that started it (`codered answer`)."""
    parent = os.getppid()
    own = {one.id for one in seen.processes if parent in (one.id.pid, one.parent)}
    by_pid = {one.id.pid: one for one in seen.processes}
    above = by_pid.get(parent)
    while above is not None and (above := by_pid.get(above.parent)) is not None and above.id in others - own:
        own.add(above.id)
    return frozenset(own)


def _find_other_runs(seen: ProcessesSeen) -> frozenset[ProcessId]:
    """Other runs of this tool under our user: they hold the rules as well. That is no more than a guess (a worm may
    call itself so), so it is a gap.
    """
    mine = os.stat("/proc/self/exe")
    return frozenset(
        one.id
        for one in seen.processes
        if one.exe is not None
        and (one.exe.device, one.exe.inode) == (mine.st_dev, mine.st_ino)
        and one.uid == os.getuid()
        and ("-m", "codered") in (one.command[1:3], one.command[2:4])
    )


def _find_likely(judged: ProcessJudgement) -> frozenset[ProcessId]:
    """The processes against which more than a suspicion speaks."""
    subjects = [item.subject for item in judged.findings if item.confidence != "suspicious"]
    return frozenset(ProcessId(one.pid, one.start) for one in subjects if one.pid is not None and one.start is not None)


def _is_living(process: ProcessSeen) -> bool:
    """A zombie whose other threads go on lives as well."""
    try:
        find_living(f"/proc/{process.id.pid}")
    except ProcessLookupError:
        return False
    return True


def _count_sockets(seen: ProcessesSeen) -> list[Counted]:
    sockets = sum(len(one.connections) for one in seen.processes)
    return [Counted("network", SOCKETS, count=sockets)]


def _count_memory(task: MemoryTask, look: MemoryLook) -> Iterable[Counted]:
    name = f"process {task.pid} ({task.name})"
    if look.skipped_because:
        yield Counted("memory", MEMORY, "skipped", look.skipped_because, example=name)
        return
    if look.gone:
        yield Counted("memory", MEMORY, "skipped", "it ended before all of it was read", example=name)
    yield Counted("memory", MEMORY, count=look.regions, size=look.bytes)
    if look.swapped:
        yield Counted(
            "memory",
            MEMORY,
            "skipped",
            "pages that are swapped out: reading them in could end the process",
            look.swapped,
            example=name,
        )
    for trouble in look.troubles:
        yield Counted("memory", MEMORY, "failed", trouble, example=name)
    for file in look.dumped:
        yield Counted("memory", "kept memory regions", example=file)


def _find_leads(findings: Iterable[Finding], entries: Iterable[Autostart]) -> list[bytes]:
    """The files that likely findings are about, and what they run."""
    likely = [item.subject for item in findings if item.confidence != "suspicious" and item.subject.path is not None]
    leads = [subject.file_path().to_bytes() for subject in likely if not subject.line]
    places = {(subject.path, subject.line or 0) for subject in likely}
    runs = [name for entry in entries if (entry.path.text, entry.line) in places for name in entry.runs]
    return leads + [os.fsencode(name) for name in runs if name.startswith("/")]
