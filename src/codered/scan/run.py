"""Running a scan: walk, deal out, listen, and put the report together."""

import os
import sys
import time
from datetime import UTC, datetime

from codered.collect.rpm_asking import ask_for_others
from codered.collect.rpm_records import QUERIES
from codered.collect.walking import Folder, walk
from codered.detect.nearness import raise_by_time
from codered.detect.places import Places
from codered.model.finding import Finding, Layer
from codered.model.report import Report, Stage
from codered.model.ruleset import RuleSet
from codered.model.target import Place, Target
from codered.scan.confined_workers import choose_rights, tell_unconfined
from codered.scan.inline_pool import start_pool
from codered.scan.integrity_stage import IntegrityStage
from codered.scan.live_stage import LiveStage, is_alarming, tell_alarm
from codered.scan.log_gathering import LogGathering
from codered.scan.looks import LookBook
from codered.scan.named_places import find_named
from codered.scan.patch_look import answer_unread
from codered.scan.pool import Pool
from codered.scan.reporting import Ran, make_report
from codered.scan.request import OnProgress, Progress, ScanRequest, ignore_progress
from codered.scan.sampling import BEHAVIOUR, Sampled
from codered.scan.seen_files import UNCHANGED, open_seen
from codered.scan.server import Server
from codered.scan.tasks import Counted, Done
from codered.scan.web_roots import WEB_ROOTS, find_web_roots
from codered.scan.worker import Worker
from codered.system.rights import count_cores
from codered.targets.live_windows import rel_of
from codered.targets.windows_names import canonical_windows_path

if sys.platform != "win32":
    from codered.scan.behaviour_sample import Sample, SampleOrder

ON_DISK = "files on disk"
EMPTY = "there is no file in it: is it mounted?"
EMPTY_IMAGE = "there is no file in it that can be read"
FAST = "asked to be fast: only web roots and what the findings point to"
FIRST = "what findings and packs point to"
NAMES_PER_TASK = 64  # files in one message: enough to hide its cost, few enough to spread the work


def scan(target: Target, request: ScanRequest, rules: RuleSet, on_progress: OnProgress = ignore_progress) -> Report:
    """Scan and report. Ctrl-C ends it early with an incomplete report; no error of a single file ends it."""
    with ask_for_others(target, QUERIES):
        return _Run(target, request, rules, on_progress).run()


class _Run:
    """The state of one scan."""

    def __init__(self, target: Target, request: ScanRequest, rules: RuleSet, on_progress: OnProgress) -> None:
        self._target = target
        self._request = request
        self._rules = rules
        self._tell = on_progress
        self._book = LookBook(target)
        self._seen = open_seen(target, request, rules)
        self._logs = LogGathering(target, self._book)
        self._live = LiveStage(target, self._book)
        self._integrity = IntegrityStage(target, request, self._book)
        self._cores = request.cores or count_cores()
        self._stages: list[Stage] = []
        self._sample: Sample | None = None
        self._sampled = Sampled()
        self._progress = Progress()
        self._starts = tuple(self._relative(path) for place in request.places for path in place.paths)
        self._findings: list[Finding] = []
        self._place_of: dict[int, str] = {}
        self._batch: list[Folder] = []
        self._unchanged: dict[str, int] = {}  # files at a place
        self._unconfined: list[Counted] = []

    def run(self) -> Report:
        """Do it all."""
        started, clock = datetime.now(UTC), time.monotonic()
        worker = Worker(self._target, self._rules, Places(self._rules.packs, canonical_windows_path), self._request)
        server = Server(worker, self._target, self._rules, self._request)
        self._start_sample()
        pool = start_pool(server.serve, self._cores, choose_rights(self._target, self._request))
        interrupted = False
        try:
            self._tell(self._progress)
            self._drive(pool)
            self._take_sample(wait=True)
        except KeyboardInterrupt:
            interrupted = True
            self._stop_sample()
            self._book.add_gap("files", "the whole scan", "stopped by the user before the end")
        finally:
            pool.stop()
        self._unconfined = tell_unconfined(pool.unconfined)
        if self._request.must_find_files and not self._progress.files_known and not interrupted:
            why = EMPTY_IMAGE if self._target.info.kind == "disk_image" else EMPTY
            self._book.add_gap("files", "everything asked for", why)
        return self._report(started, time.monotonic() - clock, interrupted)

    def _drive(self, pool: Pool) -> None:
        self._look_live(pool)
        if self._live.stages():
            first = (self._live.place(), find_named(self._target, self._rules.packs))
            self._look_at_disk(pool, tuple(place for place in first if place is not None), FIRST)
        self._look_at_integrity(pool)
        if self._request.fast:
            self._look_at_web_roots(pool)
            self._stages.append(Stage(what=ON_DISK, left_out=FAST))
        else:
            self._look_at_disk(pool, self._request.places, ON_DISK)

    def _look_at_web_roots(self, pool: Pool) -> None:
        """Of a whole system: there lie web shells, to which nothing else points."""
        place = find_web_roots(self._target, self._request.places) if self._live.stages() else None
        if place is not None:
            self._look_at_disk(pool, (place,), WEB_ROOTS)

    def _start_sample(self) -> None:
        """Watch the network beside the rest; forked before the workers, so that it holds none of their pipes."""
        if not self._request.watch or self._target.info.kind != "live_linux":
            return
        if "network" in self._target.info.offers:
            order = SampleOrder(self._request.watch, self._rules, self._request.allowed, self._request.internal)
            self._sample = Sample(order)

    def _take_sample(self, *, wait: bool) -> None:
        if self._sample is None:
            return
        if wait:
            self._progress.place = BEHAVIOUR
            self._tell(self._progress)
        sampled = self._sample.finish() if wait else self._sample.poll()
        if sampled is None:
            return
        self._sample, self._sampled = None, sampled
        self._findings += sampled.findings
        self._progress.findings = len(self._findings)
        self._stages.append(Stage(what=BEHAVIOUR, seconds=sampled.seconds, findings=len(sampled.findings)))
        self._live.alarms += [tell_alarm(found) for found in sampled.findings if is_alarming(found)]
        self._progress.alarms = tuple(self._live.alarms)
        for item in sampled.counted:
            self._book.add_counted(item)

    def _stop_sample(self) -> None:
        if self._sample is not None:
            self._sample.stop()
            self._take_sample(wait=True)

    def _look_live(self, pool: Pool) -> None:
        """What runs and what starts by itself, before the disk: it is there in seconds."""
        self._live.start(pool)
        if not self._request.logs_only:
            self._live.tell_what_is_missing()
        if not self._live.is_busy():
            return
        self._progress.place = "what runs"
        while self._live.is_busy():
            self._listen(pool)
            self._progress.alarms = tuple(self._live.alarms)
        self._tell(self._progress)

    def _look_at_integrity(self, pool: Pool) -> None:
        """What packages brought against their records: after what the findings point to, before the usual places."""
        self._integrity.start(pool, self._cores)
        self._progress.place = "packages and known good" if self._integrity.is_busy() else self._progress.place
        while self._integrity.is_busy():
            self._listen(pool)
        self._findings += self._integrity.findings()
        self._progress.findings = len(self._findings)
        self._stages += self._integrity.stages()

    def _look_at_disk(self, pool: Pool, places: tuple[Place, ...], what: str) -> None:
        clock, before = time.monotonic(), len(self._findings)
        self._progress.walked = False
        for place in places:
            self._progress.place = place.what
            self._walk_place(pool, place)
        self._progress.walked = True
        while pool.is_busy():
            self._listen(pool)
        new = len(self._findings) - before
        self._stages.append(Stage(what=what, seconds=round(time.monotonic() - clock, 3), findings=new))

    def _walk_place(self, pool: Pool, place: Place) -> None:
        starts = tuple(self._relative(path) for path in place.paths)
        for start in starts:
            self._queue_name_of(start)
        for item in walk(self._target, starts, self._starts, self._seen if self._seen.is_on else None):
            if isinstance(item, Folder):
                self._skip_unchanged(place, item)
                self._queue(pool, place, self._seen.keep(item))
            else:
                self._book.add_unlooked(place.what, item, "logs" if self._request.logs_only else "files")
            while not pool.is_hungry():
                self._listen(pool)
        self._flush(pool, place)
        self._seen.end_walk(starts)

    def _skip_unchanged(self, place: Place, folder: Folder) -> None:
        unchanged = len(folder.unchanged)
        if place.what not in self._unchanged:
            self._unchanged[place.what] = 0
            if not self._request.logs_only:
                self._book.add_looked("files", place.what, 0, 0)  # an empty folder was looked at too
        if unchanged:
            self._unchanged[place.what] += unchanged
            self._progress.files_known += unchanged
            self._progress.files += unchanged

    def _queue_name_of(self, start: bytes) -> None:
        """A starting folder is judged by its name too; the walk only names what lies in it."""
        parent, _, name = start.rpartition(b"/")
        if name and not self._request.logs_only and os.path.isdir(self._target.absolute(start)):
            self._batch.append(Folder(parent, [], [name]))

    def _queue(self, pool: Pool, place: Place, folder: Folder) -> None:
        self._progress.files_known += len(folder.files)
        if not folder.files and not folder.folders:
            return
        for start in range(0, max(len(folder.files), len(folder.folders), 1), NAMES_PER_TASK):
            end = start + NAMES_PER_TASK
            self._batch.append(Folder(folder.rel, folder.files[start:end], folder.folders[start:end]))
            if sum(len(part.files) + len(part.folders) + 1 for part in self._batch) >= NAMES_PER_TASK:
                self._flush(pool, place)

    def _flush(self, pool: Pool, place: Place) -> None:
        if self._batch:
            self._place_of[pool.add_files(self._batch)] = place.what
            self._batch = []

    def _listen(self, pool: Pool) -> None:
        self._take_sample(wait=False)
        for done in pool.collect():
            self._take(pool, done)
        self._tell(self._progress)

    def _take(self, pool: Pool, done: Done) -> None:
        if self._live.owns(done.number):
            self._findings += done.findings
            self._progress.findings = len(self._findings)
            self._live.take(pool, done)
            return
        if self._integrity.owns(done.number):
            self._integrity.take(done)
            return
        is_log = self._logs.owns(done.number)
        where = "web logs" if is_log else self._place_of[done.number]
        layer: Layer = "logs" if is_log or self._request.logs_only else "files"
        self._progress.files += done.files
        self._progress.bytes += done.bytes
        self._findings += done.findings
        self._seen.take(done.clean)
        self._progress.findings = len(self._findings)
        if done.files:
            self._book.add_looked("files", where, done.files, done.bytes)
        for item in done.unlooked:
            self._book.add_unlooked(where, item, layer)
        for counted in done.counted:
            self._book.add_counted(counted)
        for log in done.logs:
            self._logs.schedule(pool, log)
        self._progress.log_bytes += self._logs.take(done)

    def _relative(self, path: str) -> bytes:
        if self._target.info.kind == "live_windows":
            return rel_of(path)
        root = os.fsencode(self._target.info.root)
        return os.fsencode(path).removeprefix(root).strip(b"/")

    def _report(self, started: datetime, seconds: float, interrupted: bool) -> Report:
        for where, count in self._unchanged.items():
            if count:
                self._book.add_counted(Counted("files", where, why=UNCHANGED, count=count))
        self._seen.write()
        for item in (*self._unconfined, *(self._seen.looks() if self._progress.files_known else ())):
            self._book.add_counted(item)
        logs, log_findings = self._logs.summarise(self._rules.packs, self._request.internal)
        once = {finding.id: finding for finding in self._findings}  # places may overlap
        ran = Ran(
            target=self._target.info,
            command=self._request.command,
            scope=() if self._request.fast else tuple(path for place in self._request.places for path in place.paths),
            started=started,
            seconds=seconds,
            interrupted=interrupted,
            order=(*self._live.stages(), *self._stages) if self._live.stages() else (),
            patches=(*self._live.patches, *answer_unread(self._target, self._rules.packs)),
            traffic=self._sampled.summary,
            windows=self._live.windows,
        )
        findings = raise_by_time((*once.values(), *log_findings))
        return make_report(ran, self._rules, findings, self._book.looks(), logs)
