import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from msgspec.structs import replace

from codered.model.plan import ProcessState
from codered.remediate import linux_processes as processes
from codered.remediate.file_state import ChangeFailed
from codered.remediate.freezing import MOUNTS
from codered.remediate.linux_processes import (
    end_process,
    end_state,
    explain_protected,
    hash_exe,
    hold_process,
    is_gone,
    is_stopped,
    list_ancestors,
    list_pids,
    look_again,
    open_exe,
    read_boot,
    read_command,
    read_facts,
    read_process,
    release_process,
    wait_held,
)
from tests.fixtures.children import SHELL, STUBBORN, Children, wait_until

# Its first thread ends, another one goes on: /proc shows it as a zombie that it is not.
HEADLESS = """
import ctypes, threading, time
threading.Thread(target=time.sleep, args=(60,)).start()
ctypes.CDLL(None).pthread_exit(None)
"""


def test_a_process_is_read_as_it_is(children: Children) -> None:
    program = children.make_program("worm")
    state = children.start(program, "60")
    assert (state.state, state.boot, state.command) == ("running", read_boot(), f"{program} 60")
    assert state.sha256 == hash_exe(os.getpid()) or len(state.sha256) == 64
    assert not is_gone(state)


def test_held_and_released(children: Children) -> None:
    state = children.start(SHELL, "-c", STUBBORN)
    assert hold_process(state)
    assert look_again(state).state == "held"
    assert release_process(state)
    wait_until(lambda: look_again(state).state == "running")
    assert not hold_process(state, wait=False)
    assert wait_held(state)


@pytest.mark.parametrize("held", [True, False])
def test_who_ignores_signals_ends(children: Children, held: bool) -> None:
    state = children.start(SHELL, "-c", STUBBORN)
    if held:
        hold_process(state)
    end_process(state)
    assert look_again(state) == end_state(state)
    assert is_gone(state)
    end_process(state)
    assert not hold_process(state)
    assert not release_process(state)


def test_a_program_without_a_name_is_hashed_all_the_same(children: Children) -> None:
    program = children.make_program("worm")
    state = children.start(program, "60")
    program.unlink()
    assert look_again(state) == state


def test_who_was_stopped_before_is_not_woken(children: Children) -> None:
    state = children.start(children.make_program("worm"), "60")
    assert not is_stopped(state)
    os.kill(state.pid, signal.SIGSTOP)
    wait_until(lambda: is_stopped(state))
    assert hold_process(state)
    assert release_process(state, wake=False)
    assert is_stopped(state)
    assert release_process(state)
    wait_until(lambda: not is_stopped(state))


def test_another_start_is_another_process(children: Children) -> None:
    """The pid was used again: neither is the old one there, nor may the new one get its signal."""
    state = children.start(children.make_program("worm"), "60")
    old = replace(state, start=state.start - 1)
    assert look_again(old).state == "gone"
    end_process(old)
    assert not hold_process(old)
    assert look_again(state).state == "running"


def test_another_boot_is_another_process(children: Children) -> None:
    state = children.start(children.make_program("worm"), "60")
    old = replace(state, boot="0" * 36)
    assert look_again(old) == end_state(old)
    assert is_gone(old)
    end_process(old)
    assert look_again(state).state == "running"


def test_a_first_thread_that_ended_hides_nothing(children: Children) -> None:
    child = subprocess.Popen([sys.executable, "-c", HEADLESS])
    try:
        wait_until(lambda: (facts := read_facts(child.pid)) is not None and facts.letter == b"Z")
        state = children.read(child.pid)
        assert (state.state, len(state.sha256)) == ("running", 64)
        assert hold_process(state)
        assert release_process(state)
        wait_until(lambda: look_again(state).state == "running")
        assert hold_process(state)
        end_process(state)
        assert is_gone(state)
    finally:
        child.kill()
        child.wait(10)
        for group in MOUNTS.glob(f"*/**/codered-{child.pid}-*"):
            group.rmdir()  # the kernel keeps it until the first thread's parent has taken note


def test_what_waits_for_its_parent_is_gone(children: Children) -> None:
    state = children.start(children.make_program("worm"), "60")
    os.kill(state.pid, signal.SIGKILL)
    wait_until(lambda: (facts := read_facts(state.pid)) is not None and facts.letter == b"Z")
    assert look_again(state) == end_state(state)


def test_names_are_its_own_choice(children: Children, tmp_path: Path) -> None:
    program = children.make_program("a) Z 1 1 (b\n c")
    state = children.start(program, "60")
    facts = read_facts(state.pid)
    assert facts is not None
    assert (facts.parent, facts.letter in (b"S", b"R")) == (os.getpid(), True)


def test_commands_are_capped_and_never_bytes(children: Children) -> None:
    state = children.start(children.make_program("worm"), "60", "0" * 10_000)
    assert len(read_command(state.pid)) <= processes.MOST_COMMAND
    odd = children.start(SHELL, "-c", "sleep 60; :", os.fsdecode(b"\xff\n"))
    assert read_command(odd.pid).endswith("\\xff\n")
    assert read_command(4_194_304) == ""


def test_who_is_never_touched() -> None:
    assert explain_protected(0) == explain_protected(1) == "it is the first process of the system"
    assert {os.getpid(), os.getppid()} <= list_ancestors()
    assert explain_protected(os.getpid()) == explain_protected(os.getppid()) == "it runs this tool"
    facts = read_facts(os.getpid())
    assert facts is not None
    with pytest.raises(ChangeFailed, match="never touched: it runs this tool"):
        end_process(read_process(os.getpid(), facts.start))


def test_kernel_threads_are_never_touched(monkeypatch: pytest.MonkeyPatch, children: Children) -> None:
    state = children.start(children.make_program("worm"), "60")
    real = read_facts(state.pid)
    assert real is not None
    assert explain_protected(state.pid) == ""
    monkeypatch.setattr(processes, "read_facts", lambda _: real._replace(flags=real.flags | 0x00200000))
    assert explain_protected(state.pid) == "it is a part of the kernel"


def test_a_process_that_hides_its_entry_is_not_gone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An empty folder mounted over /proc/PID hides a process from all who only look there."""
    (tmp_path / "sys/kernel/random").mkdir(parents=True)
    (tmp_path / "sys/kernel/random/boot_id").write_text(read_boot())
    monkeypatch.setattr(processes, "PROC", tmp_path)
    with pytest.raises(OSError, match="hidden"):
        read_facts(os.getpid())
    assert read_facts(4_194_304) is None
    hidden = end_state(ProcessState(pid=os.getpid(), start=1, boot=read_boot(), state="running"))
    assert not is_gone(hidden)


def test_what_is_there_is_listed(children: Children) -> None:
    state = children.start(children.make_program("worm"), "60")
    assert {state.pid, os.getpid()} <= set(list_pids())
    os.close(open_exe(state.pid))
    with pytest.raises(FileNotFoundError):
        open_exe(4_194_304)
