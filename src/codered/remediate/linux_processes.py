"""Processes as removal needs them: which one it is, whether it runs, and signals that can't reach another one.

A process is its pid, its start and the boot it belongs to; a signal goes through a descriptor of that very process.
"""

import errno
import hashlib
import os
import select
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal, NamedTuple

from codered.model.plan import ProcessState
from codered.remediate.file_state import PIECE, ChangeFailed
from codered.remediate.freezing import find_group, freeze_process, is_frozen, remove_group, thaw_process

PROC = Path("/proc")
MOST_COMMAND = 4096
TICKS = os.sysconf("SC_CLK_TCK")  # a second
_MOST_EXE = 4 << 30
_MOST_THREADS = 100_000
_KERNEL_THREAD = 0x00200000
_STOPPED = {b"T", b"t"}
_ENDED = {b"Z", b"X", b""}
_STOP_SECONDS, _END_SECONDS = 2.0, 5.0
_PAUSE = 0.005


class Facts(NamedTuple):
    """One line of /proc/PID/stat: the state's letter, the parent, the kernel's flags, the start in clock ticks."""

    letter: bytes
    parent: int
    flags: int
    start: int


def read_boot() -> str:
    """The id of this boot of the kernel. Raises OSError."""
    return (PROC / "sys/kernel/random/boot_id").read_text(encoding="ascii").strip()


def read_ticks() -> int:
    """The time since this boot, as the starts of processes are told."""
    return int(time.clock_gettime(time.CLOCK_BOOTTIME) * TICKS)


def read_facts(pid: int) -> Facts | None:
    """What the kernel says about the process; None if there is none. Raises OSError if there is one that can't be seen
    (its folder in /proc is covered by another, or not for this user).
    """
    raw = _read_stat(pid)
    if raw is None and _answers(pid) and (raw := _read_stat(pid)) is None:
        raise OSError(errno.EACCES, "its entry in /proc is hidden")
    if raw is None:
        return None
    # The name in parentheses is its own choice and may hold parentheses and spaces.
    words = raw.rpartition(b")")[2].split()
    return Facts(letter=words[0], parent=int(words[1]), flags=int(words[6]), start=int(words[19]))


def _read_stat(pid: int) -> bytes | None:
    try:
        return (PROC / str(pid) / "stat").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return None


def _answers(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def read_process(pid: int, start: int) -> ProcessState:
    """The process of this pid and start as it is now; `gone` too when it only waits for its parent to take note of its
    end. Raises OSError if it can't be read.
    """
    gone = ProcessState(pid=pid, start=start, boot=read_boot(), state="gone")
    how = _read_life(gone)
    digest, command = hash_exe(pid), read_command(pid)
    if how == "gone" or _read_life(gone) == "gone":
        return gone
    return ProcessState(pid=pid, start=start, boot=gone.boot, state=how, sha256=digest, command=command)


def look_again(expected: ProcessState) -> ProcessState:
    """The same process as it is now; what ran before another boot is gone. Raises OSError."""
    if expected.boot != read_boot():
        return end_state(expected)
    return read_process(expected.pid, expected.start)


def is_gone(expected: ProcessState) -> bool:
    """Whether the process has ended; False if that can't be told."""
    try:
        return expected.boot != read_boot() or _read_life(expected) == "gone"
    except OSError:
        return False


def end_state(state: ProcessState) -> ProcessState:
    """The same process, gone."""
    return ProcessState(pid=state.pid, start=state.start, boot=state.boot, state="gone")


def read_command(pid: int) -> str:
    """The arguments on one line, at most MOST_COMMAND bytes of them; "" if they can't be read."""
    try:
        with (PROC / str(pid) / "cmdline").open("rb") as file:
            raw = file.read(MOST_COMMAND)
    except OSError:
        return ""
    return raw.rstrip(b"\0").replace(b"\0", b" ").decode(errors="backslashreplace")


def open_exe(pid: int) -> int:
    """A descriptor of what the process runs, also when that has no name any more. Raises OSError."""
    try:
        return os.open(PROC / str(pid) / "exe", os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except FileNotFoundError:
        # The first thread may have ended, and the others run on.
        for thread in _list_threads(pid):
            if _read_letter(pid, thread) not in _ENDED:
                return os.open(PROC / str(pid) / "task" / thread / "exe", os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        raise


def hash_exe(pid: int) -> str:
    """The SHA-256 of what the process runs; "" if it can't be read or is larger than 4 GiB."""
    try:
        fd = open_exe(pid)
    except OSError:
        return ""
    try:
        if os.fstat(fd).st_size > _MOST_EXE:
            return ""
        digest, offset = hashlib.sha256(), 0
        while offset <= _MOST_EXE and (piece := os.pread(fd, PIECE, offset)):
            digest.update(piece)
            offset += len(piece)
    except OSError:
        return ""
    finally:
        os.close(fd)
    return digest.hexdigest()


def list_pids() -> list[int]:
    """Every process there is now. Raises OSError."""
    return [int(name) for name in os.listdir(PROC) if name.isdecimal()]


def explain_protected(pid: int) -> str:
    """Why this process must never get a signal from us; "" if it may."""
    if pid <= 1:
        return "it is the first process of the system"
    if pid in list_ancestors():
        return "it runs this tool"
    facts = read_facts(pid)
    return "it is a part of the kernel" if facts is not None and facts.flags & _KERNEL_THREAD else ""


def list_ancestors() -> set[int]:
    """The pids of this process and of those it descends from."""
    found: set[int] = set()
    pid = os.getpid()
    while pid > 0 and pid not in found:
        found.add(pid)
        facts = read_facts(pid)
        pid = facts.parent if facts is not None else 0
    return found


def hold_process(state: ProcessState, *, wait: bool = True) -> bool:
    """Stop the process where it is; whether it stands still now (False too when it is gone, and without `wait`). Raises
    ChangeFailed if it must not or can't be touched.
    """
    if not _send(state, signal.SIGSTOP) or not wait:
        return False
    return wait_held(state)


def wait_held(state: ProcessState) -> bool:
    """Wait up to 2 seconds until a stopped process stands still, and have the kernel freeze it where that can be done;
    whether it stands still. Raises OSError.
    """
    until = time.monotonic() + _STOP_SECONDS
    while (how := _read_life(state)) == "running" and time.monotonic() < until:
        time.sleep(_PAUSE)
    if how == "held":
        freeze_process(state)
    return how == "held"


def release_process(state: ProcessState, *, wake: bool = True) -> bool:
    """Let a held process go on, or without `wake` leave it stopped as it was before; False if it is gone. Raises
    ChangeFailed.
    """
    with suppress(ProcessLookupError), _pin(state):
        thaw_process(state)
        if not wake:
            return True
    return wake and _send(state, signal.SIGCONT)


def is_stopped(state: ProcessState) -> bool:
    """Whether the process stands still now, whoever stopped it. Raises OSError."""
    return _read_life(state) == "held"


def end_process(state: ProcessState) -> None:
    """Kill the process, held or not, and wait up to 5 seconds until it is gone. Raises ChangeFailed."""
    try:
        with _pin(state) as pinned:
            group = find_group(state)
            signal.pidfd_send_signal(pinned, signal.SIGKILL)
            thaw_process(state)  # in a group of the first version it can't even die
            ready = select.poll()
            ready.register(pinned, select.POLLIN)
            if not ready.poll(_END_SECONDS * 1000):
                raise ChangeFailed("it does not end: it waits for something in the kernel (a disk, a driver)")
            if group is not None:
                remove_group(group)
    except ProcessLookupError:
        return


@contextmanager
def _pin(state: ProcessState) -> Iterator[int]:
    """A descriptor of this very process. Raises ProcessLookupError if it is gone, ChangeFailed if it must not or can't
    be touched.
    """
    pinned = -1
    try:
        if state.boot != read_boot():
            raise ProcessLookupError
        if because := explain_protected(state.pid):
            raise ChangeFailed(f"it is never touched: {because}")
        pinned = os.pidfd_open(state.pid)
        # Read after it is pinned: if it is the right one now, it was then.
        if _read_life(state) == "gone":
            raise ProcessLookupError
        yield pinned
    except ProcessLookupError:
        raise
    except OSError as error:
        raise ChangeFailed(f"no signal reaches it: {error.strerror or error}") from None
    finally:
        if pinned >= 0:
            os.close(pinned)


def _send(state: ProcessState, number: signal.Signals) -> bool:
    try:
        with _pin(state) as pinned:
            signal.pidfd_send_signal(pinned, number)
    except ProcessLookupError:
        return False
    return True


def _read_life(process: ProcessState) -> Literal["running", "held", "gone"]:
    facts = read_facts(process.pid)
    if facts is None or facts.start != process.start:
        return "gone"
    letters = {_read_letter(process.pid, thread) for thread in _list_threads(process.pid)} - _ENDED
    if not letters:
        return "gone"
    return "held" if letters <= _STOPPED or is_frozen(process) else "running"


def _list_threads(pid: int) -> list[str]:
    try:
        return os.listdir(PROC / str(pid) / "task")[:_MOST_THREADS]
    except (FileNotFoundError, ProcessLookupError):
        return []


def _read_letter(pid: int, thread: str) -> bytes:
    """The state of a thread; b"" if it ended."""
    try:
        raw = (PROC / str(pid) / "task" / thread / "stat").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""
    return raw.rpartition(b")")[2].split()[0]
