"""One descriptor to wait on for many sources: the first event wakes at once, those after it come in batches, so that a
flood costs a wake a batch and not a wake an event.
"""

import ctypes
import os
import select
import struct
import time
from collections.abc import Iterable
from contextlib import suppress

BATCH = 0.02  # seconds between reads while there is something to read
FLOOD = 0.05  # while there is much
_CLOEXEC, _NONBLOCK = os.O_CLOEXEC, os.O_NONBLOCK
_TIMES = struct.Struct("@llll")

_libc = ctypes.CDLL(None, use_errno=True)


class Waker:
    """`fileno()` is ready when there is something to read, or the time that was asked for is over. Raises OSError."""

    def __init__(self, sources: Iterable[int]) -> None:
        self._sources = select.epoll()
        self._timer = _make_timer()
        self._outer = select.epoll()
        for source in sources:
            self._sources.register(source, select.EPOLLIN)
        self._outer.register(self._sources.fileno(), select.EPOLLIN)
        self._outer.register(self._timer, select.EPOLLIN)
        self._listening = True

    def fileno(self) -> int:
        """The descriptor to wait on."""
        return self._outer.fileno()

    def rest(self, seconds: float, *, listen: bool) -> None:
        """Wake after so many seconds (0 = not by the clock); with `listen` also when a source has something."""
        with suppress(BlockingIOError):
            os.read(self._timer, 8)
        whole, part = divmod(round(seconds * 1e9), 1_000_000_000)
        _libc.timerfd_settime(self._timer, 0, _TIMES.pack(0, 0, whole, part), None)
        if listen != self._listening:
            self._outer.modify(self._sources.fileno(), select.EPOLLIN if listen else 0)
            self._listening = listen

    def close(self) -> None:
        """Wait no more."""
        self._outer.close()
        self._sources.close()
        if self._timer >= 0:
            os.close(self._timer)
            self._timer = -1


def _make_timer() -> int:
    timer = int(_libc.timerfd_create(time.CLOCK_MONOTONIC, _CLOEXEC | _NONBLOCK))
    if timer < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return timer
