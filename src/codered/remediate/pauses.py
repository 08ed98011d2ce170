"""Stopping a process before the plan that holds it is made: what it would send meanwhile, it does not send."""

from collections.abc import Iterator
from contextlib import contextmanager

from codered.model.plan import ProcessState
from codered.model.process import ProcessId
from codered.remediate.processes import hold_process, is_stopped, read_boot, release_process

_paused: set[tuple[int, int]] = set()


def is_paused(state: ProcessState) -> bool:
    """Whether it only stands still because of us, and for a moment: it was running."""
    return (state.pid, state.start) in _paused


@contextmanager
def pausing(process: ProcessId) -> Iterator[None]:
    """Stop a running process at once, until its plan holds it: that takes a worm's dozen of packets. It goes on where
    the plan failed. Who kills us in these milliseconds leaves it stopped. Raises OSError, ChangeFailed.
    """
    state = ProcessState(pid=process.pid, start=process.start, boot=read_boot(), state="running")
    name = process.pid, process.start
    if not is_stopped(state):
        _paused.add(name)
    try:
        if name in _paused:
            hold_process(state, wait=False)
        yield
    except BaseException:
        if name in _paused:
            release_process(state)
        raise
    finally:
        _paused.discard(name)
