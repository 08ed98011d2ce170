"""Each deed is really tried, by a child that confined itself first."""

import ctypes
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from codered.system import confining
from codered.system.confining import NO_LIBRARY, Rights, confine

DONE, NOTHING = "done", Rights()


def try_confined(deed: Callable[[], object], rights: Rights = NOTHING) -> str:
    """What becomes of a deed in a child that is confined: DONE, or the error's name."""
    ours, theirs = os.pipe()
    pid = os.fork()
    if not pid:
        said = "confine failed"
        try:
            said = confine(rights, (theirs,))
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


def ask_kernel(name: str, *words: int) -> None:
    """A function of the C library that Python has no name for."""
    libc = ctypes.CDLL(None, use_errno=True)
    if getattr(libc, name)(*words) < 0:
        raise OSError(ctypes.get_errno(), name)


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
        lambda: ask_kernel("ptrace", 16, os.getppid(), 0, 0),
        lambda: ask_kernel("process_vm_writev", os.getppid(), 0, 0, 0, 0, 0),
        lambda: ask_kernel("unshare", 0x10000000),
        lambda: ask_kernel("mount", 0, 0, 0, 0, 0),
        lambda: ask_kernel("syscall", 321, 0, 0, 0) if os.uname().machine == "x86_64" else ask_kernel("bpf"),
        lambda: ask_kernel("syscall", 425, 1, 0),  # io_uring_setup
        lambda: os.setuid(os.getuid()),
    ],
)  # fmt: skip
def test_what_a_parser_that_was_broken_into_would_do_fails(deed: Callable[[], object]) -> None:
    assert try_confined(deed) in ("PermissionError", "BlockingIOError")


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
    assert int(read_status(Rights(processes=True))["CapEff"], 16) & ~(1 << 40 | 1 << 21) == reading | 1 << 19


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
