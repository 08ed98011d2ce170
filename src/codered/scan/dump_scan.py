"""Scanning a memory dump: find out what lies where, deal out ranges, listen, and put the report together."""

import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.util import find_spec

from codered.collect.dumps import DumpFile, DumpLayout, Lie, Omission, Segment, read_layout
from codered.collect.dumps.checking import OUTSIDE
from codered.collect.dumps.raw import RAW
from codered.collect.dumps.reading import is_sparse
from codered.detect.memory import MemoryJudge
from codered.model.errors import WrongUse
from codered.model.finding import Finding
from codered.model.paths import path_from_bytes
from codered.model.report import Report
from codered.model.ruleset import RuleSet
from codered.scan.confined_workers import tell_unconfined
from codered.scan.dump_ranges import batch_ranges, cut_run, join_segments
from codered.scan.dump_reading import MORE, WHERE, DumpReader
from codered.scan.looks import LookBook
from codered.scan.pool import Pool
from codered.scan.reporting import Ran, make_report
from codered.scan.request import OnProgress, Progress, ignore_progress
from codered.scan.tasks import Counted, Done, DumpRange
from codered.targets import open_memory_dump
from codered.targets.memory_dump import MemoryDump

MOST_LISTED = 100  # places of one sign, in one dump
MOST_LIES = 50  # told one by one
LEAST_RAW = 64 << 10  # bytes
SAMPLES, SAMPLE = 256, 4096
HEADERS = "the headers of the dump"
NO_RULES = "no pack has signs for memory: it was not looked at"
CHANGED = "the file changed while it was read: look at a copy that nobody writes to"


def scan_dump(
    path: bytes,
    rules: RuleSet,
    command: tuple[str, ...] = (),
    cores: int = 0,
    on_progress: OnProgress = ignore_progress,
) -> Report:
    """Scan a memory dump and report. `command` as typed; `cores` 0 = all. Ctrl-C ends it early with an incomplete
    report. Raises WrongUse for what is no file or of a format that must be converted first.
    """
    dump = open_memory_dump(path)
    try:
        return _DumpScan(dump, rules, on_progress).run(command, cores or len(os.sched_getaffinity(0)))
    finally:
        dump.close()


class _DumpScan:
    """The state of one scan."""

    def __init__(self, dump: MemoryDump, rules: RuleSet, on_progress: OnProgress) -> None:
        self._dump = dump
        self._rules = rules
        self._tell = on_progress
        self._book = LookBook(dump)
        self._progress = Progress(place=os.path.basename(dump.info.root))
        self._findings: dict[str, Finding] = {}
        self._listed: dict[tuple[str, str], int] = {}
        self._segments = 0
        self._lies = 0

    def run(self, command: tuple[str, ...], cores: int) -> Report:
        started, clock = datetime.now(UTC), time.monotonic()
        layout = self._read_layout()
        interrupted = False
        if MemoryJudge(self._rules).is_empty:
            self._book.add_gap("memory", WHERE, NO_RULES)
        else:
            interrupted = self._look(layout, cores)
        self._book.add_counted(Counted("memory", WHERE, count=self._segments))
        if self._dump.read_state() != self._dump.state:
            self._book.add_gap("memory", WHERE, CHANGED)
        if self._findings:
            self._book.add_counted(Counted("memory", WHERE, "skipped", explain_attribution()))
        ran = Ran(
            target=self._dump.info,
            command=command,
            scope=(self._dump.info.root,),
            started=started,
            seconds=time.monotonic() - clock,
            interrupted=interrupted,
        )
        return make_report(ran, self._rules, tuple(self._findings.values()), self._book.looks())

    def _read_layout(self) -> DumpLayout:
        shown = self._dump.info.root
        if not self._dump.size:
            raise WrongUse("an empty file", where=shown, advice="--memory takes a memory dump")
        try:
            layout = read_layout(DumpFile(self._dump.descriptor, self._dump.size, self._dump.absolute(b"")))
        except OSError as error:
            advice = "copy it to a disk that can be read"
            raise WrongUse(f"can't be read ({error.strerror})", where=shown, advice=advice) from None
        what = f"a dump of {layout.addresses} memory: {layout.format}"
        self._book.add_counted(Counted("memory", what))
        if layout.format == RAW and (doubt := self._doubt_raw()):
            self._book.add_gap("memory", WHERE, doubt)
        self._dump.name_system(layout.system)
        return layout

    def _doubt_raw(self) -> str:
        """Why a file without any dump's header is hardly the memory of a machine; "" if it may be."""
        if self._dump.size < LEAST_RAW:
            return f"{self._dump.size} bytes without a dump's header: no memory of a machine is that small"
        step = max(self._dump.size // SAMPLES, SAMPLE)
        places = range(0, self._dump.size, step)
        if not any(os.pread(self._dump.descriptor, SAMPLE, place).strip(b"\0") for place in places):
            return "nothing but zeros where it was sampled, and no dump's header: was it copied whole?"
        return ""

    def _look(self, layout: DumpLayout, cores: int) -> bool:
        """Deal out and listen. True if the user stopped it."""
        sparse = is_sparse(self._dump.descriptor)
        path = path_from_bytes(self._dump.absolute(b""))
        reader = DumpReader(self._dump.descriptor, path, self._rules, layout.addresses, sparse=sparse)
        pool = Pool(reader.serve, cores)
        try:
            self._tell(self._progress)
            for batch in batch_ranges(self._list_ranges(layout, sparse=sparse)):
                pool.add_dump(batch)
                while not pool.is_hungry():
                    self._listen(pool)
            while pool.is_busy():
                self._listen(pool)
        except KeyboardInterrupt:
            self._book.add_gap("memory", WHERE, "stopped by the user before the end")
            return True
        except OSError as error:
            self._book.add_gap("memory", WHERE, f"can't be read any more: {error.strerror or error}")
        finally:
            pool.stop()
            for item in tell_unconfined(pool.unconfined):
                self._book.add_counted(item)
        return False

    def _list_ranges(self, layout: DumpLayout, *, sparse: bool) -> Iterator[DumpRange]:
        for run, numbers in join_segments(self._list_segments(layout)):
            yield from cut_run(run, numbers, self._dump.descriptor, sparse=sparse)

    def _list_segments(self, layout: DumpLayout) -> Iterator[Segment]:
        for part in layout.parts:
            if isinstance(part, Segment):
                self._segments += part.number != OUTSIDE
                yield part
            elif isinstance(part, Omission):
                self._book.add_counted(Counted("memory", HEADERS, "skipped", part.why, size=part.size))
            else:
                self._note_lie(part)

    def _note_lie(self, lie: Lie) -> None:
        self._lies += 1
        if self._lies <= MOST_LIES:
            missing = f": {lie.missing} bytes are not there" if lie.missing else ""
            self._book.add_counted(Counted("memory", HEADERS, "failed", lie.what + missing))
        else:
            self._book.add_counted(Counted("memory", HEADERS, "failed", "more of the like", size=lie.missing))

    def _listen(self, pool: Pool) -> None:
        for done in pool.collect():
            self._take(done)
        self._tell(self._progress)

    def _take(self, done: Done) -> None:
        for item in done.counted:
            self._book.add_counted(item)
            self._progress.bytes += item.size if item.state == "looked" else 0
        for finding in done.findings:
            sign = (finding.pack, finding.indicator)
            if self._listed.setdefault(sign, 0) >= MOST_LISTED:
                self._book.add_counted(Counted("memory", WHERE, "skipped", MORE, example=finding.subject.address or ""))
                continue
            self._listed[sign] += finding.id not in self._findings
            self._findings[finding.id] = finding
        self._progress.findings = len(self._findings)


def explain_attribution() -> str:
    """Why hits in a dump name no process, and how to find it."""
    if find_spec("volatility3") is None:
        return "hits are not attributed to processes: volatility3 is not installed"
    return "hits are not attributed to processes: give their addresses to volatility3 (windows.strings)"
