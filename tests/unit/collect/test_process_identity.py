"""Which process it is: real children, and folders that lie."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from codered.collect.process_identity import find_living, find_start, identify_process, read_boot_time, read_stat
from codered.model.process import ProcessId
from tests.fixtures.memory_children import write_proc
from tests.fixtures.running import running, wait_until

WHO = ProcessId(4242, 77)
LEADERLESS = """
import ctypes, threading, time
threading.Thread(target=time.sleep, args=(60,)).start()
ctypes.CDLL(None).pthread_exit(None)
"""


def stat_line(state: bytes, name: bytes = b"a") -> bytes:
    return b"1 (" + name + b") " + state + b" 1" * 25


def test_which_process_has_a_pid() -> None:
    with running("sleep", "60") as pid:
        assert identify_process(pid) == ProcessId(pid, read_stat(f"/proc/{pid}").start)
    assert identify_process(pid) is None
    assert identify_process(os.getpid()) is not None


def test_the_folder_of_another_process_is_not_taken_for_it(tmp_path: Path) -> None:
    proc = write_proc(tmp_path, WHO, b"", {}, {})
    assert identify_process(4242, str(proc)) == WHO
    (proc / "4242").rename(proc / "4243")
    assert identify_process(4243, str(proc)) is None


def test_a_name_with_brackets_and_blanks_does_not_move_the_start(tmp_path: Path) -> None:
    assert read_stat(str(write_proc(tmp_path, WHO, b"", {}, {}) / str(WHO.pid))).start == WHO.start


def test_a_line_that_cannot_be_read(tmp_path: Path) -> None:
    for text in (b"", b"12 (x) S", b"12 (x) " + b"a " * 40):
        (tmp_path / "stat").write_bytes(text)
        with pytest.raises(ProcessLookupError):
            read_stat(str(tmp_path))
    with pytest.raises(ProcessLookupError):
        read_stat(str(tmp_path / "none"))


def test_where_the_memory_of_a_process_is_shown(tmp_path: Path) -> None:
    assert find_living("/proc/self") == "/proc/self"
    (tmp_path / "stat").write_bytes(stat_line(b"Z"))
    with pytest.raises(ProcessLookupError):
        find_living(str(tmp_path))
    for thread, state in (("1", b"Z"), ("2", b"S"), ("3", b"X")):
        (tmp_path / "task" / thread).mkdir(parents=True)
        (tmp_path / "task" / thread / "stat").write_bytes(stat_line(state))
    assert find_living(str(tmp_path)) == str(tmp_path / "task" / "2")


def test_a_process_whose_first_thread_has_ended() -> None:
    with running(sys.executable, "-S", "-c", LEADERLESS) as pid:
        wait_until(lambda: read_stat(f"/proc/{pid}").state == "Z")
        thread = find_living(f"/proc/{pid}")
        assert thread.startswith(f"/proc/{pid}/task/")
        assert thread != f"/proc/{pid}/task/{pid}"


def test_a_real_zombie_is_dead() -> None:
    with subprocess.Popen(["true"]) as child:
        wait_until(lambda: read_stat(f"/proc/{child.pid}").state == "Z")
        with pytest.raises(ProcessLookupError):
            find_living(f"/proc/{child.pid}")


def test_the_start_of_a_process_as_a_time(tmp_path: Path) -> None:
    with running("sleep", "60") as pid:
        told = find_start(ProcessId(pid, read_stat(f"/proc/{pid}").start))
    assert told is not None
    assert abs(datetime.now(UTC) - told) < timedelta(minutes=2)
    assert find_start(WHO, str(tmp_path)) is None
    (tmp_path / "stat").write_bytes(b"cpu 1 2\nbtime 1700000000\n")
    assert read_boot_time(str(tmp_path)) == 1_700_000_000
    started = find_start(ProcessId(1, 2 * os.sysconf("SC_CLK_TCK")), str(tmp_path))
    assert started == datetime.fromtimestamp(1_700_000_002, UTC)
    assert find_start(ProcessId(1, 10**30), str(tmp_path)) is None
