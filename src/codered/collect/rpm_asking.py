"""Asking rpm for processes that may start no program themselves: one that still may waits beside them, asks when the
first of them wants an answer, and keeps it in a nameless file that all can read. They can write to nothing but wishes:
whatever one of them does there, the others get what rpm said.
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
_WANTED = 1
_ANSWERED, _TROUBLED = b"\1", b"\2"  # the first byte of an answer's file, written last
_TICK = 0.02  # seconds between two looks whether somebody wants an answer
_PR_SET_PDEATHSIG = 1


class _Asker:
    """One target's database; used by all processes that are forked while it is there."""

    def __init__(self, target: Target, place: RpmPlace, queries: tuple[str, ...], stack: ExitStack) -> None:
        """Raises OSError if there is no room for the answers, or no process can be started."""
        self.target = target
        self._queries = queries
        self._wishes = stack.enter_context(mmap.mmap(-1, mmap.PAGESIZE))  # a byte for each query
        written = [_make_file() for _ in queries]
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
        for one in (mouth, *written):
            os.close(one)
        stack.callback(self._stop)

    def answer(self, query: str) -> bytes:
        """What rpm said, once it has. Raises RpmTrouble."""
        number = self._queries.index(query)
        while (state := self._read_state(number)) not in (_ANSWERED, _TROUBLED):
            self._wishes[number] = _WANTED
            if select.select([self._alive], [], [], _TICK)[0] and self._read_state(number) not in (
                _ANSWERED,
                _TROUBLED,
            ):
                raise RpmTrouble(LOST)
        descriptor = self._answers[number]
        said = os.pread(descriptor, os.fstat(descriptor).st_size, 1)
        if state == _TROUBLED:
            raise RpmTrouble(said.decode())
        return said

    def _read_state(self, number: int) -> bytes:
        return os.pread(self._answers[number], 1, 0)

    def _serve(self, place: RpmPlace, written: list[int]) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides for all
        with suppress(AttributeError, OSError):
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        left = dict(enumerate(self._queries))
        while left:
            for number in [number for number in left if self._wishes[number] == _WANTED]:
                self._ask(place, left.pop(number), written[number])
            select.select([], [], [], _TICK)
        signal.pause()  # who waits reads the end of our pipe as our end

    def _ask(self, place: RpmPlace, query: str, into: int) -> None:
        try:
            said, state = ask_rpm(self.target, place, query), _ANSWERED
        except RpmTrouble as trouble:
            said, state = str(trouble).encode(), _TROUBLED
        with open(into, "wb", closefd=False) as file:
            file.write(b"\0" + said)
        os.pwrite(into, state, 0)

    def _stop(self) -> None:
        os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)


def _make_file() -> int:
    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())


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
