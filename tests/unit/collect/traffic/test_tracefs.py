import os
import select
import socket
import subprocess
import sys

import pytest

from codered.collect.traffic.trace_pages import RESET, STATE, TraceRecord
from codered.collect.traffic.tracefs import TraceInstance, open_tracefs, remove_left_behind
from tests.fixtures.running import wait_until


def list_instances() -> set[str]:
    root = open_tracefs()
    folder = os.open("instances", os.O_RDONLY, dir_fd=root)
    try:
        return set(os.listdir(folder))
    finally:
        os.close(folder)
        os.close(root)


def add(found: list[TraceRecord], more: list[TraceRecord]) -> list[TraceRecord]:
    found += more
    return found


def read_mounts() -> str:
    with open("/proc/self/mountinfo", encoding="utf-8") as file:
        return file.read()


def test_a_refused_connection_as_the_kernel_tells_it() -> None:
    before = read_mounts()
    trace = TraceInstance()
    try:
        assert read_mounts() == before
        waiting = select.epoll()
        for descriptor in trace.descriptors:
            waiting.register(descriptor, select.EPOLLIN)
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
        with socket.socket() as one:
            assert one.connect_ex(("127.0.0.1", port)) != 0
        assert waiting.poll(5)
        waiting.close()
        found: list[TraceRecord] = []
        wait_until(lambda: {RESET, STATE} <= {one.event for one in add(found, trace.read())})
        ours = [one for one in found if one.thread == os.getpid() and one.event == STATE]
        assert [one.values[1:3] for one in ours if one.values[4] == port] == [(7, 2)]  # its own closing is left out
        wait_until(lambda: trace.read_leaders().get(os.getpid()) == os.getpid())
        assert trace.lost == 0
    finally:
        trace.close()
    trace.close()
    assert not [name for name in list_instances() if name.startswith(f"codered-{os.getpid()}-")]


def test_what_a_killed_run_left_is_taken_away() -> None:
    script = """
import os, signal
from codered.collect.traffic.tracefs import TraceInstance
trace = TraceInstance()
print(os.getpid(), flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    killed = subprocess.run([sys.executable, "-c", script], capture_output=True, env={"PYTHONPATH": "src"}, check=False)
    pid = int(killed.stdout)
    root = open_tracefs()
    remove_left_behind(root)
    os.close(root)
    assert not [name for name in list_instances() if name.startswith(f"codered-{pid}-")]


def test_a_living_runs_instance_stays() -> None:
    trace = TraceInstance()
    try:
        root = open_tracefs()
        remove_left_behind(root)
        os.close(root)
        assert [name for name in list_instances() if name.startswith(f"codered-{os.getpid()}-")]
    finally:
        trace.close()


def test_a_folder_that_is_no_tracefs_is_refused_and_nothing_stays_open(tmp_path: os.PathLike[str]) -> None:
    os.mkdir(os.path.join(tmp_path, "instances"))
    open_before = len(os.listdir("/proc/self/fd"))
    with pytest.raises(OSError, match="No such file"):
        TraceInstance(os.open(tmp_path, os.O_RDONLY))
    assert len(os.listdir("/proc/self/fd")) == open_before
    assert os.listdir(os.path.join(tmp_path, "instances")) == []
