import os
import signal
import time

from codered.targets.images.probing import survives


def fail() -> None:
    raise OSError("an error is an end too")


def crash() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def test_what_ends_and_what_does_not() -> None:
    before = len(os.listdir("/proc/self/fd"))
    assert survives(lambda: None)
    assert survives(fail)
    assert not survives(crash)
    assert not survives(lambda: time.sleep(60), 0.2)
    assert len(os.listdir("/proc/self/fd")) == before
