"""What the judge's answers mean for a watch: told or known, back or new, and held if that is wanted."""

import hashlib
import os
from collections.abc import Callable

from msgspec.structs import replace

from codered.collect.watching.listeners import MOST_LISTENERS, Listening, list_listeners, name_listeners
from codered.model.finding import Finding, Subject
from codered.model.heuristics import HEURISTICS
from codered.model.known_good import ListenerRecord
from codered.model.monitoring import EventKind, Snapshot
from codered.model.paths import path_from_bytes
from codered.model.process import ProcessId
from codered.model.target import Target
from codered.monitor.alarms import Alarms
from codered.monitor.containing import Container
from codered.monitor.differing import Difference, compare_snapshots, identify_listener
from codered.monitor.lasting import read_up
from codered.monitor.questions import Answer, AskFiles, AskProcesses, Question
from codered.monitor.reinfecting import Removed

MOST_TROUBLES = 1_000
MOST_KEPT = 20_000  # listeners
FindWriter = Callable[[bytes], ProcessId | None]


class Verdicts:
    """Keeps the snapshot of a watch and tells what is not as in it. `settled` = the first look is over: what is found
    from now on is new.
    """

    def __init__(self, target: Target, alarms: Alarms, removed: Removed, snapshot: Snapshot | None) -> None:
        self._target = target
        self._alarms = alarms
        self._removed = removed
        self.snapshot = snapshot
        self.settled = snapshot is not None
        self.container: Container | None = None
        self.find_writer: FindWriter = lambda _: None
        self.troubles: dict[str, None] = {}
        self._listening: frozenset[Listening] | None = None
        self._first: tuple[ListenerRecord, ...] = ()
        self._began = int(read_up() * os.sysconf("SC_CLK_TCK"))  # as processes count their start

    def take(self, question: Question, answer: Answer, *, fresh: bool) -> None:
        """Tell what an answer brings. `fresh`: it is about something that has just happened."""
        by_event = fresh and isinstance(question, AskFiles)
        started = question.pids if fresh and isinstance(question, AskProcesses) else []
        for finding in answer.findings:
            if finding.subject.kind == "process":
                self._tell_process(finding, new=finding.subject.pid in started)
            else:
                self._tell_finding(finding, fresh=by_event)
        for item in answer.unlooked:
            if item.state == "failed":
                self.note_trouble(f"{path_from_bytes(self._target.absolute(item.rel)).text}: {item.why}", fresh=fresh)
        for why in answer.unread:
            self.note_trouble(why, fresh=False)
        if answer.records:
            self._compare(answer)

    def settle(self) -> None:
        """The first look is over."""
        self.settled = True
        self._alarms.sum_up_start()

    def tell(self, findings: list[Finding]) -> None:
        """Tell what happens right now."""
        for finding in findings:
            self._tell_finding(finding, fresh=True)

    def check_removed(self, rel: bytes) -> None:
        """Tell if this file is one that the plan removed."""
        why = self._removed.match_file(self._target, rel)
        if why:
            path = path_from_bytes(self._target.absolute(rel))
            finding = _make_reinfection(path.text, path.raw, why)
            if self._alarms.find("reinfected", finding, f"{path.text}: {why}", fresh=True):
                self._contain(finding)

    def check_all_removed(self) -> None:
        """The same for all paths that the plan took away."""
        for path in self._removed.paths:
            self.check_removed(path.removeprefix(self._target.absolute(b"")).lstrip(b"/"))

    def look_for_listeners(self) -> None:
        """Tell what waits for connections and did not before."""
        try:
            now = list_listeners()
        except OSError as error:
            self.note_trouble(f"listening sockets: {error}", fresh=False)
            return
        if self._listening == now:
            return
        new = now - (self._listening or frozenset())
        self._listening = now
        records = name_listeners(new)
        if len(now) >= MOST_LISTENERS:
            self.note_trouble(f"listening sockets: more than {MOST_LISTENERS}, not all were looked at", fresh=True)
        if self.snapshot is None:
            self._first = _merge(self._first, records)
            return
        before = self.snapshot
        # What listened once is kept for the whole watch: a service that starts again is no news.
        after = replace(before, listeners=_merge(before.listeners, records))
        self._tell_differences(compare_snapshots(before, replace(before, listeners=records), self._target), ())
        self.snapshot = after

    def _compare(self, answer: Answer) -> None:
        before = self.snapshot
        listeners = before.listeners if before is not None else self._first
        now = Snapshot(
            autostart=tuple(answer.autostart), packaged=tuple(answer.packaged), accounts=tuple(answer.accounts),
            keys=tuple(answer.keys), listeners=listeners,
        )  # fmt: skip
        if before is not None:
            self._tell_differences(compare_snapshots(before, now, self._target), tuple(answer.findings))
        self.snapshot = now

    def _tell_differences(self, differences: tuple[Difference, ...], found: tuple[Finding, ...]) -> None:
        """What the rules found already is not told twice."""
        covered = {_locate(finding.subject) for finding in found}
        for kind, finding in differences:
            why = self._removed.match_finding(finding)
            if why:
                self._tell_finding(finding, fresh=True)
            elif _locate(finding.subject) not in covered:
                self._alarms.find(kind, finding, f"{finding.subject.name()}: {finding.because}", fresh=True)

    def _tell_process(self, finding: Finding, *, new: bool) -> None:
        """A process stays the same: it is told once, and again when it is surer. Those it was started by are looked at
        with it: they are no more `new` than before.
        """
        start = finding.subject.start
        began_since = start is not None and start >= self._began
        self._tell_finding(finding, fresh=False, came=new or began_since, hold=new)

    def _tell_finding(self, finding: Finding, *, fresh: bool, came: bool = False, hold: bool = False) -> None:
        """`came`: it was not there at the start; `hold`: it is held where it is no news, for that may have failed."""
        why = self._removed.match_finding(finding)
        kind: EventKind = "reinfected" if why else "found" if self.settled or fresh or came else "there-at-start"
        story = f"{finding.subject.name()}: {finding.because}" + (f" ({why})" if why else "")
        is_news = self._alarms.find(kind, finding, story, fresh=fresh)
        if (is_news or hold) and kind != "there-at-start" and (why or _may_contain(finding)):
            self._contain(finding)

    def _contain(self, finding: Finding) -> None:
        if self.container is None:
            return
        writer = self.find_writer(finding.subject.file_path().to_bytes()) if finding.subject.path else None
        done = self.container.contain(finding, writer)
        if done is None:
            return
        kind: EventKind = "contained" if done.plan else "not-contained"
        self._alarms.note(kind, done.story, plan=done.plan)

    def tell_missed(self, gaps: tuple[str, ...]) -> None:
        """What is not heard of the network, as soon as that shows: the report's notes have it at the end."""
        for gap in gaps:
            self._alarms.note("unwatched", f"of the network, not seen: {gap}")

    def note_trouble(self, what: str, *, fresh: bool = False) -> None:
        """Something that could not be seen or told, for the report; `fresh`: also tell it now."""
        if len(self.troubles) < MOST_TROUBLES:
            self.troubles[what] = None
        if fresh:
            self._alarms.note("unjudged", f"could not be judged: {what}")


def _may_contain(finding: Finding) -> bool:
    """Whether it is sure enough to freeze a process: of the network only what passed every gate."""
    if finding.layer in ("network", "traffic"):
        return finding.confidence == "confirmed" and finding.subject.kind == "process"
    return finding.confidence != "suspicious"


def _merge(still: tuple[ListenerRecord, ...], new: tuple[ListenerRecord, ...]) -> tuple[ListenerRecord, ...]:
    """Bounded: what finds no room is told again when it comes again."""
    known = {identify_listener(one) for one in still}
    return (*still, *(one for one in new if identify_listener(one) not in known))[:MOST_KEPT]


def _locate(subject: Subject) -> tuple[str | None, str | None, int | None]:
    return subject.path, subject.key if subject.kind in ("account", "key") else None, subject.line


def _make_reinfection(path: str, raw: bytes | None, why: str) -> Finding:
    return Finding(
        id=hashlib.sha256(f"{path}\0{why}".encode(errors="backslashreplace")).hexdigest()[:12],
        pack=HEURISTICS,
        indicator="reinfected",
        layer="files",
        subject=Subject(kind="file", path=path, path_raw=raw),
        confidence="likely",
        severity="critical",
        because=why,
        remedy="quarantine_file",
    )
