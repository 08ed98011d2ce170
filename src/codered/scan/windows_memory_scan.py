"""Looking for the packs' signs in the memory of one process of this Windows."""

import os

from codered.collect.windows.process_memory import SECONDS, MemoryPiece, WindowsProcessMemory, tell_rights
from codered.collect.windows.processes import to_time
from codered.detect.memory import MemoryHit, MemoryJudge, make_memory_finding, merge_hits
from codered.engine import GaveUp
from codered.model.finding import Evidence, Finding, Subject
from codered.model.process import ProcessId
from codered.model.ruleset import RuleSet
from codered.scan.tasks import Counted, Done, MemoryTask

MEMORY = "memory of processes"
OURSELVES = "the scan itself: it holds the signs it looks for"
MOST_HITS = 1000  # kept before they are merged


class WindowsMemoryScanner:
    """Scans one process after the other."""

    def __init__(self, rules: RuleSet, own: frozenset[int] = frozenset()) -> None:
        self._judge = MemoryJudge(rules)
        self._own = own | {os.getpid()}

    def scan(self, task: MemoryTask, seconds: float = SECONDS) -> Done:
        """Look at a process in at most so many seconds. One that goes away or may not be read is told, never raised."""
        name = f"process {task.pid} ({task.name})"
        if task.pid in self._own:
            return Done(task.number, counted=[Counted("memory", MEMORY, "skipped", OURSELVES, example=name)])
        search = _Search(self._judge)
        try:
            with WindowsProcessMemory(ProcessId(task.pid, task.start), seconds) as memory:
                for piece in memory.pieces():
                    search.look(piece)
        except ProcessLookupError:
            return Done(task.number, counted=[Counted("memory", MEMORY, "skipped", "it has ended", example=name)])
        except OSError as error:
            why = f"can't be read: {error.strerror or error}"
            return Done(task.number, counted=[Counted("memory", MEMORY, "failed", why, example=name)])
        summary = memory.summary
        counted = [Counted("memory", MEMORY, count=summary.regions, size=summary.bytes)]
        troubles = [*summary.troubles, *search.troubles]
        if summary.unreadable:
            troubles.append(f"{summary.unreadable} pieces could not be read")
        counted += [Counted("memory", MEMORY, "failed", why, example=name) for why in dict.fromkeys(troubles)]
        return Done(task.number, [_make_finding(hit, task, search) for hit in merge_hits(search.hits)], counted=counted)


class _Search:
    """What one process's memory came to."""

    def __init__(self, judge: MemoryJudge) -> None:
        self._judge = judge
        self.hits: list[MemoryHit] = []
        self.places: dict[int, str] = {}
        self.troubles: list[str] = []

    def look(self, piece: MemoryPiece) -> None:
        """Judge a piece; giving up on it is a trouble."""
        try:
            found = self._judge.judge_piece(piece.data, piece.address)
        except GaveUp as reason:
            self.troubles.append(f"gave up on a piece: {reason}")
            return
        region = piece.region
        words = f"{region.start:x}-{region.start + region.size:x} {tell_rights(region.protection)}"
        for hit in found:
            self.places |= {sight.place: words for sight in hit.sights}
        self.hits += found
        if len(self.hits) > MOST_HITS:
            self.hits = merge_hits(self.hits)


def _make_finding(hit: MemoryHit, task: MemoryTask, search: _Search) -> Finding:
    address = f"{hit.sights[0].place:#x}" if hit.sights else None
    subject = Subject(kind="memory", pid=task.pid, start=task.start, key=task.name, address=address)
    evidence = tuple(
        Evidence(
            what=f"string {sight.string} of rule {hit.indicator.rule} at {sight.place:#x}, in the region "
            f"{search.places.get(sight.place, '?')}",
            data=sight.data,
            source="memory",
        )
        for sight in hit.sights
    )
    return make_memory_finding(hit, subject, evidence, to_time(task.start))
