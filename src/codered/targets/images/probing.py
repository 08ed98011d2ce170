"""Trying something in a child process first: a library that reads a damaged volume may hang or crash."""

import os
import select
import signal
from collections.abc import Callable

SECONDS = 30.0


def survives(work: Callable[[], object], seconds: float = SECONDS) -> bool:
    """Whether `work` comes to an end in a child process in that time, be it with an OSError. Raises OSError if no
    process can be started.
    """
    ours, theirs = os.pipe()
    pid = os.fork()
    if not pid:
        try:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            os.close(ours)
            work()
            os.write(theirs, b".")
        except OSError:
            os.write(theirs, b".")
        finally:  # whatever went wrong: never back into the parent's program
            os._exit(0)
    os.close(theirs)
    try:
        return bool(select.select([ours], [], [], seconds)[0]) and os.read(ours, 1) == b"."
    finally:
        os.close(ours)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
