"""Looking for the packs' signs in the memory of one process."""

import os
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from codered.collect.memory_pages import Chunk
from codered.collect.process_identity import find_start
from codered.collect.process_memory import (
    SECONDS,
    MemoryPiece,
    ProcessMemory,
    ProgramChanged,
    open_memory,
)
from codered.detect.memory import (
    MemoryHit,
    MemoryJudge,
    Sight,
    doubt_memory_finding,
    make_memory_finding,
    merge_hits,
)
from codered.engine import GaveUp
from codered.model.finding import Evidence, Finding, Subject
from codered.model.process import MemoryRegion, ProcessId
from codered.model.ruleset import RuleSet
from codered.scan.memory_code import CodeRegions, OwnerOf, know_no_owner
from codered.scan.memory_dumping import DumpRefused, dump_regions

MOST_HITS = 1000  # kept before they are merged: a process may be nothing but marks
OURSELVES = "the scan itself: it holds the signs it looks for"


class MemoryLook(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What came of one process's memory: findings, bytes read, regions read, pages that are swapped out and were left
    there, for each reason why regions were left out how many regions and bytes these are, and what went wrong.
    `skipped_because`: it was not looked at; `gone`: it ended before all of it was read; `changed`: it started another
    program before; `dumped`: the files written.
    """

    findings: list[Finding] = []
    bytes: int = 0
    regions: int = 0
    swapped: int = 0
    skipped: dict[str, tuple[int, int]] = {}
    troubles: list[str] = []
    dumped: list[str] = []
    skipped_because: str = ""
    gone: bool = False
    changed: bool = False


class MemoryScanner:
    """Scans one process after the other. `leave_out`: processes that are never read, because they hold the rules;
    `owner_of` names the package of a file, and is asked only about what is run where something was found.
    """

    def __init__(
        self, rules: RuleSet, leave_out: frozenset[ProcessId] = frozenset(), proc: str = "/proc",
        owner_of: OwnerOf = know_no_owner,
    ) -> None:  # fmt: skip
        self._judge = MemoryJudge(rules)
        self._leave_out = leave_out
        self._proc = proc
        self._owner_of = owner_of

    def scan(
        self, process: ProcessId, name: str, dump: Path | None = None, seconds: float = SECONDS, *, owned: bool = False
    ) -> MemoryLook:
        """Look at a process in at most so many seconds; `dump`: the folder that takes copies of regions with a finding;
        `owned`: it runs a package's program, so what lies in its data is no proof against it. A process that goes away
        or may not be read is told, never raised.
        """
        if process.pid == os.getpid() or process in self._leave_out:
            return MemoryLook(skipped_because=OURSELVES)
        if self._judge.is_empty:
            return MemoryLook(skipped_because="no pack has signs for memory")
        code = CodeRegions(f"{self._proc}/{process.pid}", self._owner_of) if owned else None
        owner = _Owner(process, name, find_start(process, self._proc), code)
        look = self._scan(owner, dump, seconds)
        if look.changed and not look.findings:
            look = self._scan(owner, dump, seconds)
        if look.changed:
            look.troubles.append("it started another program while it was read")
        return look

    def _scan(self, owner: "_Owner", dump: Path | None, seconds: float) -> MemoryLook:
        memory = open_memory(owner.process, seconds, self._proc)
        search = _Search(self._judge, memory, owner.code)
        look = MemoryLook()
        try:
            with memory:
                search.run()
                if dump is not None and search.hits:
                    dump_regions(dump, owner.process, memory, search.list_regions(), look.dumped)
                memory.finish()
        except ProcessLookupError:
            look.gone = True
        except ProgramChanged:
            look.changed = True
        except OSError as error:
            look.troubles.append(f"can't be read: {error.strerror or error}")
        except DumpRefused as error:
            look.troubles.append(str(error))
        look.findings = [_make_finding(hit, search, owner) for hit in search.merge()]
        return _sum_up(look, search)


class _Owner(NamedTuple):
    """Whose memory it is; `code` is needed only for a program that a package owns."""

    process: ProcessId
    name: str
    started: datetime | None
    code: CodeRegions | None


class _Search:
    """The search through one process's memory. A rule is found wherever its strings lie within 8 MiB of memory that is
    present: each chunk that has an anchor is judged together with the one before and the one after it.
    """

    def __init__(self, judge: MemoryJudge, memory: ProcessMemory, code: CodeRegions | None) -> None:
        self._judge = judge
        self._code = code
        self.memory = memory
        self.doubtful: dict[tuple[str, str], bool] = {}
        self.hits: list[MemoryHit] = []
        self.given_up: dict[str, int] = {}

    def run(self) -> None:
        """Search all of it. Raises OSError and ProcessLookupError; what was found until then stays."""
        for _, chunks in groupby(self.memory.chunks(), key=lambda chunk: chunk.stretch):
            last: Chunk | None = None
            had_signs = False
            for chunk in chunks:
                signs = self._judge_chunk(chunk)
                if last is not None and (signs or had_signs):
                    self._match(self.memory.read(last.join(chunk)))
                last, had_signs = chunk, signs

    def merge(self) -> list[MemoryHit]:
        """What was found, once for each indicator."""
        return merge_hits(self.hits)

    def list_regions(self) -> list[MemoryRegion]:
        """The regions in which something was found."""
        places = {sight.place for hit in self.hits for sight in hit.sights}
        regions = (self.memory.region_at(place) for place in sorted(places))
        return list({region.start: region for region in regions}.values())

    def _judge_chunk(self, chunk: Chunk) -> bool:
        """Whether it has signs; what matches in it alone is kept at once, for a second reading may not find it."""
        piece = self.memory.read(chunk)
        try:
            if not self._judge.has_signs(piece.data):
                return False
        except GaveUp as reason:
            self._give_up(reason)
        self._match(piece)
        return True

    def _match(self, piece: MemoryPiece) -> None:
        try:
            found = self._judge.match(piece.data, 0)
        except GaveUp as reason:
            self._give_up(reason)
            return
        for hit in found:
            sights = tuple(replace(sight, place=piece.address_of(sight.place)) for sight in hit.sights)
            self.hits.append(MemoryHit(hit.pack, hit.indicator, sights))
            self._weigh(hit.key, sights)
        if len(self.hits) > MOST_HITS:
            self.hits = self.merge()

    def _weigh(self, key: tuple[str, str], sights: tuple[Sight, ...]) -> None:
        """What a package's program merely holds in its data may have been sent to it by anybody."""
        code = self._code
        if code is None or not self.doubtful.get(key, True):
            return
        self.doubtful[key] = not any(code.has(self.memory.region_at(sight.place)) for sight in sights)

    def _give_up(self, reason: GaveUp) -> None:
        self.given_up[str(reason)] = self.given_up.get(str(reason), 0) + 1


def _make_finding(hit: MemoryHit, search: _Search, owner: _Owner) -> Finding:
    subject = Subject(
        kind="memory",
        pid=owner.process.pid,
        start=owner.process.start,
        key=owner.name,
        address=f"{hit.sights[0].place:#x}" if hit.sights else None,
    )
    evidence = tuple(_prove(hit, sight, search.memory.region_at(sight.place)) for sight in hit.sights)
    finding = make_memory_finding(hit, subject, evidence, owner.started)
    return doubt_memory_finding(finding) if search.doubtful.get(hit.key) else finding


def _prove(hit: MemoryHit, sight: Sight, region: MemoryRegion) -> Evidence:
    offset = sight.place - region.start
    named = f" {region.what}" if region.what else " (anonymous)"
    return Evidence(
        what=f"string {sight.string} of rule {hit.indicator.rule} at {sight.place:#x}, {offset} bytes into the region "
        f"{region.start:x}-{region.end:x} {region.permissions}{named}",
        data=sight.data,
        offset=offset,
        source="memory",
    )


def _sum_up(look: MemoryLook, search: _Search) -> MemoryLook:
    summary = search.memory.summary
    look.bytes, look.regions, look.swapped = summary.bytes, summary.regions, summary.swapped
    look.skipped = summary.skipped
    look.troubles += summary.troubles
    look.troubles += [f"gave up on {count} pieces: {reason}" for reason, count in search.given_up.items()]
    if summary.unreadable and not look.gone:
        look.troubles.append(f"{summary.unreadable} pages could not be read")
    return look
