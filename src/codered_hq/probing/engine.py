"""The sweep itself: one loop over epoll, no threads. Wall time is about silent addresses times patience by sockets."""

import errno
import gc
import select
import ssl
import time
from collections import deque
from collections.abc import Callable

from codered_hq.model.sweep import AddressResult, Block, SweepEnd, SweepJob
from codered_hq.probing.calls import CLOSED, CONNECTING, EVENTS, READING, Call
from codered_hq.probing.ledger import Ledger
from codered_hq.probing.pacing import Pacer
from codered_hq.probing.ranges import AddressSpace, Place, Ranges
from codered_hq.probing.sockets import LASTING, SCARCE, NotBegun, begin, explain, explain_own, raise_limit
from codered_hq.probing.visiting import Visit, plan_course
from codered_hq.probing.wrapping import make_context

MOST_WAITING = 4096
"""Addresses that wait for their turn at once; the others are not even made yet."""
_MOST_WALKED = 65536  # addresses gone by in one turn, most of them excluded
_MOST_BEGUN = 256  # connections begun in one turn of the loop, before looking at answers
_AGAIN_AFTER = 1.0  # seconds before a silent address is tried again
_MOST_TLS = 2000  # sockets at once where TLS is spoken: OpenSSL takes some 60 KB for each
_PAUSE = 0.05
_MOST_GARBAGE = 100_000  # nothing here is part of a cycle: to look for some all the time costs a tenth


def sweep(
    job: SweepJob, on_address: Callable[[AddressResult], None], on_block: Callable[[Block], None],
    stop: Callable[[], str], tell: Callable[[str], None] = lambda _: None,
) -> SweepEnd:  # fmt: skip
    """Ask every address of a job. `on_address` gets each one that is not plainly silent, `on_block` each block that is
    settled; `stop` says why to stop now ("" = go on), `tell` gets words for the user. Raises WrongUse and Refused for a
    job that makes no sense or may do harm.
    """
    return Sweeper(job, on_address, on_block, tell).run(stop)


class Sweeper:
    """A sweep in progress: `run` once. Raises WrongUse and Refused for a job that makes no sense."""

    def __init__(
        self, job: SweepJob, on_address: Callable[[AddressResult], None], on_block: Callable[[Block], None],
        tell: Callable[[str], None],
    ) -> None:  # fmt: skip
        limits = self._limits = job.limits
        self._course = plan_course(job)
        self._space = AddressSpace(job.ranges, job.done)
        self._skip = Ranges(job.skip) if job.skip else None
        self._fragile = Ranges(job.fragile) if job.fragile else None
        self._ledger = Ledger(self._space, on_block)
        self._on_address, self._tell = on_address, tell
        self._host_gap = 1 / limits.per_host if limits.per_host > 0 else 0.0
        self.at_once = raise_limit(min(limits.at_once, _MOST_TLS) if job.tls_ports else limits.at_once)
        self._pacer: Pacer[Visit] = Pacer(limits.per_second, limits.per_subnet, time.monotonic())
        self._walk = self._space.walk(job.seed)
        self._left = True  # whether the walk may have more
        self._shy: deque[Place] = deque()  # fragile addresses, one after the other
        self._shy_now = False
        self._calls: dict[int, Call] = {}
        self._connecting: deque[Call] = deque()
        self._answering: deque[Call] = deque()
        self._once = limits.tries <= 1 and not job.fragile and len(self._course.doors) == 1
        self._context: ssl.SSLContext | None = make_context() if job.tls_ports else None
        self._pause = 0.0
        self._requests = 0

    @property
    def settled(self) -> int:
        """How many addresses are settled by now."""
        return self._ledger.settled

    def run(self, stop: Callable[[], str]) -> SweepEnd:
        """Ask every address; `stop` is looked at all the time, and ends it with the reason that it gives."""
        swept = gc.get_threshold()
        gc.set_threshold(_MOST_GARBAGE, *swept[1:])
        try:
            return self._loop(stop)
        finally:
            gc.set_threshold(*swept)

    def _loop(self, stop: Callable[[], str]) -> SweepEnd:
        begun, looked, stopped = time.monotonic(), 0.0, ""
        with select.epoll() as self._poll:
            while True:
                now = time.monotonic()
                if now - looked > _PAUSE and not (stopped := stop()):
                    looked = now
                if stopped:
                    break
                self._admit(now)
                self._begin_some(now)
                if not (self._calls or self._pacer.waiting or self._left or self._shy):
                    break
                events = self._poll.poll(self._find_patience(now), 1024)
                now = time.monotonic()
                for descriptor, mask in events:
                    self._serve(self._calls[descriptor], mask, now)
                self._expire(now)
        for call in self._calls.values():
            call.sock.close()
        unreached = self._space.remaining() - self._ledger.settled
        seconds = time.monotonic() - begun
        counts = self._ledger.count(unreached)
        return SweepEnd(counts=counts, requests=self._requests, seconds=seconds, stopped=stopped)

    def _admit(self, now: float) -> None:
        """More addresses into the queue, in their random order."""
        skip, fragile = self._skip, self._fragile  # None where there are none
        course, locate, pacer = self._course, self._space.locate, self._pacer
        for _ in range(_MOST_WALKED):
            if pacer.waiting >= MOST_WAITING or not self._left:
                break
            index = next(self._walk, None)
            if index is None:
                self._left = False
                break
            place = locate(index)
            if skip and skip.hold(place):
                self._ledger.settle(place, "not_asked")
            elif fragile and fragile.hold(place):
                self._shy.append(place)
            else:
                pacer.offer(Visit(course, place, False), place.subnet, now)
        if self._shy and not self._shy_now:
            self._shy_now = True
            place = self._shy.popleft()
            self._pacer.offer(Visit(self._course, place, True), place.subnet, now)

    def _begin_some(self, now: float) -> None:
        calls, pacer = self._calls, self._pacer
        for _ in range(min(_MOST_BEGUN, self.at_once - len(calls)) if now >= self._pause else 0):
            visit = pacer.take(now)
            if visit is None or not self._begin(visit, now):
                break

    def _begin(self, visit: Visit, now: float) -> bool:
        """False = this machine has too little of something just now."""
        place = visit.place
        try:
            sock = begin(place, visit.door.port)
        except NotBegun as error:
            return self._explain_not_begun(visit, error.number, now)
        visit.last = now
        window = self._pacer.begin(place.subnet, visit.known, now)
        call = Call(visit, sock, window, now + self._limits.connect_seconds)
        self._calls[call.descriptor] = call
        self._poll.register(call.descriptor, EVENTS)
        self._connecting.append(call)
        return True

    def _explain_not_begun(self, visit: Visit, number: int, now: float) -> bool:
        if number in SCARCE and (self._calls or number not in LASTING):
            self._pacer.take_back(visit)
            self._pause = now + _PAUSE
            return False
        state, reason = explain(number) if number == errno.ECONNREFUSED else ("not_asked", "")
        visit.fail(state, reason or explain_own(visit.place, number))
        self._go_on(visit, now)
        return True

    def _find_patience(self, now: float) -> float:
        """Seconds until something is due at the latest."""
        due = now + 1.0
        if now < self._pause:
            due = self._pause
        elif len(self._calls) < self.at_once:
            more = self._left and self._pacer.waiting < MOST_WAITING
            due = now if more else min(due, self._pacer.next_time(now))
        for waiting, phase in ((self._connecting, CONNECTING), (self._answering, READING)):
            while waiting and waiting[0].phase > phase:
                waiting.popleft()
            if waiting:
                due = min(due, waiting[0].due)
        return max(0.0, due - now)

    def _serve(self, call: Call, mask: int, now: float) -> None:
        if call.phase == CONNECTING:
            done = call.connect(mask, self._context, self._limits.most_bytes)
            if call.phase != CONNECTING:
                self._requests += 1
                call.due = now + self._limits.answer_seconds
                self._answering.append(call)
        else:
            done = call.advance(mask)
        if done:
            self._finish(call, now)
        elif call.phase != CONNECTING and call.more:
            self._poll.modify(call.descriptor, EVENTS)  # or it would not be told of again

    def _expire(self, now: float) -> None:
        waiting = self._connecting
        while waiting and (waiting[0].phase > CONNECTING or waiting[0].due <= now):
            call = waiting.popleft()
            if call.phase == CONNECTING:
                if self._once and not call.visit.known:
                    self._drop(call, now)
                else:
                    call.end("")
                    self._finish(call, now)
        waiting = self._answering
        why = f"no whole answer in {self._limits.answer_seconds:g} s"
        while waiting and (waiting[0].phase > READING or waiting[0].due <= now):
            call = waiting.popleft()
            if call.phase <= READING:
                call.end(why)
                self._finish(call, now)

    def _drop(self, call: Call, now: float) -> None:
        """What most addresses come to, in the shortest way: silent, and nothing else is to be asked there."""
        del self._calls[call.descriptor]
        call.phase = CLOSED
        place = call.visit.place
        call.sock.close()
        self._note(call, True, now)
        self._ledger.settle(place, "no_answer")

    def _finish(self, call: Call, now: float) -> None:
        """A connection is over: what it came to goes to its visit."""
        visit, answer = call.visit, call.answer
        self._close(call, answer is None or not answer.status, now)
        if answer is not None:
            visit.take(answer)
        else:
            state, reason = call.failure or ("undetermined", "")
            if state == "no_answer" and not visit.fragile and visit.tries + 1 < self._limits.tries:
                visit.tries += 1
                self._pacer.offer(visit, visit.place.subnet, now, visit.last + max(self._host_gap, _AGAIN_AFTER))
                return
            visit.fail(state, reason)
        self._go_on(visit, now)

    def _close(self, call: Call, bad: bool, now: float) -> None:
        del self._calls[call.descriptor]
        call.sock.close()
        call.phase = CLOSED
        self._note(call, bad, now)

    def _note(self, call: Call, bad: bool, now: float) -> None:
        if told := self._pacer.note(call.window, bad, now):
            self._tell(f"around {call.visit.place.text}: {told}")

    def _go_on(self, visit: Visit, now: float) -> None:
        """The next request of a visit, or its end."""
        if not visit.over:
            self._pacer.offer(visit, visit.place.subnet, now, visit.last + self._host_gap)
            return
        if visit.fragile:
            self._shy_now = False
        state = visit.state()
        self._ledger.settle(visit.place, state)
        if state != "no_answer" or visit.told:
            self._on_address(visit.result())
