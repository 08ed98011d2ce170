"""Stopping and ending processes of this Windows. Which of them Windows itself protects, a real one shows."""

import os
import subprocess
import sys

import pytest
from msgspec.structs import replace

from codered.remediate.file_state import ChangeFailed
from codered.remediate.processes import (
    end_process,
    explain_protected,
    hash_exe,
    hold_process,
    is_gone,
    is_stopped,
    list_ancestors,
    look_again,
    read_boot,
    read_facts,
    read_process,
    release_process,
)
from codered.system.windows_processes import OpenProcess, list_processes

assert sys.platform == "win32"


def test_held_let_go_and_ended(marked: "subprocess.Popen[str]") -> None:
    with OpenProcess(marked.pid) as opened:
        start = opened.started()
    state = read_process(marked.pid, start)
    assert (state.state, state.sha256, len(state.sha256)) == ("running", hash_exe(marked.pid), 64)
    assert "sys.stdin" in state.command
    assert hold_process(state)
    assert hold_process(state)  # twice is once
    assert is_stopped(state)
    assert look_again(state).state == "held"
    assert marked.stdin is not None
    marked.stdin.write("end\n")
    marked.stdin.flush()
    with pytest.raises(subprocess.TimeoutExpired):
        marked.wait(0.5)
    assert release_process(state)
    assert marked.wait(20) == 0
    assert is_gone(state)
    assert look_again(state).state == "gone"
    end_process(state)  # it is gone already


def test_ended_while_it_is_held(marked: "subprocess.Popen[str]") -> None:
    facts = read_facts(marked.pid)
    assert facts is not None
    assert facts.parent == os.getpid()
    state = read_process(marked.pid, facts.start)
    assert not is_gone(state)
    end_process(replace(state, start=state.start - 1))  # another one of this pid, long gone
    end_process(replace(state, boot="windows-1"))
    assert marked.poll() is None
    assert hold_process(state)
    end_process(state)
    assert marked.wait(5) == 1
    assert is_gone(state)


def test_we_ourselves_and_windows_are_never_stopped() -> None:
    assert os.getpid() in list_ancestors()
    assert explain_protected(os.getpid()) == "it runs this tool"
    assert explain_protected(4) == "it is Windows itself"
    own = read_process(os.getpid(), (read_facts(os.getpid()) or (0, 0, 0, 0))[3])
    with pytest.raises(ChangeFailed, match="it runs this tool"):
        end_process(own)
    services = [one.pid for one in list_processes() if one.name.lower() == "services.exe"]
    assert all("Windows itself stands on it" in explain_protected(pid) for pid in services)
    assert read_boot() == read_boot()
