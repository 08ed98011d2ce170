import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from codered import respond
from codered.collect.process_identity import identify_process
from codered.model.errors import Refused
from codered.model.process import ProcessId
from codered.respond import families
from codered.respond.families import GONE, FamilyFreezer, find_descendants
from codered.targets import open_target
from tests.fixtures.children import wait_until

FAMILY = "import subprocess, sys; subprocess.run(['sh', '-c', 'sleep 300 & sleep 301']); sys.exit()"


@pytest.fixture(autouse=True)
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CODERED_STATE", str(tmp_path / "state"))


@pytest.fixture
def head() -> Iterator[ProcessId]:
    """A process, its shell, and two that the shell has started."""
    with subprocess.Popen([sys.executable, "-c", FAMILY]) as process:
        try:
            found = identify_process(process.pid)
            assert found is not None
            one: ProcessId = found
            wait_until(lambda: len(find_descendants(one)) == 3)
            yield one
        finally:
            for member in (*find_descendants(one), one):
                os.kill(member.pid, 9)


def life_of(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def test_all_that_it_started_stands_still_and_goes_on_again(head: ProcessId) -> None:
    freezer = FamilyFreezer(open_target(), lambda _: "", "test")
    members = {head, *find_descendants(head)}
    frozen = freezer.freeze(head, "a test")
    assert (set(frozen.members), frozen.left, frozen.users) == (members, "", (os.getuid(),))
    assert {life_of(one.pid) for one in members} == {"T"}
    assert freezer.stands_still(head)
    for plan in frozen.plans:
        respond.undo(respond.read_plan(respond.plan_file(plan)), open_target(), lambda _: None)
    wait_until(lambda: "T" not in {life_of(one.pid) for one in members})
    assert not freezer.stands_still(head)


def test_who_must_not_be_touched_is_left_alone_and_said(head: ProcessId) -> None:
    shell = find_descendants(head)[0]
    freezer = FamilyFreezer(open_target(), lambda pid: "a service" if pid == shell.pid else "", "test")
    frozen = freezer.freeze(head, "a test")
    assert shell not in frozen.members
    assert len(frozen.members) == 3
    assert (frozen.left, frozen.spared) == ("", (f"process {shell.pid} is left alone: a service",))


def test_who_has_ended_is_not_held() -> None:
    freezer = FamilyFreezer(open_target(), lambda _: "", "test")
    frozen = freezer.freeze(ProcessId(os.getpid(), 1), "a test")  # the pid is another's by now
    assert (frozen.members, frozen.plans, frozen.left) == ((), (), GONE)
    assert not freezer.stands_still(ProcessId(os.getpid(), 1))


def test_it_stands_still_before_the_plan_is_made_and_goes_on_where_that_fails(
    head: ProcessId, monkeypatch: pytest.MonkeyPatch
) -> None:
    lives = []

    def fail(*_: object) -> None:
        until = time.monotonic() + 0.5  # a signal is taken when its process runs next, which a busy machine puts off
        while life_of(head.pid) != "T" and time.monotonic() < until:
            time.sleep(0.01)
        lives.append(life_of(head.pid))
        raise Refused("the disk is full")

    monkeypatch.setattr(families, "keep_plan", fail)
    frozen = FamilyFreezer(open_target(), lambda _: "", "test").freeze(head, "a test")
    assert ("T" in lives, frozen.members, "disk is full" in frozen.left) == (True, (), True)
    wait_until(lambda: life_of(head.pid) == "S")


def test_who_was_stopped_before_stays_so(head: ProcessId) -> None:
    os.kill(head.pid, signal.SIGSTOP)
    wait_until(lambda: life_of(head.pid) == "T")
    frozen = FamilyFreezer(open_target(), lambda _: "", "test").freeze(head, "a test")
    for plan in frozen.plans:
        respond.undo(respond.read_plan(respond.plan_file(plan)), open_target(), lambda _: None)
    assert life_of(head.pid) == "T"
