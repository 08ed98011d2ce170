"""Real processes of the test, as /proc tells them; hostile names, vanishing ones, and no rights."""

import os
import shutil
import socket
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from codered.collect.processes import collect_processes
from tests.fixtures.running import collect_one, copy_program, running, running_from_memory, wait_until
from tests.fixtures.unprivileged import run_as_nobody


def test_a_child_with_all_its_parts(tmp_path: Path) -> None:
    environment = {"LD_LIBRARY_PATH": "/nowhere", "SECRET": "stays out"}
    with running("sleep", "60", cwd=tmp_path, env=environment) as pid:
        seen = collect_one(pid)
    assert (seen.name, seen.command, seen.parent, seen.cwd) == ("sleep", ("sleep", "60"), os.getpid(), str(tmp_path))
    assert (seen.uid, seen.threads, seen.kernel, seen.tty) == (os.geteuid(), 1, False, False)
    assert seen.environment == {"LD_LIBRARY_PATH": "/nowhere"}
    assert seen.exe is not None
    assert seen.exe.path.text == os.path.realpath(shutil.which("sleep") or "")
    assert seen.started is not None
    assert abs(seen.started - datetime.now(UTC)) < timedelta(minutes=1)
    assert seen.unreadable == ()
    assert seen.facts == frozenset()


def test_kernel_threads_are_told_apart() -> None:
    with open("/proc/2/comm", "rb") as file:
        if file.read() != b"kthreadd\n":
            pytest.skip("no kernel threads are visible in this namespace")
    thread = collect_one(2)
    assert thread.kernel
    assert thread.exe is None
    assert thread.unreadable == ()


def test_a_program_in_memory() -> None:
    with running_from_memory("marker", "sleep", "60") as pid:
        exe = collect_one(pid).exe
    assert exe is not None
    assert exe.memfd


def test_names_with_newlines_and_escape_sequences(tmp_path: Path) -> None:
    program = os.fsencode(tmp_path) + b"/a) R 1\n\x1b[2J\xff"
    os.rename(copy_program(tmp_path, "thing"), program)
    with running(program, "60") as pid:
        seen = collect_one(pid)
    assert seen.name.startswith("a) R 1\n\x1b[2J\\xff")
    assert seen.command[0].endswith("/a) R 1\n\x1b[2J\\xff")
    assert seen.exe is not None
    assert seen.exe.path.raw == program
    assert seen.parent == os.getpid()


def test_a_connection_as_input_and_output() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        with socket.create_connection(server.getsockname()) as client:
            held = client.fileno()
            with running("sleep", "60", stdin=held, stdout=held, stderr=held) as pid:
                seen = collect_one(pid)
        with running("sleep", "60", stdin=server.fileno()) as pid:
            assert "input-is-connection" not in collect_one(pid).facts
    assert "input-is-connection" in seen.facts
    assert {one.state for one in seen.connections} == {"ESTABLISHED"}


def test_code_of_a_deleted_file(tmp_path: Path) -> None:
    library = tmp_path / "libgone.so"
    shutil.copy(next(Path("/lib/x86_64-linux-gnu").glob("libm.so.6")), library)
    code = "import ctypes,sys,time; ctypes.CDLL(sys.argv[1]); print(1, flush=True); time.sleep(60)"
    python = shutil.which("python3") or ""
    with running(python, "-c", code, library, stdout=subprocess.PIPE) as pid:
        wait_until(lambda: os.fsencode(library) in Path(f"/proc/{pid}/maps").read_bytes())
        library.unlink()
        seen = collect_one(pid)
        library.write_bytes(b"an upgrade put another file there")
        assert "deleted-code" not in collect_one(pid).facts
    assert "deleted-code" in seen.facts
    assert str(library) in seen.deleted_files


def test_processes_that_come_and_go_are_dropped_quietly() -> None:
    code = "i=0; while [ $i -lt 3000 ]; do /bin/true; i=$((i+1)); done"
    with running("sh", "-c", code) as pid:
        for _ in range(10):
            seen = collect_processes()
            assert any(one.id.pid == pid for one in seen.processes)
            assert len({one.id for one in seen.processes}) == len(seen.processes)
            assert all(one.command or one.kernel or one.state in "ZX" or one.exe for one in seen.processes)


def test_the_hash_is_of_what_runs(tmp_path: Path) -> None:
    program = copy_program(tmp_path, "thing")
    with running(program, "60") as pid:
        seen = collect_processes()
        mine = next(one for one in seen.processes if one.id.pid == pid)
        assert len(seen.hash_of(mine)) == 64
    assert seen.hash_of(mine) == ""


def test_without_rights_what_is_missing_is_listed() -> None:
    with running("sleep", "60") as pid:

        def look() -> list[list[str]]:
            seen = collect_processes()
            names = [one.name for one in seen.processes if one.id.pid == pid]
            return [names, [one.what for one in seen.unread], [one.why for one in seen.unread]]

        names, what, why = run_as_nobody(look)
    assert names == ["sleep"]
    assert f"process {pid} (sleep)" in what
    reason = why[what.index(f"process {pid} (sleep)")]
    assert "executable" in reason
    assert "only root may" in reason


def test_a_folder_that_lies(tmp_path: Path) -> None:
    """A made-up /proc: broken files cost their process, nothing else."""
    for name, stat in (("77", b"78 (other) S " + b"1 " * 40), ("78", b"rubbish"), ("79", b"79 (ok) S " + b"1 " * 40)):
        (tmp_path / name).mkdir()
        for file in ("status", "cmdline", "cgroup", "environ", "maps"):
            (tmp_path / name / file).write_bytes(b"\xff" * 1000)
        (tmp_path / name / "stat").write_bytes(stat)
    (tmp_path / "80").write_bytes(b"no folder")
    seen = collect_processes(str(tmp_path))
    mine = [one for one in seen.processes if one.id.pid in (77, 78, 79, 80)]
    assert [one.id.pid for one in mine] == [79]
    assert any("open files" in one.why for one in seen.unread if one.what == "process 79 (ok)")


def test_many_processes_are_seen() -> None:
    children = [subprocess.Popen(["sleep", "60"], stdin=subprocess.DEVNULL) for _ in range(100)]
    try:
        seen = {one.id.pid for one in collect_processes().processes}
    finally:
        for child in children:
            child.kill()
            child.wait(10)
    assert {child.pid for child in children} <= seen
