"""What a worker does with ranges of a memory dump: read, match, judge."""

import hashlib
from collections.abc import Iterator

from msgspec.structs import replace

from codered.collect.contents import keep_freed_memory
from codered.collect.dumps.reading import find_data, read_range
from codered.detect.memory import MemoryHit, MemoryJudge, make_memory_finding
from codered.detect.memory_places import MOST_MATCHINGS, Owned, find_places
from codered.engine import GaveUp
from codered.model.finding import Evidence, Finding, Subject
from codered.model.paths import FilePath
from codered.model.ruleset import RuleSet
from codered.scan.tasks import Counted, Done, DumpRange, DumpTask, Task

PIECE = 1 << 20  # bytes read at a time: it stays in the processor's cache, and all workers together stay small
OVERLAP = 4 << 10  # bytes a piece is read beyond its end, so that an anchor on the border is seen
MARGIN = 4 << 20  # bytes on either side of a range that rules see with it, once it holds an anchor
WHERE = "the memory dump"
ENOUGH = 20  # places told by one worker; from then on a copy that follows others closely is not told by itself
MORE = "more places with the same signs than are named one by one"


class DumpReader:
    """Serves ranges of one dump with one rule set. Made in the parent, used after the fork. `addresses` says what those
    of the dump are ("physical", "virtual").
    """

    def __init__(self, descriptor: int, path: FilePath, rules: RuleSet, addresses: str, *, sparse: bool) -> None:
        self._descriptor = descriptor
        self._path = path
        self._rules = rules
        self._addresses = addresses
        self._sparse = sparse
        self._judge: MemoryJudge | None = None
        self._told = 0

    def serve(self, task: Task) -> Done:
        """The answer to a DumpTask."""
        assert isinstance(task, DumpTask)
        if self._judge is None:
            keep_freed_memory(2 * PIECE)
            self._judge = MemoryJudge(self._rules)
        findings: list[Finding] = []
        counted: list[Counted] = []
        for part in task.ranges:
            try:
                findings += self._look_at(part, self._judge, counted)
            except GaveUp as reason:
                counted.append(_miss(part, f"gave up: {reason}"))
            except OSError as error:
                counted.append(_miss(part, f"can't be read: {error.strerror or error}"))
        return Done(task.number, findings, counted=counted)

    def _look_at(self, part: DumpRange, judge: MemoryJudge, counted: list[Counted]) -> list[Finding]:
        if not self._has_signs(part, judge, counted):
            return []
        start = max(part.run_start, part.offset - MARGIN)
        end = min(part.run_end, part.offset + part.size + MARGIN)
        owned = Owned(part.offset, part.offset + part.size)
        most = MOST_MATCHINGS if self._told < ENOUGH else 1
        places = find_places(judge, read_range(self._descriptor, start, end), start, owned, most)
        self._told += len(places.hits)
        if places.more:
            counted.append(Counted("memory", WHERE, "skipped", MORE, example=_name_place(part)))
        return [self._make_finding(part, place, hit) for place, hit in places.hits]

    def _has_signs(self, part: DumpRange, judge: MemoryJudge, counted: list[Counted]) -> bool:
        """Whether the range holds an anchor. All of it is read, and what is there is counted."""
        border = part.offset + part.size
        found, read, missing = False, 0, 0
        for start, end in self._list_pieces(part, border):
            data = read_range(self._descriptor, start, min(end + OVERLAP, part.run_end))
            read += min(len(data), end - start)
            missing += max(end - start - len(data), 0)
            found = found or judge.has_signs(data)
        if missing:
            counted.append(_miss(part, "the file has become shorter while it was read"))
        counted.append(Counted("memory", WHERE, count=0, size=read))
        return found

    def _list_pieces(self, part: DumpRange, border: int) -> Iterator[tuple[int, int]]:
        whole = ((part.offset, border),)
        for start, end in find_data(self._descriptor, part.offset, border) if self._sparse else whole:
            for at in range(start, end, PIECE):
                yield at, min(at + PIECE, end)

    def _make_finding(self, part: DumpRange, place: int, hit: MemoryHit) -> Finding:
        address = None if part.address is None else f"0x{part.address + place - part.offset:x}"
        subject = Subject(kind="memory", path=self._path.text, path_raw=self._path.raw, address=address)
        evidence = tuple(
            Evidence(
                what=f"string {sight.string} of rule {hit.indicator.rule} at {self._name_address(part, sight.place)}",
                data=sight.data,
                offset=sight.place,
                source=_name_segments(part),
            )
            for sight in hit.sights
        )
        finding = make_memory_finding(hit, subject, evidence)
        return finding if address else replace(finding, id=_name_outside(finding, place))

    def _name_address(self, part: DumpRange, place: int) -> str:
        if part.address is None:
            return f"byte {place} of the file"
        return f"{self._addresses} address 0x{part.address + place - part.offset:x}"


def _miss(part: DumpRange, why: str) -> Counted:
    return Counted("memory", WHERE, "failed", why, example=_name_place(part))


def _name_place(part: DumpRange) -> str:
    return f"{part.size} bytes at byte {part.offset} of the file"


def _name_segments(part: DumpRange) -> str:
    return "outside of every segment" if part.address is None else f"segment {part.segments}"


def _name_outside(finding: Finding, place: int) -> str:
    """An id that tells two places without an address apart."""
    return hashlib.sha256(f"{finding.id}\0{place}".encode()).hexdigest()[:12]
