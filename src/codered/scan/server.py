"""What a worker process does with a task: the one place that knows which part of the scan serves which kind."""

from codered.model.ruleset import RuleSet
from codered.model.target import Target
from codered.scan.live_worker import LiveWorker
from codered.scan.request import ScanRequest
from codered.scan.tasks import Done, FilesTask, LiveTask, LogTask, MemoryTask, Task
from codered.scan.worker import Worker


class Server:
    """Serves every kind of task. Made in the parent, used after the fork: engines are only created there."""

    def __init__(self, worker: Worker, target: Target, rules: RuleSet, request: ScanRequest) -> None:
        self._worker = worker
        self._live = LiveWorker(target, rules, request)

    def serve(self, task: Task) -> Done:
        """The answer to one task."""
        if isinstance(task, LiveTask | MemoryTask):
            return self._live.serve(task)
        if isinstance(task, FilesTask | LogTask):
            return self._worker.serve(task)
        raise TypeError(f"not a task of this scan: {type(task).__name__}")
