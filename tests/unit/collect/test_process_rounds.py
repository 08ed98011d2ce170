"""Newcomers of further rounds: real children, and one that goes on under a new id every few milliseconds."""

import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from codered.collect.process_rounds import ROUNDS, Rounds
from codered.model.process import UnreadProcess
from tests.fixtures.running import running, wait_until

# Goes on as its own child every two milliseconds, at most 5,000 times; ends when its mark is gone.
HOPPER = """
import ctypes, os, sys, time
ctypes.CDLL(None).prctl(15, b"hopper", 0, 0, 0)
os.setsid()
for _ in range(5000):
    if not os.path.exists(sys.argv[1]):
        break
    if os.fork():
        os._exit(0)
    time.sleep(0.002)
"""

DAEMON = """
import os, sys, time
if os.fork():
    os._exit(0)
open(sys.argv[1], "w").write(str(os.getpid()))
time.sleep(60)
"""


@contextmanager
def hopping(mark: Path) -> Iterator[None]:
    mark.touch()
    code = "import os, sys\nif os.fork():\n    os._exit(0)\n" + HOPPER
    try:
        with running(sys.executable, "-S", "-c", code, mark) as first:
            os.waitid(os.P_PID, first, os.WEXITED | os.WNOWAIT)
            wait_until(lambda: bool(find_hoppers()))
            yield
    finally:
        mark.unlink()
        wait_until(lambda: not find_hoppers())


def find_hoppers() -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        with suppress(OSError, ValueError):
            stat = (entry / "stat").read_bytes() if entry.name.isdigit() else b""
            if b" (hopper) " in stat and b") Z " not in stat:
                found.append(int(entry.name))
    return found


def look(proc: str = "/proc") -> tuple[list[int], tuple[UnreadProcess, ...]]:
    rounds = Rounds(proc)
    pids = list(rounds.pids())
    return pids, rounds.find_restless()


def test_what_was_started_meanwhile_is_listed_too() -> None:
    rounds = Rounds("/proc")
    pids = rounds.pids()
    first = next(pids)
    with running("sleep", "60") as pid:
        assert pid in {first, *pids}
    assert rounds.find_restless() == ()


def test_what_hops_from_id_to_id_is_told(tmp_path: Path) -> None:
    with hopping(tmp_path / "mark"):
        until = time.monotonic() + 10
        restless: tuple[UnreadProcess, ...] = ()
        while not restless and time.monotonic() < until:
            _, restless = look()
    assert [one.what for one in restless] == ["processes called hopper"]
    assert "none stays to be read" in restless[0].why


def test_short_children_of_one_that_stays_are_nothing() -> None:
    code = "i=0; while [ $i -lt 3000 ]; do (/bin/true; /bin/true); i=$((i+1)); done"
    with running("sh", "-c", code) as pid:
        for _ in range(3):
            pids, restless = look()
            assert restless == ()
            assert pid in pids
            assert len(set(pids)) == len(pids)


def test_a_listing_of_a_test(tmp_path: Path) -> None:
    for name in ("7", "3", "x"):
        (tmp_path / name).mkdir()
    assert ROUNDS > 0
    assert look(str(tmp_path)) == ([3, 7], ())


def test_a_daemon_that_just_began_is_no_hopper(tmp_path: Path) -> None:
    rounds = Rounds("/proc")
    pids = rounds.pids()
    next(pids)
    told = tmp_path / "pid"
    with running(sys.executable, "-S", "-c", DAEMON, told):
        wait_until(lambda: told.exists() and told.read_text() != "")
        daemon = int(told.read_text())
        try:
            assert daemon in set(pids)
            assert rounds.find_restless() == ()
        finally:
            os.kill(daemon, signal.SIGKILL)
