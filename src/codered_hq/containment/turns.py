"""One piece of work on the network at a time: what another one has begun must not be taken for what a crash left."""

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_mine = threading.local()
"""What this thread holds: the console does many things at once within one process."""


@contextmanager
def take_turn(folder: Path, *, wait: bool = True) -> Iterator[bool]:
    """Wait until nobody else of this headquarters is at it. Within itself it is nothing. Without `wait`, False if
    somebody is: another process, or another thread of this one.
    """
    place = folder / "containing.lock"
    held: set[Path] = _mine.__dict__.setdefault("held", set())
    if place in held:
        yield True
        return
    descriptor = os.open(place, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    with open(descriptor, "wb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
            return
        held.add(place)
        try:
            yield True
        finally:
            held.discard(place)
