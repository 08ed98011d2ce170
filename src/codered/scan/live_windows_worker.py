"""A worker's part in a Windows host: what runs there and its memory; all that is set is `WindowsWorker`'s."""

import os

from codered.collect.windows.processes import collect_windows_processes, find_objects
from codered.detect.windows_processes import (
    list_object_names,
    make_findings,
    make_object_findings,
    match_windows_processes,
)
from codered.model.process import ProcessesSeen, ProcessId
from codered.model.ruleset import RuleSet
from codered.model.target import Target
from codered.scan.request import ScanRequest
from codered.scan.tasks import Counted, Done, LiveTask, MemoryTask, RunningProcess
from codered.scan.windows_memory_scan import WindowsMemoryScanner
from codered.scan.windows_worker import WindowsWorker
from codered.system.windows_files import list_other_drives

PROCESSES = "running processes"
SOCKETS = "open sockets"
OBJECTS = "named objects of the kernel"
DRIVES = "other drives"
NOT_FIXED = "not a fixed drive with a letter: name its folder to have it looked at"


class LiveWindowsWorker:
    """Serves live tasks on the Windows host the tool runs on. The scan's own process is passed over: it holds the
    signs.
    """

    def __init__(self, target: Target, rules: RuleSet, request: ScanRequest) -> None:
        self._rules = rules
        self._settings = WindowsWorker(target, rules, request)
        self._memory: WindowsMemoryScanner | None = None

    def serve(self, task: LiveTask | MemoryTask) -> Done:
        """The answer to one task."""
        if isinstance(task, MemoryTask):
            if self._memory is None:
                self._memory = WindowsMemoryScanner(self._rules)
            return self._memory.scan(task)
        return self._look_at_processes(task.number) if task.what == "processes" else self._settings.serve(task)

    def _look_at_processes(self, number: int) -> Done:
        try:
            seen = collect_windows_processes()
        except OSError as error:
            why = f"can't be listed: {error.strerror or error}"
            return Done(number, counted=[Counted("processes", PROCESSES, "failed", why)])
        own = _find_own(seen)
        hits = list(match_windows_processes(seen.processes, self._rules.packs, own))
        names = list_object_names(self._rules.packs)
        objects = {one.name: one.kind for one in find_objects(names)}
        suspects = {hit.process.id for hit in hits}
        running = [
            RunningProcess(one.id.pid, one.id.start, one.name, one.id in suspects)
            for one in seen.processes
            if not one.kernel and one.id not in own
        ]
        counted = [Counted("processes", PROCESSES, count=len(seen.processes))]
        counted.append(Counted("network", SOCKETS, count=sum(len(one.connections) for one in seen.processes)))
        counted.append(Counted("processes", OBJECTS, count=len(names)))
        counted += [Counted("processes", PROCESSES, "failed", item.why, example=item.what) for item in seen.unread]
        counted += [Counted("files", DRIVES, "skipped", NOT_FIXED, example=each) for each in list_other_drives()]
        findings = [*make_findings(hits, seen), *make_object_findings(objects, self._rules.packs)]
        leads = [hit.process.exe.path.to_bytes() for hit in hits if hit.process.exe is not None]
        return Done(number, findings, counted=counted, processes=running, leads=leads)


def _find_own(seen: ProcessesSeen) -> frozenset[ProcessId]:
    """The process of the scan itself."""
    return frozenset(one.id for one in seen.processes if one.id.pid == os.getpid())
