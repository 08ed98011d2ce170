"""The programs of an overlay, started so that a Ctrl-C in the terminal does not reach them, and ended in good order."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from codered.model.errors import WrongUse

_PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
_PACKAGES = {
    "qemu-img": "qemu-utils",
    "qemu-storage-daemon": "qemu-system-common",
    "ntfs-3g": "ntfs-3g",
    "mount": "mount",
}
GLANCE = 0.002  # seconds between two looks
PATIENCE = 20.0  # seconds for a program to begin or to end
_MOST_SAID = 4096


class Running(msgspec.Struct, frozen=True):
    """A process by its pid and its start in clock ticks since boot: together they are its identity."""

    pid: int
    start: int


def find_program(name: str) -> str:
    """The path of a program. Raises WrongUse, naming its Debian package."""
    found = shutil.which(name, path=_PATH)
    if found is None:
        package = _PACKAGES[name]
        raise WrongUse("is missing: a disk image can't be changed without it", where=name,
                       advice=f"apt install {package}")  # fmt: skip
    return found


def start_program(words: Sequence[str], log: Path, keep: tuple[int, ...] = ()) -> int:
    """Start it; its pid. What it says goes to the log; `keep` are descriptors it gets. Raises OSError."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW
    for fd in keep:
        os.set_inheritable(fd, True)
    return os.posix_spawn(
        words[0],
        list(words),
        {"PATH": _PATH, "LC_ALL": "C.UTF-8"},
        setsid=True,
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, "/dev/null", os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, str(log), flags, 0o600),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ],
    )


def run_program(words: Sequence[str]) -> str:
    """Run it to its end; what it said if it failed, else "". Raises OSError."""
    done = subprocess.run(  # noqa: S603 - no shell, a program of the system
        words, stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=300,
        env={"PATH": _PATH, "LC_ALL": "C.UTF-8"}, start_new_session=True, cwd="/",
    )  # fmt: skip
    said = (done.stderr or done.stdout)[-_MOST_SAID:].decode(errors="backslashreplace").strip()
    lines = [line for line in said.splitlines() if not line[0:1].isspace()]  # an indented one goes on from another
    return (lines or [f"ended with {done.returncode}"])[-1] if done.returncode else ""


def read_log(log: Path) -> str:
    """The last line that programs said, "" if none."""
    try:
        lines = log.read_bytes()[-_MOST_SAID:].decode(errors="backslashreplace").split("\n")
    except OSError:
        return ""
    return next((line.strip() for line in reversed(lines) if line.strip()), "")


def wait_until(is_so: Callable[[], bool]) -> bool:
    """Whether it became so within the patience."""
    end = time.monotonic() + PATIENCE
    while not is_so():
        if time.monotonic() > end:
            return False
        time.sleep(GLANCE)
    return True


def name_process(pid: int) -> Running | None:
    """The identity of a process, None if there is none (or it waits for its parent)."""
    try:
        raw = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return None
    fields = raw.rpartition(b") ")[2].split()
    return None if not fields or fields[0] in (b"Z", b"X") else Running(pid, int(fields[19]))


def is_running(process: Running) -> bool:
    """Whether it still is this very process."""
    return name_process(process.pid) == process


def end_program(process: Running) -> None:
    """Ask it to end and wait for that; at the end of the patience it is made to."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            pidfd = os.pidfd_open(process.pid)
        except ProcessLookupError:
            return
        try:
            if not is_running(process):
                has_ended(process.pid)
                return
            signal.pidfd_send_signal(pidfd, number)
        except ProcessLookupError:
            return
        finally:
            os.close(pidfd)
        if wait_until(lambda: not is_running(process)):
            wait_until(lambda: has_ended(process.pid))  # its last threads go after it
            return


def await_end(pid: int) -> None:
    """Wait for the end of a child that is about to end; after the patience it is made to."""
    if not wait_until(lambda: has_ended(pid)):
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def has_ended(pid: int) -> bool:
    """Whether a child of ours is no more."""
    try:
        return os.waitpid(pid, os.WNOHANG)[0] == pid
    except ChildProcessError:
        return True


def find_left_over(work: Path, name: str) -> tuple[Running, ...]:
    """The processes of ours that run a program of this name for the folder `work`."""
    marker = os.fsencode(os.path.realpath(work)) + b"/"
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0")
            ours = entry.stat().st_uid == os.geteuid()
        except OSError:
            continue
        if not ours or os.path.basename(words[0]) != name.encode() or not any(marker in each for each in words):
            continue
        if process := name_process(int(entry.name)):
            found.append(process)
    return tuple(found)
