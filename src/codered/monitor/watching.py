"""The watch itself: wait, hear, have it judged, tell; look everywhere now and then; end when the time is over."""

import os
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import NamedTuple

from msgspec.structs import replace

from codered.collect.watching.folders import Heard
from codered.model.allow_list import AllowList
from codered.model.monitoring import Gap, MonitorReport, MonitorState, WatchedPlace
from codered.model.paths import path_from_bytes
from codered.model.plan import Plan
from codered.model.ruleset import RuleSet
from codered.model.target import Target
from codered.monitor.alarms import Alarms, Send
from codered.monitor.containing import Container
from codered.monitor.judge_process import JudgeProcess
from codered.monitor.judging import Judge
from codered.monitor.keeping import Keeping
from codered.monitor.lasting import Lasting, find_gap
from codered.monitor.network import NetworkSense
from codered.monitor.questions import Judgeless
from codered.monitor.reinfecting import Removed
from codered.monitor.reporting import make_report
from codered.monitor.senses import Counts, Senses
from codered.monitor.verdicts import Verdicts
from codered.monitor.work import Work

TICK = 1.0  # seconds between two looks at what does not tell by itself
BEAT = 10.0  # seconds between two signs of life
MOST_GAPS = 1_000
STARTS_LOST = (
    "more programs were started than the kernel could tell: all that run are looked at, what has ended is missed"
)
OVERFLOW = "the kernel's queue of events ran over: everything is looked at again"
NOT_SETTLED = "it ended before the first look at everything did"
TOO_MANY = "more changes at once than can be kept: everything is looked at again"


class Setting(NamedTuple):
    """What a watch is given. `own` are paths below the root that are the tool's own; `plan` is what was removed;
    `list_failed` tells which alerts could not be delivered since it was last asked.
    """

    target: Target
    rules: RuleSet
    allowed: AllowList
    places: tuple[WatchedPlace, ...]
    own: tuple[bytes, ...] = ()
    plan: Plan | None = None
    container: Container | None = None
    list_failed: Callable[[], tuple[str, ...]] = tuple


class Watch:
    """One run of one watch; `keeping` is open, `state` is new or that of an earlier run."""

    def __init__(self, setting: Setting, keeping: Keeping, state: MonitorState, send: Send) -> None:
        self._setting = setting
        self._keeping = keeping
        self._state = state
        self._counts = Counts()
        self._gaps = list(state.gaps)
        last = keeping.read_heartbeat()
        self._lasting = Lasting(state.orders.seconds, last)
        self._alarms = Alarms(keeping, send, state.told, last.counts if last is not None else None)
        judge = Judge(setting.target, setting.rules, setting.allowed)
        # Two: what takes long must not keep what has just happened waiting.
        self._urgent, self._slow = JudgeProcess(judge.answer), JudgeProcess(judge.answer)
        network = NetworkSense(setting.target, setting.rules, setting.allowed)
        self._senses = Senses(setting.target, setting.places, setting.own, state.started, network)
        self._work = Work(setting.target)
        self._verdicts = Verdicts(setting.target, self._alarms, Removed(setting.plan), state.snapshot)
        self._verdicts.settled = state.settled
        self._verdicts.container = setting.container
        self._verdicts.find_writer = self._senses.find_writer
        self._unwatched: dict[bytes, str] = {}
        self._told_unwatched: set[str] = set()
        self._lost_starts, self._lost = 0, False
        self._ticked = datetime.now(UTC)
        self._due = {"tick": 0.0, "beat": 0.0, "scan": 0.0}
        if last is not None:
            self._note_gap(find_gap(last, "the watch was ended and started again"))

    def run(self) -> MonitorReport:
        """Watch until the time is over or somebody wants it to end; Ctrl-C leaves it unfinished. Raises OSError."""
        over = False
        try:
            self._look_everywhere(whole=False)
            self._beat()
            while not (over := self._is_over()):
                self._round()
            self._finish_waiting()
        except KeyboardInterrupt:
            over = False
        finally:
            self._urgent.stop()
            self._slow.stop()
            report = self._close(over=over)
        return report

    def _round(self) -> None:
        now = time.monotonic()
        until = min(self._due["tick"], self._due["beat"], now + self._work.next_due())
        busy = not self._urgent.is_free()
        seconds = min(self._due["tick"] - now, TICK) if busy else until - now
        if not self._work.is_background_done() and self._slow.is_free():
            seconds = 0.0
        self._senses.wait(seconds, self._urgent.fileno(), self._slow.fileno())
        self._hear()
        self._let_judge()
        now = time.monotonic()
        if now >= self._due["tick"]:
            self._due["tick"] = now + TICK
            self._tick()
        if now >= self._due["beat"]:
            self._due["beat"] = now + BEAT
            self._beat()

    def _hear(self) -> None:
        self._take_in(self._senses.read_folders())
        if self._senses.starts.told:
            self._take_starts()
        self._verdicts.tell(self._senses.read_network())

    def _take_in(self, heard: Heard) -> None:
        self._counts.events += heard.events
        if heard.overflow:
            self._counts.overflows += 1
            self._alarms.note("overflow", OVERFLOW)
            self._look_again()
        for rel, place in heard.changed.items():
            self._verdicts.check_removed(rel)
            if not self._work.add_changed(rel):
                self._alarms.note("storm", TOO_MANY)
                self._look_again()
            if place.asks:
                self._work.add_persistence()
        for rel, place in heard.folders.items():
            self._add_folder(rel)
            if place.asks:
                self._work.add_persistence()
        if any(place.asks for place in heard.gone.values()):
            self._work.add_persistence()

    def _take_starts(self) -> None:
        own = {os.getpid(), self._urgent.pid, self._slow.pid}
        started = [pid for pid in self._senses.starts.read() if pid not in own]
        self._counts.starts += len(started)
        if self._senses.starts.lost > self._lost_starts:
            self._lost_starts = self._senses.starts.lost
            self._counts.overflows += 1
            self._alarms.note("overflow", STARTS_LOST)
            self._verdicts.note_trouble(STARTS_LOST)
            self._work.add_processes()
        left_out = self._work.add_started(started)
        if left_out:
            self._alarms.note("storm", f"{left_out} started programs were not looked at singly", key="starts")

    def _let_judge(self) -> None:
        """Take answers and ask what is next."""
        for judge, fresh in ((self._urgent, True), (self._slow, False)):
            came = judge.take()
            if isinstance(came, Judgeless):
                self._alarms.note("unjudged", f"{came.name()}: {came.why}")
            elif came is not None:
                question, answer = came
                self._counts.files += answer.files
                self._verdicts.take(question, answer, fresh=fresh)
            if judge.is_free():
                question_now = self._work.next_urgent() if fresh else self._work.next_background()
                if question_now is not None:
                    judge.ask(question_now)
                elif not fresh:
                    self._settle()

    def _settle(self) -> None:
        """The look everywhere is over."""
        if self._work.is_background_done() and not self._verdicts.settled:
            self._verdicts.settle()
            self._save()
        if self._lost:
            self._lost = False
            self._look_everywhere(whole=False)

    def _tick(self) -> None:
        """What does not tell by itself."""
        self._verdicts.look_for_listeners()
        self._verdicts.tell_missed(self._senses.find_network_gaps())
        if not self._senses.starts.told:
            self._take_starts()
        self._renew_places()
        for why in self._setting.list_failed():
            way = why.partition(":")[0]
            self._alarms.note("alert-failed", why, key=f"alert-failed\0{way}")
            self._verdicts.note_trouble(f"{way}: not all alerts were delivered")
        every = self._state.orders.every
        if every and time.monotonic() >= self._due["scan"] and self._work.is_background_done():
            self._look_everywhere(whole=True)

    def _renew_places(self) -> None:
        """Watch what has appeared, and what stands now where something else was watched: there is a gap."""
        folders = self._senses.folders
        moved = folders.renew_moved()
        for rel, place in (moved | folders.find_missing()).items():
            self._add_folder(rel)
            if place.asks:
                self._work.add_persistence()
        since, self._ticked = self._ticked, datetime.now(UTC)
        for rel in moved:
            path = path_from_bytes(self._setting.target.absolute(rel)).text
            why = f"{path} is another folder than the one that was watched; it is watched now"
            self._note_gap(Gap(since=min(since, self._ticked), until=self._ticked, why=why))

    def _add_folder(self, rel: bytes) -> None:
        if not self._work.add_folder(rel):
            self._alarms.note("storm", TOO_MANY)
            self._look_again()

    def _look_everywhere(self, *, whole: bool) -> None:
        self._due["scan"] = time.monotonic() + (self._state.orders.every or float("inf"))
        self._verdicts.check_all_removed()
        self._work.add_everything(self._setting.places, whole=whole)

    def _look_again(self) -> None:
        """Everywhere, after the look that is under way: who keeps the queue full must not keep it from its end."""
        if self._work.is_background_done():
            self._look_everywhere(whole=False)
        else:
            self._lost = True

    def _beat(self) -> None:
        """A sign of life on the disk, and what a restart needs."""
        for rel in self._senses.poll_unwatched():
            self._add_folder(rel)
        self._unwatched = self._senses.list_unwatched(self._work.unwalked)
        for why in sorted(set(self._unwatched.values()) - self._told_unwatched):
            self._told_unwatched.add(why)
            self._alarms.note("unwatched", f"folders that can't be watched, looked at by the clock: {why}")
        self._alarms.flush()
        with suppress(OSError):  # a full disk must not end the watch
            self._keeping.write(self._lasting.beat(os.getpid(), self._count_all()))
        self._save()

    def _save(self) -> None:
        state = replace(
            self._state,
            snapshot=self._verdicts.snapshot,
            settled=self._verdicts.settled,
            told=dict(self._alarms.told),
            gaps=tuple(self._gaps),
            unwatched=self._senses.name_unwatched(self._unwatched),
        )
        if state != self._state:
            with suppress(OSError):
                self._keeping.write(state)
                self._state = state

    def _is_over(self) -> bool:
        return self._lasting.left() <= 0 or self._keeping.is_asked_to_stop()

    def _finish_waiting(self) -> None:
        """Judge what came before the end, for at most a few seconds."""
        until = time.monotonic() + 5.0
        self._hear()
        self._let_judge()
        while time.monotonic() < until and not self._urgent.is_free():
            self._senses.wait(0.2, self._urgent.fileno())
            self._let_judge()

    def _close(self, *, over: bool) -> MonitorReport:
        self._beat()
        if not self._verdicts.settled:
            self._verdicts.note_trouble(NOT_SETTLED)
        if over:
            self._state = replace(self._state, ended=datetime.now(UTC))
        notes = (*self._senses.notes(), *self._verdicts.troubles)
        ran, events = self._lasting.elapsed(), self._keeping.read_events()
        report = make_report(self._state, ran, notes, events, self._count_all())
        report = replace(report, watched=self._senses.name_places())
        with suppress(OSError):
            self._keeping.write(self._state)
            self._keeping.write(report)
        self._senses.close()
        return report

    def _count_all(self) -> dict[str, int]:
        counted = {name: getattr(self._counts, name) for name in ("events", "files", "starts", "overflows")}
        return counted | {"folders": self._senses.folders.count} | self._alarms.counts

    def _note_gap(self, gap: Gap | None) -> None:
        if gap is not None:
            if len(self._gaps) >= MOST_GAPS:  # who makes them again and again: the last one grows
                gap = replace(gap, since=self._gaps.pop().since)
            self._gaps.append(gap)
            self._alarms.note("gap", f"nothing was watched from {gap.since:%F %T} to {gap.until:%F %T}: {gap.why}")
