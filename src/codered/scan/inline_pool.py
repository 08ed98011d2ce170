"""Serving tasks in this very process, where a process can't be forked (Windows)."""

import os
from collections import deque
from collections.abc import Iterator

from codered.scan.confined_workers import NO_PROCESS
from codered.scan.pool import READING, TICK, Pool, Serve, serve_task
from codered.scan.tasks import Done, Task
from codered.system.confining import Rights

BROKEN = "the scanner failed on it"


class InlinePool(Pool):
    """A pool without workers: what is queued is served when answers are asked for. A bug that some file brings out
    costs that file; a hang or a crash of the engine can't be survived here.
    """

    def __init__(self, serve: Serve) -> None:
        self._serve = serve
        self.unconfined = {NO_PROCESS: None}
        self._pending: deque[Task] = deque()
        self._next_number = 0

    def is_hungry(self) -> bool:
        """Whether more work should be queued now."""
        return not self._pending

    def is_busy(self) -> bool:
        """Whether anything is queued."""
        return bool(self._pending)

    def collect(self, timeout: float = TICK) -> Iterator[Done]:  # noqa: ARG002 - nobody is waited for
        """The answer to the first task that is queued, however long it takes."""
        if not self._pending:
            return
        task = self._pending.popleft()
        done = serve_task(self._serve, task)
        if done is None:
            yield from self._try_alone(task, BROKEN)
        else:
            yield done

    def stop(self) -> None:
        """Forget what is queued."""
        self._pending.clear()


def start_pool(serve: Serve, cores: int, rights: Rights = READING) -> Pool:
    """The pool that this system can have; its workers keep `rights`."""
    return Pool(serve, cores, rights) if hasattr(os, "fork") else InlinePool(serve)
