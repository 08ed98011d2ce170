"""Single real processes of the test, as /proc tells them; hostile names, and what ends while it is read."""

import os
import shutil
import socket
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from codered.collect.process_identity import read_stat
from codered.collect.process_reading import describe_machine, read_process
from codered.collect.processes import collect_processes
from codered.model.process import ProcessSeen
from tests.fixtures.running import collect_one, copy_program, running, running_from_memory, wait_until


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


def test_what_ended_is_a_zombie_without_files_or_nothing() -> None:
    machine = describe_machine("/proc", frozenset())
    with subprocess.Popen(["true"]) as child:
        wait_until(lambda: read_stat(f"/proc/{child.pid}").state == "Z")
        seen = read_process(machine, child.pid)
    assert seen is not None
    assert (seen.state, seen.exe, seen.command) == ("Z", None, ())
    assert read_process(machine, child.pid) is None


def test_what_has_given_its_memory_back_is_not_seen_in_part(tmp_path: Path) -> None:
    fields = " ".join(["R", "1", *["0"] * 17, "77", "0", *["0"] * 20])
    (tmp_path / "79").mkdir()
    for name in ("status", "cmdline", "cgroup", "environ", "maps"):
        (tmp_path / "79" / name).touch()
    (tmp_path / "79" / "stat").write_text(f"79 (x) {fields}")
    assert read_process(describe_machine(str(tmp_path), frozenset()), 79) is None
    (tmp_path / "79" / "stat").write_text(f"79 (x) {fields.replace('77 0', '77 4096')}")
    assert read_process(describe_machine(str(tmp_path), frozenset()), 79) is not None
