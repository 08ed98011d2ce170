"""What a worker process does with a task: the one place that knows which part of the scan serves which kind."""

import sys
from typing import Protocol

from codered.model.ruleset import RuleSet
from codered.model.target import Target
from codered.scan.request import ScanRequest
from codered.scan.tasks import Done, FilesTask, LiveTask, LogTask, MemoryTask, Task
from codered.scan.windows_worker import WindowsWorker
from codered.scan.worker import Worker

if sys.platform == "win32":  # each loads what only its own system has
    from codered.scan.live_windows_worker import LiveWindowsWorker as HostWorker
else:
    from codered.scan.live_worker import LiveWorker as HostWorker


class ServesLive(Protocol):
    """What looks at what runs and what starts by itself."""

    def serve(self, task: LiveTask | MemoryTask) -> Done:
        """The answer to one task."""
        ...


class Server:
    """Serves every kind of task. Made in the parent, used after the fork: engines are only created there."""

    def __init__(self, worker: Worker, target: Target, rules: RuleSet, request: ScanRequest) -> None:
        self._worker = worker
        self._live = _choose_live(target, rules, request)

    def serve(self, task: Task) -> Done:
        """The answer to one task."""
        if isinstance(task, LiveTask | MemoryTask):
            return self._live.serve(task)
        if isinstance(task, FilesTask | LogTask):
            return self._worker.serve(task)
        raise TypeError(f"not a task of this scan: {type(task).__name__}")


def _choose_live(target: Target, rules: RuleSet, request: ScanRequest) -> ServesLive:
    """The look at the system that the target is."""
    if target.info.kind != "live_windows" and target.info.system == "windows" and "registry" in target.info.offers:
        return WindowsWorker(target, rules, request)
    return HostWorker(target, rules, request)
