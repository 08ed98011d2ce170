import os
import pty
import subprocess
import time
from collections.abc import Iterator

import pytest

from codered.collect.process_identity import identify_process
from codered.collect.traffic.families import (
    MOST_HEADS,
    find_heads,
    is_at_terminal,
    is_family,
    is_wide,
    make_family_key,
    name_head,
)
from codered.collect.traffic.programs import Program, Programs
from codered.model.process import ProcessId
from tests.fixtures.running import wait_until


@pytest.fixture
def programs() -> Iterator[Programs]:
    made = Programs(dict)
    yield made
    made.close()


def find(programs: Programs, pid: int) -> Program:
    programs.catch_up()
    found = programs.find(pid, time.monotonic_ns())
    assert found is not None
    return found


def test_the_nearest_ancestors_that_live_on(programs: Programs) -> None:
    script = "sh -c 'sleep 60 & echo $!; wait' & wait"
    with subprocess.Popen(["sh", "-c", script], stdout=subprocess.PIPE, text=True, start_new_session=True) as outer:
        assert outer.stdout is not None
        sleeper = int(outer.stdout.readline())
        heads = find_heads(find(programs, sleeper), programs)
        assert len(heads) == MOST_HEADS
        assert [head.program.id.pid for head in heads[1:]] == [outer.pid, os.getpid()]
        assert heads[0].branch == find(programs, sleeper).key
        assert heads[1].branch == heads[0].program.key
        assert name_head(heads[1].key) == heads[1].program.key
        os.killpg(outer.pid, 9)


def test_who_is_gone_is_passed_over(programs: Programs) -> None:
    if not programs.told:
        pytest.skip("the kernel tells nothing in this namespace")
    script = "(sh -c 'sleep 60 & echo $!'; true); wait"
    with subprocess.Popen(["sh", "-c", script], stdout=subprocess.PIPE, text=True, start_new_session=True) as outer:
        assert outer.stdout is not None
        sleeper = int(outer.stdout.readline())
        outer.wait(20)
        heads = find_heads(find(programs, sleeper), programs)
        assert heads[0].program.id.pid == os.getpid()
        assert heads[0].branch == find(programs, sleeper).key
        os.kill(sleeper, 9)


@pytest.mark.parametrize(
    ("pid", "program", "wide"),
    [
        (1, "/opt/anything", True), (50, "/usr/lib/systemd/systemd", True), (50, "/usr/sbin/cron", True),
        (50, "/tmp/systemd", False), (50, "/usr/bin/bash", False), (50, "", False),
    ],
)  # fmt: skip
def test_who_is_too_wide(pid: int, program: str, wide: bool) -> None:
    assert is_wide(Program(ProcessId(pid, 1), b"", "x", program)) is wide


def test_a_shell_of_a_terminal() -> None:
    child, terminal = pty.fork()
    if not child:
        os.execv("/bin/sleep", ["sleep", "60"])
    try:
        wait_until(lambda: (one := identify_process(child)) is not None and is_at_terminal(one))
        assert not is_at_terminal(ProcessId(child, 1))
    finally:
        os.kill(child, 9)
        os.waitpid(child, 0)
        os.close(terminal)
    assert not is_at_terminal(ProcessId(child, 1))


def test_keys() -> None:
    key = make_family_key(ProcessId(12, 345))
    assert (is_family(key), name_head(key)) == (True, b"pid 12 345")
    assert (is_family(b"pid 12 345"), name_head(b"pid 12 345")) == (False, b"pid 12 345")
    assert not is_family(bytes([10, 0, 0, 1]))
