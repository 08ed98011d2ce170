"""Each deed is really tried, by a child that confined itself first."""

import ctypes
import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest

from codered.system import confining
from codered.system.confining import NO_LIBRARY, Rights, confine
from tests.fixtures.victims import Victim, ask_kernel

DONE, NOTHING = "done", Rights()


def try_confined(deed: Callable[[], object], rights: Rights | None = NOTHING) -> str:
    """What becomes of a deed in a child that is confined (None: is not): DONE, or the error's name."""
    ours, theirs = os.pipe()
    pid = os.fork()
    if not pid:
        said = "confine failed"
        try:
            said = "" if rights is None else confine(rights, (theirs,))
            deed()
            said = said or DONE
        except OSError as error:
            said = type(error).__name__
        finally:
            os.write(theirs, said.encode())
            os._exit(0)
    os.close(theirs)
    with open(ours, "rb") as file:
        said = file.read().decode()
    os.waitpid(pid, 0)
    return said


def start_thread() -> None:
    thread = threading.Thread(target=int)
    thread.start()
    thread.join()


@pytest.mark.parametrize(
    "deed",
    [
        lambda: os.execv(sys.executable, [sys.executable, "-c", ""]),
        lambda: subprocess.run([sys.executable, "-c", ""], check=True),
        os.fork,
        lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM),
        lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW),
        lambda: os.kill(os.getppid(), signal.SIGCONT),
        lambda: signal.pidfd_send_signal(os.pidfd_open(os.getppid()), signal.SIGCONT),
        lambda: ask_kernel("unshare", 0x10000000),
        lambda: ask_kernel("mount", 0, 0, 0, 0, 0),
        lambda: ask_kernel("syscall", 321, 0, 0, 0) if os.uname().machine == "x86_64" else ask_kernel("bpf"),
        lambda: ask_kernel("syscall", 425, 1, 0),  # io_uring_setup
        lambda: os.setuid(os.getuid()),
    ],
)  # fmt: skip
def test_what_a_parser_that_was_broken_into_would_do_fails(deed: Callable[[], object]) -> None:
    assert try_confined(deed) in ("PermissionError", "BlockingIOError")


@pytest.fixture
def victim() -> Iterator[Victim]:
    there = Victim()
    yield there
    there.end()


@pytest.mark.skipif(os.geteuid() != 0, reason="others than root reach no process beside them anyhow")
@pytest.mark.parametrize(
    ("deed", "harms"),
    [
        (Victim.be_signalled, True), (Victim.be_written_to, True), (Victim.be_traced, False),
        (Victim.be_slowed, False), (Victim.be_pinned, False),
    ],
)  # fmt: skip
def test_no_other_process_is_reached_and_without_the_filter_it_would_be(
    victim: Victim, deed: Callable[[Victim], None], harms: bool
) -> None:
    for rights in (NOTHING, Rights(True, True, True, True)):
        assert try_confined(lambda: deed(victim), rights) == "PermissionError"
        assert victim.is_well()
    assert try_confined(lambda: deed(victim), None) == DONE
    while harms and victim.is_well():
        time.sleep(0.01)


def test_what_processes_share_is_not_taken_away() -> None:
    libc = ctypes.CDLL(None)
    segment, semaphores = libc.shmget(0, 4096, 0o600), libc.semget(0, 1, 0o600)
    try:
        assert try_confined(lambda: ask_kernel("shmctl", segment, 0, 0)) == "PermissionError"
        assert try_confined(lambda: ask_kernel("semctl", semaphores, 0, 0)) == "PermissionError"
    finally:
        assert libc.shmctl(segment, 0, 0) == libc.semctl(semaphores, 0, 0) == 0  # they were there still


def test_an_open_file_takes_no_orders_and_keeps_its_times(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"x")
    there = os.open(file, os.O_RDONLY)
    for order in (0x40087602, 0x5452, 0x40046602):  # FS_IOC_SETVERSION, FIOASYNC, FS_IOC32_SETFLAGS
        give = partial(fcntl.ioctl, there, order, bytes(8))
        assert try_confined(give) == "PermissionError"
        assert try_confined(give, None) != "PermissionError"
    set_times = partial(os.utime, there, ns=(1, 1))
    for rights in (NOTHING, Rights(True, True, True, True)):
        assert try_confined(set_times, rights) == "PermissionError"
    assert file.stat().st_mtime_ns > 1
    os.close(there)


def test_nothing_is_written_moved_or_taken_away(tmp_path: Path) -> None:
    there = tmp_path / "there"
    there.write_bytes(b"evidence")
    os.utime(there, ns=(1, 1))
    before = there.stat()
    deeds: list[Callable[[], object]] = [
        lambda: there.write_bytes(b"x"), (tmp_path / "new").touch, lambda: there.open("ab"),
        there.unlink, lambda: there.rename(tmp_path / "other"), lambda: there.chmod(0o777),
        lambda: os.link(there, tmp_path / "twin"), lambda: (tmp_path / "link").symlink_to(there),
        (tmp_path / "folder").mkdir, lambda: os.truncate(there, 1), lambda: os.utime(there),
        lambda: os.chown(there, 1, 1), lambda: os.setxattr(there, "user.x", b"y"), lambda: os.mkfifo(tmp_path / "pipe"),
    ]  # fmt: skip
    assert {try_confined(deed) for deed in deeds} == {"PermissionError"}
    assert os.listdir(tmp_path) == ["there"]
    assert there.read_bytes() == b"evidence"
    assert (there.stat().st_mtime_ns, there.stat().st_mode, there.stat().st_size) == (1, before.st_mode, 8)


def test_what_reading_needs_is_left(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"x")
    for deed in (file.read_bytes, lambda: os.listdir(tmp_path), start_thread, lambda: os.kill(os.getppid(), 0)):
        assert try_confined(deed) == DONE


def test_rights_that_are_kept_are_no_more_than_that(tmp_path: Path) -> None:
    def make_unnamed() -> None:
        os.write(os.open(tmp_path, os.O_RDWR | os.O_TMPFILE), b"x")

    assert try_confined(make_unnamed, Rights(unnamed_files=True)) == DONE
    assert try_confined(make_unnamed) == "PermissionError"
    new = tmp_path / "new"
    assert try_confined(lambda: new.open("xb").write(b"copy"), Rights(new_files=True)) == DONE
    assert new.read_bytes() == b"copy"
    assert try_confined(lambda: new.open("wb"), Rights(new_files=True)) == "PermissionError"


def test_descriptors_that_lead_out_lead_nowhere(tmp_path: Path) -> None:
    ours, theirs = socket.socketpair()
    journal = os.open(tmp_path / "journal", os.O_WRONLY | os.O_CREAT)
    assert try_confined(lambda: (os.write(theirs.fileno(), b"x"), os.write(journal, b"x"), os.write(1, b"x"))) == DONE
    ours.setblocking(False)
    with pytest.raises(BlockingIOError):
        ours.recv(1)
    assert not (tmp_path / "journal").read_bytes()
    for one in (ours, theirs):
        one.close()
    os.close(journal)


def test_without_a_null_device_they_lead_nowhere_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(os, "devnull", str(tmp_path / "none"))
    ours, theirs = socket.socketpair()
    assert try_confined(lambda: os.write(theirs.fileno(), b"x")) == "BrokenPipeError"
    ours.setblocking(False)
    with pytest.raises(BlockingIOError):
        ours.recv(1)
    for one in (ours, theirs):
        one.close()


def test_layers_that_are_missing_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    real, stop = os.listdir, threading.Event()

    def list_all_but_descriptors(path: str) -> list[str]:
        if path == "/proc/self/fd":
            raise FileNotFoundError(path)
        return real(path)

    with monkeypatch.context() as patch:
        patch.setattr(os, "listdir", list_all_but_descriptors)
        assert try_confined(lambda: None) == confining.KEPT_DESCRIPTORS
    load = confining._load_library

    def load_beside_a_thread() -> ctypes.CDLL | None:
        threading.Thread(target=stop.wait, daemon=True).start()
        return load()

    monkeypatch.setattr(confining, "_load_library", load_beside_a_thread)
    assert try_confined(lambda: None) == confining.MORE_THREADS


def read_status(rights: Rights) -> dict[str, str]:
    """What the kernel says of a child that confined itself."""
    ours, theirs = os.pipe()
    pid = os.fork()
    if not pid:
        with suppress(OSError):
            confine(rights, (theirs,))
            lines = Path("/proc/self/status").read_text("utf-8").splitlines()
            os.write(theirs, json.dumps(dict(line.split(":\t", 1) for line in lines if ":\t" in line)).encode())
        os._exit(0)
    os.close(theirs)
    with open(ours, "rb") as file:
        said: dict[str, str] = json.loads(file.read())
    os.waitpid(pid, 0)
    return said


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has rights to lose")
def test_of_the_rights_of_root_those_of_reading_are_left() -> None:
    reading = 1 << 2 | 1 << 3
    status = read_status(NOTHING)
    assert (int(status["CapEff"], 16), int(status["CapPrm"], 16), status["CapInh"]) == (reading, reading, "0" * 16)
    assert (status["Seccomp"].strip(), status["NoNewPrivs"].strip()) == ("2", "1")
    assert int(read_status(Rights(processes=True))["CapEff"], 16) & ~(1 << 40) == reading | 1 << 19
    assert int(read_status(Rights(unnamed_files=True))["CapEff"], 16) == reading


def test_a_library_that_is_missing_is_said_and_the_rest_holds(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(confining, "LIBRARY", "libnot-there.so.9")
    assert try_confined(lambda: None) == NO_LIBRARY
    assert read_status(NOTHING)["NoNewPrivs"].strip() == "1"
    if os.geteuid() == 0:
        assert int(read_status(NOTHING)["CapEff"], 16) == 1 << 2 | 1 << 3

    def write() -> None:
        descriptor = os.open(tmp_path / "new", os.O_WRONLY | os.O_CREAT)
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        os.write(descriptor, b"x")

    assert try_confined(write) == "OSError"  # the limit of file sizes
    assert not (tmp_path / "new").read_bytes()


def test_elsewhere_than_on_linux_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    assert confine(NOTHING) == confining.NO_LINUX
