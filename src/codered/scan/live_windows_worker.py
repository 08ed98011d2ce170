"""A worker's part in a Windows host: its processes and their memory; settings are `WindowsWorker`'s."""

from codered.model.ruleset import RuleSet
from codered.model.target import Target
from codered.scan.request import ScanRequest
from codered.scan.tasks import Counted, Done, LiveTask, MemoryTask


class LiveWindowsWorker:
    """Serves live tasks on the Windows host the tool runs on."""

    def __init__(self, target: Target, rules: RuleSet, request: ScanRequest) -> None:
        self._target = target
        self._rules = rules
        self._request = request

    def serve(self, task: LiveTask | MemoryTask) -> Done:
        """The answer to one task."""
        return Done(task.number, counted=[Counted("processes", "x", "failed", "later")])
