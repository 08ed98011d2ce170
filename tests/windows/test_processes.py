"""Processes, their memory and the kernel's named objects by the calls of Windows."""

import ctypes
import os
import subprocess
import sys

import pytest

from codered.cli.running import load_rules
from codered.collect.windows.processes import collect_windows_processes, find_objects, hash_program
from codered.scan.tasks import MemoryTask
from codered.scan.windows_memory_scan import OURSELVES, WindowsMemoryScanner
from codered.system.windows_processes import OpenProcess, list_processes

assert sys.platform == "win32"


def test_every_process_is_seen_with_what_it_runs(marked: "subprocess.Popen[str]") -> None:
    seen = {one.id.pid: one for one in collect_windows_processes().processes}
    assert {os.getpid(), marked.pid} <= set(seen)
    child = seen[marked.pid]
    assert child.parent == os.getpid()
    assert child.exe is not None
    assert child.exe.path.text.lower() == sys.executable.lower()
    assert child.name.lower() == "python.exe"
    assert child.command[1] == "-c"
    assert child.threads >= 1
    assert child.started is not None
    assert child.id.start > 0
    assert len(hash_program(child)) == 64
    assert len(list_processes()) >= len(seen) - 1


def test_a_process_that_is_not_there_is_not_opened() -> None:
    with pytest.raises(OSError, match="WinError"):
        OpenProcess(0x7FFFFFFC)


def test_the_marker_is_found_in_the_memory_of_the_process(marked: "subprocess.Popen[str]") -> None:
    scanner = WindowsMemoryScanner(load_rules(("codered2",)))
    with OpenProcess(marked.pid) as opened:
        start = opened.started()
    done = scanner.scan(MemoryTask(1, marked.pid, start, "python.exe"))
    (finding,) = [one for one in done.findings if one.indicator == "worm-in-memory"]
    assert (finding.pack, finding.subject.kind, finding.subject.pid) == ("codered2", "memory", marked.pid)
    assert finding.subject.address is not None
    assert any(b"CodeRedII" in (item.data or b"") for item in finding.evidence)
    assert sum(item.size for item in done.counted) > 1_000_000
    (item,) = scanner.scan(MemoryTask(2, marked.pid, start + 1, "python.exe")).counted
    assert (item.state, item.why) == ("skipped", "it has ended")
    (item,) = scanner.scan(MemoryTask(3, os.getpid(), 0, "python.exe")).counted
    assert item.why == OURSELVES


def test_named_objects_are_found_while_they_are_there() -> None:
    kernel = ctypes.WinDLL("kernel32")
    kernel.GlobalAddAtomW.restype = ctypes.c_ushort
    kernel.CreateMutexW.restype = ctypes.c_void_p
    names = ("codered test atom", "codered test mutex")
    atom = kernel.GlobalAddAtomW(names[0])
    mutex = kernel.CreateMutexW(None, False, names[1])
    try:
        assert [(one.kind, one.name) for one in find_objects(names)] == [("atom", names[0]), ("mutex", names[1])]
    finally:
        kernel.GlobalDeleteAtom(atom)
        kernel.CloseHandle(ctypes.c_void_p(mutex))
    assert find_objects(names) == ()
