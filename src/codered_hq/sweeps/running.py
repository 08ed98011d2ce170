"""Running a sweep of headquarters' own: the prober in a thread, the database and the user in this one.

A job is gone through in slices of whole blocks, in random order: what is settled is kept at once, and one that was
broken off goes on from there. The prober never waits for the database, or silence would be read into the waiting; if
the database stays away, the sweep stops.
"""

import fcntl
import gc
import os
import queue
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import NamedTuple

import msgspec

from codered.model.errors import CodeRedError, Refused
from codered_hq.model.sweep import AddressResult, Block, SweepEnd, SweepJob
from codered_hq.probing.engine import Sweeper
from codered_hq.sweeps.authorising import Permit, explain_time
from codered_hq.sweeps.intervals import Interval, count, read_intervals, write_ranges
from codered_hq.sweeps.making import find_fragile, read_job
from codered_hq.sweeps.models import Sweep
from codered_hq.sweeps.recording import end_sweep, record_results

SLICE_SECONDS = 20.0  # about what is lost by a kill
LEAST_BLOCKS, MOST_BLOCKS = 4, 256
FLUSH_SECONDS = 1.0
MOST_WAITING = 50_000
"""Results that wait for the database, about 100 MB; more of them stop the sweep."""
_BATCH = 1000
BLOCK = 256
INTERRUPTED = "interrupted"
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Seen(NamedTuple):
    """How far a sweep is: addresses settled of all, requests, the seconds since it began (of this run), and what was
    found since the last time.
    """

    settled: int
    total: int
    requests: int
    seconds: float
    before: int
    found: tuple[AddressResult, ...]


class _Note(NamedTuple):
    words: str


Event = AddressResult | Block | _Note


def run_sweep(sweep: Sweep, permit: Permit, folder: Path, tell: Callable[[Seen], None]) -> Sweep:
    """Make the sweep, or go on with it, and keep all that it brings; `tell` is told twice a second how far it is.
    Ctrl-C and the end of the authorised time stop it (`stopped` says so). Raises Refused, and WrongUse if the database
    stays away: what was not kept is asked again by going on.
    """
    with _alone(sweep, folder):
        run = _Run(sweep, permit)
        gc.collect()  # nor must one of this thread go in the prober's
        prober = threading.Thread(target=run.probe, name="prober", daemon=True)
        prober.start()
        try:
            with _heeding_signals(run):
                run.keep(prober, tell)
        finally:
            run.stopping = run.stopping or "headquarters gave up"
            prober.join(timeout=30)
        if run.failure is not None:
            end_sweep(sweep, str(run.failure), run.requests, datetime.now(UTC))
            raise run.failure
        end_sweep(sweep, run.stopped, run.requests, datetime.now(UTC))
    return sweep


def list_left(job: SweepJob, done: set[int]) -> list[Interval]:
    """The blocks of a job that are not done (the numbers of their first addresses), as the prober cuts them."""
    blocks = []
    for text in write_ranges(read_intervals(job.ranges)):
        interval = read_intervals((text,))[0]
        for first in range(interval.first, interval.last + 1, BLOCK):
            if first not in done:
                blocks.append(Interval(first, min(first + BLOCK - 1, interval.last)))
    return blocks


class _Run:
    """One run of a sweep: `probe` in a thread of its own, `keep` in the one that has the database."""

    def __init__(self, sweep: Sweep, permit: Permit) -> None:
        self._sweep, self._permit = sweep, permit
        self._job = _read_careful_job(sweep, permit)
        done = {int(first, 16) for first in sweep.blocks.values_list("first", flat=True)}
        self._left = list_left(self._job, done)
        self._total = count(read_intervals(self._job.ranges))
        self._before = self._total - sum(block.size() for block in self._left)
        random.Random(self._job.seed + len(done)).shuffle(self._left)  # noqa: S311 (an order, no secret)
        self._events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._block: Block | None = None
        self._settled = self._before
        self._settled_now = 0  # of the slice under way
        self._looked = 0.0
        self.requests = 0
        self.stopping = self.stopped = ""
        self.failure: CodeRedError | None = None

    def probe(self) -> None:
        """Go through all slices; the only thing here that touches the network."""
        try:
            for blocks in self._cut():
                end = self._probe_slice(blocks)
                gc.collect()  # the rule engine's scanner must go in the thread that made it
                self.requests += end.requests
                self._settled, self._settled_now = self._settled + sum(block.size() for block in blocks), 0
                if end.stopped:
                    self.stopped = end.stopped
                    return
        except CodeRedError as error:
            self.failure = error.with_traceback(None)  # it would keep what only this thread may let go of

    def keep(self, prober: threading.Thread, tell: Callable[[Seen], None]) -> None:
        """Write what comes until nothing comes any more."""
        begun = time.monotonic()
        while True:
            alive = prober.is_alive()  # before looking: what it said last is still taken
            batch = self._take(FLUSH_SECONDS if alive else 0.0)
            self._write(batch, tell, begun)
            if not alive and not batch:
                return

    def _write(self, batch: list[Event], tell: Callable[[Seen], None], begun: float) -> None:
        addresses = [event for event in batch if isinstance(event, AddressResult)]
        blocks = [event for event in batch if isinstance(event, Block)]
        notes = [event.words for event in batch if isinstance(event, _Note)]
        if addresses or blocks:
            record_results(self._sweep, addresses, blocks, datetime.now(UTC))
        self._sweep.notes = [*self._sweep.notes, *notes][:1000]
        found = tuple(each for each in addresses if each.state == "infected")
        settled = self._settled + self._settled_now
        tell(Seen(settled, self._total, self.requests, time.monotonic() - begun, self._before, found))

    def _take(self, seconds: float) -> list[Event]:
        """What came within this time, not more than a batch."""
        batch: list[Event] = []
        end = time.monotonic() + seconds
        while len(batch) < _BATCH:
            try:
                batch.append(self._events.get(timeout=max(0.0, end - time.monotonic())))
            except queue.Empty:
                break
        return batch

    def _cut(self) -> Iterator[list[Interval]]:
        rate = self._job.limits.per_second
        size = int(rate * SLICE_SECONDS / BLOCK) if rate else MOST_BLOCKS
        size = min(max(size, LEAST_BLOCKS), MOST_BLOCKS)
        for start in range(0, len(self._left), size):
            yield self._left[start : start + size]

    def _probe_slice(self, blocks: list[Interval]) -> SweepEnd:
        ranges = write_ranges(tuple(sorted(blocks)))
        job = msgspec.structs.replace(self._job, ranges=ranges, seed=self._job.seed ^ blocks[0].first & 0x7FFFFFFF)
        sweeper = Sweeper(job, self._on_address, self._on_block, lambda words: self._events.put(_Note(words)))

        def find_stop() -> str:
            self._settled_now = sweeper.settled
            return self._find_stop()

        end = sweeper.run(find_stop)
        self._push_block()
        return end

    def _on_address(self, result: AddressResult) -> None:
        self._events.put(result)
        self._push_block()

    def _on_block(self, block: Block) -> None:
        """Kept back until its last address has been told of: no block is kept whose answers are not."""
        self._push_block()
        self._block = block

    def _push_block(self) -> None:
        if self._block is not None:
            self._events.put(self._block)
            self._block = None

    def _find_stop(self) -> str:
        now = time.monotonic()
        if not self.stopping and now - self._looked > 1.0:
            self._looked = now
            if self._events.qsize() > MOST_WAITING:
                self.stopping = "the database does not take the results"
            else:
                self.stopping = explain_time(self._permit, datetime.now(UTC))
        return self.stopping


def _read_careful_job(sweep: Sweep, permit: Permit) -> SweepJob:
    """Its job, careful also with what has been found to be fragile since it was kept."""
    job = read_job(sweep)
    return msgspec.structs.replace(job, fragile=find_fragile(job.fragile, permit, read_intervals(job.ranges)))


@contextmanager
def _heeding_signals(run: _Run) -> Iterator[None]:
    """Ctrl-C, SIGTERM and SIGHUP end it with all that it has; a second one at once. An exception at any place would
    lose results whose block is kept later.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def heed(_number: int, _frame: FrameType | None) -> None:
        if run.stopping:
            raise KeyboardInterrupt
        run.stopping = INTERRUPTED

    numbers = [each for each in SIGNALS if signal.getsignal(each) != signal.SIG_IGN]
    before = {number: signal.signal(number, heed) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _alone(sweep: Sweep, folder: Path) -> Iterator[None]:
    """No sweep is run twice at once. Raises Refused."""
    locks = folder / "sweeps"
    locks.mkdir(mode=0o700, exist_ok=True)
    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
    with open(os.open(locks / f"{sweep.uid}.lock", flags, 0o600), "wb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            what = "this sweep is under way in another process"
            raise Refused(what, where=sweep.uid, advice="wait for it, or end that one") from None
        yield
