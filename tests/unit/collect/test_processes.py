"""Real processes of the test, as /proc tells them; hostile names, vanishing ones, and no rights."""

import os
import shutil
import socket
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from codered.collect.hidden_processes import FILES, LISTING, SIGNALS
from codered.collect.process_identity import read_stat
from codered.collect.processes import collect_processes
from codered.model.process import HiddenProcess, ProcessSeen, UnreadProcess
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


LEADERLESS = """
import ctypes, socket, sys, threading, time
held = socket.create_server(("127.0.0.1", 0))
threading.Thread(target=time.sleep, args=(60,)).start()
ctypes.CDLL(None).pthread_exit(None)
"""


def test_a_process_whose_first_thread_has_ended_is_seen_whole(tmp_path: Path) -> None:
    environment = {"LD_LIBRARY_PATH": "/nowhere"}
    with running(sys.executable, "-S", "-c", LEADERLESS, cwd=tmp_path, env=environment) as pid:
        wait_until(lambda: read_stat(f"/proc/{pid}").state == "Z")
        seen = collect_one(pid)
    assert seen.state not in ("Z", "X")
    assert seen.exe is not None
    assert (seen.command[1:3], seen.cwd) == (("-S", "-c"), str(tmp_path))
    assert seen.environment == environment
    assert [one.state for one in seen.connections] == ["LISTEN"]
    assert seen.unreadable == ()


def look_from(*lines: str, pid: int) -> tuple[bool, list[HiddenProcess], list[UnreadProcess]]:
    """What is seen of a process after commands in a mount namespace of the test's own: whether it is, and what else."""
    if os.geteuid() != 0:
        pytest.skip("needs root")
    code = "; ".join(("set -e", *lines, 'exec "$0" -c "$1" "$2"'))
    words = ["unshare", "--mount", "--propagation", "private", "sh", "-c", code, sys.executable, LOOK, str(pid)]
    told = subprocess.run(words, capture_output=True, check=True, timeout=60).stdout
    return msgspec.json.decode(told, type=tuple[bool, list[HiddenProcess], list[UnreadProcess]])


LOOK = """
import sys, msgspec
from codered.collect.processes import collect_processes
seen = collect_processes()
there = int(sys.argv[1]) in [one.id.pid for one in seen.processes]
unread = [one for one in seen.unread if one.what.split()[1:2] == [sys.argv[1]]]
sys.stdout.buffer.write(msgspec.json.encode((there, seen.hidden, unread)))
"""


def test_a_process_under_an_empty_folder_is_hidden_and_a_gap(tmp_path: Path) -> None:
    with running("sleep", "60") as pid:
        there, hidden, unread = look_from(f"mount --bind {tmp_path} /proc/{pid}", pid=pid)
    assert not there
    assert hidden == [HiddenProcess(pid=pid, seen_by=(LISTING, SIGNALS), missing_from=(FILES,))]
    assert [one.what for one in unread] == [f"process {pid}"]


def test_a_process_under_the_folder_of_another_is_hidden() -> None:
    with running("sleep", "60") as pid, running("sleep", "60") as other:
        there, hidden, _ = look_from(f"mount --bind /proc/{other} /proc/{pid}", pid=pid)
    assert not there
    assert [one.pid for one in hidden] == [pid]


def test_a_process_with_one_file_covered_is_hidden_and_read(tmp_path: Path) -> None:
    (tmp_path / "line").write_bytes(b"/usr/sbin/cron\0-f\0")
    with running("sleep", "60") as pid:
        there, hidden, unread = look_from(f"mount --bind {tmp_path}/line /proc/{pid}/cmdline", pid=pid)
    assert there
    assert [one.pid for one in hidden] == [pid]
    assert unread == []


@pytest.mark.parametrize(("more", "apart"), [((), True), (("--pid", "--fork", "--kill-child"), False)])
def test_a_root_of_its_own_is_told_where_there_is_no_container(
    tmp_path: Path, more: tuple[str, ...], apart: bool
) -> None:
    if os.geteuid() != 0:
        pytest.skip("needs root")
    program = copy_program(tmp_path / "bin", "thing", of="sleep")
    listed = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
    for library in (word for word in listed.split() if word.startswith("/")):
        (tmp_path / library[1:]).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(library, tmp_path / library[1:])
    with running("unshare", "--mount", *more, f"--root={tmp_path}", "/bin/thing", "60"):
        wait_until(lambda: bool(find_things()))
        (seen,) = find_things()
    assert seen.exe is not None
    assert seen.exe.foreign
    assert ("root-apart" in seen.facts) == apart


def find_things() -> list[ProcessSeen]:
    return [one for one in collect_processes().processes if one.name == "thing" and one.command == ("/bin/thing", "60")]


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
