"""Scanning captures and flow logs: read them as one story in time, judge it, and put the report together."""

import gc
import heapq
import os
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime
from operator import attrgetter
from typing import NamedTuple

import msgspec

from codered.collect.captures.opening import Capture
from codered.collect.flows.source import FlowSource
from codered.collect.traffic_files import TrafficSource, open_traffic
from codered.detect.log_addresses import OwnNetworks
from codered.detect.payloads import ports_of
from codered.detect.traffic_ground import TrafficGround
from codered.detect.traffic_summary import Picture, Repeats, draw_picture, hold_back
from codered.model.errors import WrongUse
from codered.model.paths import path_from_bytes
from codered.model.report import Look, Report, Stage, TrafficSummary
from codered.model.ruleset import RuleSet
from codered.model.target import TargetInfo
from codered.model.traffic import SeenTraffic, Transport
from codered.scan.confined_workers import look_unconfined
from codered.scan.reporting import Ran, make_report
from codered.scan.request import Network, OnProgress, Progress, ignore_progress
from codered.scan.traffic_judging import TrafficJudge

EVENTS_BETWEEN_LOOKS = 20_000  # at the clock
ONE_WAY = "one direction of the traffic is missing, what looks failed may have been answered"
STOPPED = "stopped by the user before the end"


class TrafficOrder(NamedTuple):
    """What is to be read: `paths` of files, `columns` a map for CSV, `internal` one's own networks (none = private
    ones), `command` as typed.
    """

    paths: tuple[bytes, ...]
    columns: str = ""
    internal: tuple[Network, ...] = ()
    command: tuple[str, ...] = ()


def scan_traffic(order: TrafficOrder, rules: RuleSet, on_progress: OnProgress = ignore_progress) -> Report:
    """Scan captures and flow logs and report. Ctrl-C ends it early with an incomplete report. Raises WrongUse for what
    is no traffic that it can read.
    """
    return _TrafficScan(order, rules, on_progress).run()


class _Opened(NamedTuple):
    path: bytes
    size: int
    source: TrafficSource


class _TrafficScan:
    """The state of one such scan."""

    def __init__(self, order: TrafficOrder, rules: RuleSet, on_progress: OnProgress) -> None:
        self._order = order
        self._rules = rules
        self._tell = on_progress
        self._judge = TrafficJudge(rules)
        self._progress = Progress(place="traffic")
        self._sources: list[_Opened] = []

    def run(self) -> Report:
        started, clock = datetime.now(UTC), time.monotonic()
        interrupted = False
        with ExitStack() as stack:
            ports = ports_of(self._rules)
            for path in self._order.paths:
                source = open_traffic(path, self._order.columns, interesting_ports=ports)
                stack.enter_context(closing(source))
                self._sources.append(_Opened(path, os.stat(path).st_size, source))
            if self._order.columns and all(isinstance(one.source, Capture) for one in self._sources):
                raise WrongUse("a capture has no columns", where="--columns", advice="leave it away")
            stack.enter_context(_no_collections())
            try:
                self._tell(self._progress)
                self._read(_merge([opened.source.read() for opened in self._sources]))
            except KeyboardInterrupt:
                interrupted = True
            self._judge.advance()
            return self._report(started, time.monotonic() - clock, interrupted=interrupted)

    def _read(self, events: Iterable[SeenTraffic]) -> None:
        take = self._judge.take
        for seen, event in enumerate(events, 1):
            take(event)
            if not seen % EVENTS_BETWEEN_LOOKS:
                self._look_up(seen)

    def _look_up(self, seen: int) -> None:
        self._progress.findings += len(self._judge.advance())
        self._progress.place = f"{seen // 1000:,}k events of traffic"
        self._tell(self._progress)

    def _report(self, started: datetime, seconds: float, *, interrupted: bool) -> Report:
        repeats = self._join_repeats()
        judged = self._judge.judged(repeats)
        if any(opened.source.lacks_direction for opened in self._sources):
            judged = hold_back(judged, ONE_WAY)
        picture = draw_picture(judged, self._judge.story, self._make_ground())
        target = TargetInfo(kind="traffic_files", root="/", offers=("network",))
        scope = tuple(path_from_bytes(path).text for path in self._order.paths)
        stage = Stage(what="traffic", seconds=round(seconds, 3), findings=len(picture.findings))
        ran = Ran(
            target=target, command=self._order.command, scope=scope, started=started, seconds=seconds,
            interrupted=interrupted, order=(stage,), traffic=self._complete(picture),
        )  # fmt: skip
        looks = tuple(self._list_looks(seconds, interrupted=interrupted))
        return make_report(ran, self._rules, picture.findings, looks)

    def _make_ground(self) -> TrafficGround:
        titles = {loaded.pack.name: loaded.pack.title for loaded in self._rules.packs}
        describe = self._sources[0].source.describe  # an address is an address in every file
        return TrafficGround(self._judge.signs, titles, OwnNetworks(self._order.internal).hold, describe)

    def _join_repeats(self) -> Repeats:
        joined: Counter[tuple[bytes, int, Transport, int]] = Counter()
        for opened in self._sources:
            joined.update(opened.source.repeats)
        return joined

    def _complete(self, picture: Picture) -> TrafficSummary:
        counts = self._judge.counts()
        spanned = counts.last - counts.first if counts.first is not None and counts.last is not None else 0.0
        return msgspec.structs.replace(
            picture.summary,
            seconds=round(spanned, 3),
            packets=sum(opened.source.packets for opened in self._sources),
            records=sum(opened.source.records for opened in self._sources),
            attempts=counts.attempts + sum(self._join_repeats().values()),
            forgotten=(*picture.summary.forgotten, *self._judge.forgotten()),
        )

    def _list_looks(self, seconds: float, *, interrupted: bool) -> Iterator[Look]:
        share = seconds / max(len(self._sources), 1)
        for opened in self._sources:
            where = path_from_bytes(opened.path).text
            source = opened.source
            count, troubles = source.packets or source.records, source.troubles
            if count:
                yield Look(layer="traffic", where=f"{where}: {source.kind}", state="looked", count=count,
                           bytes=opened.size, seconds=round(share, 3))  # fmt: skip
            elif not troubles:
                yield Look(layer="traffic", where=where, state="failed", why=f"nothing in it ({source.kind})")
            for trouble in troubles:
                yield Look(layer="traffic", where=where, state="failed", why=trouble)
        flows = [opened.source for opened in self._sources if isinstance(opened.source, FlowSource)]
        for why in dict.fromkeys(source.unconfined for source in flows if source.unconfined):
            yield look_unconfined(why, "traffic")
        for trouble in self._judge.troubles():
            yield Look(layer="traffic", where="all traffic", state="failed", why=trouble)
        if interrupted:
            yield Look(layer="traffic", where="all traffic", state="failed", why=STOPPED)


@contextmanager
def _no_collections() -> Iterator[None]:
    """Without the collector of circular garbage: events, actors and their ports are not circular, there are millions of
    them, and it would walk over all again and again (two thirds of the time where every source is new).
    """
    collected = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collected:
            gc.enable()


def _merge(sources: list[Iterator[SeenTraffic]]) -> Iterator[SeenTraffic]:
    """All events in the order of their times; each source has its own in order as far as it can."""
    return sources[0] if len(sources) == 1 else heapq.merge(*sources, key=attrgetter("at"))
