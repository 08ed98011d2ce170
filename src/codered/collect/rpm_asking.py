"""Asking rpm for processes that may start no program themselves: one that still may waits beside them, asks when the
first of them wants an answer, and keeps it in a nameless file that all can read.
"""

import ctypes
import mmap
import os
import select
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from contextvars import ContextVar

from codered.collect.rpm_program import RpmPlace, RpmTrouble, ask_rpm, find_database
from codered.model.target import Target

LOST = "the process that asked rpm ended before its time: its packages are not known"
_WAITED, _WANTED, _ANSWERED, _TROUBLED = range(4)
_TICK = 0.02  # seconds between two looks whether somebody wants an answer
_PR_SET_PDEATHSIG = 1


class _Asker:
    """One target's database; used by all processes that are forked while it is there."""

    def __init__(self, target: Target, place: RpmPlace, queries: tuple[str, ...], stack: ExitStack) -> None:
        """Raises OSError if there is no room for the answers, or no process can be started."""
        self.target = target
        self._queries = queries
        self._states = stack.enter_context(mmap.mmap(-1, mmap.PAGESIZE))  # a byte for each query
        written = [_make_file(stack) for _ in queries]
        self._answers = [os.open(f"/proc/self/fd/{one}", os.O_RDONLY | os.O_CLOEXEC) for one in written]
        self._alive, mouth = os.pipe()
        for one in (*self._answers, self._alive):
            stack.callback(os.close, one)
        sys.stdout.flush()
        sys.stderr.flush()
        self._pid = os.fork()
        if not self._pid:
            try:
                self._serve(place, written)
            finally:  # whatever went wrong: never back into the parent's program
                os._exit(0)
        os.close(mouth)
        stack.callback(self._stop)

    def answer(self, query: str) -> bytes:
        """What rpm said, once it has. Raises RpmTrouble."""
        number = self._queries.index(query)
        if self._states[number] == _WAITED:
            self._states[number] = _WANTED
        while self._states[number] == _WANTED:
            if select.select([self._alive], [], [], _TICK)[0] and self._states[number] == _WANTED:
                raise RpmTrouble(LOST)
        descriptor = self._answers[number]
        said = os.pread(descriptor, os.fstat(descriptor).st_size, 0)
        if self._states[number] == _TROUBLED:
            raise RpmTrouble(said.decode())
        return said

    def _serve(self, place: RpmPlace, written: list[int]) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides for all
        with suppress(AttributeError, OSError):
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        while _WAITED in self._states[: len(self._queries)] or _WANTED in self._states[: len(self._queries)]:
            for number, query in enumerate(self._queries):
                if self._states[number] == _WANTED:
                    self._states[number] = self._ask(place, query, written[number])
            select.select([], [], [], _TICK)
        signal.pause()  # who waits reads the end of our pipe as our end

    def _ask(self, place: RpmPlace, query: str, into: int) -> int:
        try:
            said, state = ask_rpm(self.target, place, query), _ANSWERED
        except RpmTrouble as trouble:
            said, state = str(trouble).encode(), _TROUBLED
        with open(into, "wb", closefd=False) as file:
            file.write(said)
        return state

    def _stop(self) -> None:
        os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)


def _make_file(stack: ExitStack) -> int:
    with tempfile.TemporaryFile() as file:
        descriptor = os.dup(file.fileno())
    stack.callback(os.close, descriptor)
    return descriptor


_ASKER: ContextVar[_Asker | None] = ContextVar("_ASKER", default=None)


@contextmanager
def ask_for_others(target: Target, queries: tuple[str, ...]) -> Iterator[None]:
    """Processes that are forked meanwhile get the answers to `queries` about this target from one that asks for all."""
    place = find_database(target) if hasattr(os, "fork") else None
    if place is None:
        yield
        return
    with ExitStack() as stack:
        token = _ASKER.set(_Asker(target, place, queries, stack))
        try:
            yield
        finally:
            _ASKER.reset(token)


def ask(target: Target, place: RpmPlace, query: str) -> bytes:
    """What `rpm -qa --qf QUERY` says of the target's packages, by whoever may ask it. Raises RpmTrouble."""
    asker = _ASKER.get()
    if asker is not None and asker.target is target:
        return asker.answer(query)
    return ask_rpm(target, place, query)
