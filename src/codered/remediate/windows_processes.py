"""Processes of a running Windows as removal needs them; what `linux_processes` is on Linux.

A process is its pid and its start, in units of 100 ns since 1601; whatever is done goes through a handle of that very
process, so its pid can't have passed to another.
"""

import errno
import hashlib
import os
import time
from contextlib import suppress
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Literal, NamedTuple

import msgspec

from codered.model.plan import ProcessState
from codered.remediate.file_state import PIECE, ChangeFailed
from codered.system.windows_control import ControlledProcess, read_boot_time
from codered.system.windows_files import open_shared
from codered.system.windows_processes import Listed, OpenProcess, list_processes

PROC = Path("/proc")
"""There is none: what asks for more than is offered here finds nothing."""
TICKS = 10_000_000  # a second
MOST_COMMAND = 4096
_MOST_EXE = 4 << 30
_MOST_STOPS = 16
_STOP_SECONDS, _END_SECONDS, _PAUSE = 2.0, 5.0, 0.005
_NO_SUCH = 87
_EPOCH = 116_444_736_000_000_000


class _Protected(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    names: frozenset[str]
    because: str


class Facts(NamedTuple):
    """As on Linux: a letter of its state, the parent, no flags, the start."""

    letter: bytes
    parent: int
    flags: int
    start: int


@cache
def _read_protected() -> _Protected:
    raw = resources.files("codered.remediate").joinpath("windows_protected.json").read_bytes()
    return msgspec.json.decode(raw, type=_Protected)


def read_boot() -> str:
    """When this Windows was started, as a word. Raises OSError."""
    return f"windows-{read_boot_time():x}"


def read_ticks() -> int:
    """Now, as the starts of processes are told."""
    return _EPOCH + time.time_ns() // 100


def read_facts(pid: int) -> Facts | None:
    """What Windows says of the process; None if there is none. Raises OSError if there is one that can't be seen."""
    listed = next((one for one in list_processes() if one.pid == pid), None)
    start = _read_start(pid)
    if start is None:
        return None
    parent = listed.parent if listed is not None else 0
    above = _read_start_quietly(parent)
    if above is None or above > start:  # the parent has ended, and its pid may be another's now
        parent = 0
    return Facts(letter=b"R", parent=parent, flags=0, start=start)


def read_process(pid: int, start: int) -> ProcessState:
    """The process of this pid and start as it is now. Raises OSError if it can't be read."""
    gone = ProcessState(pid=pid, start=start, boot=read_boot(), state="gone")
    how = _read_life(gone)
    if how == "gone":
        return gone
    digest, command = hash_exe(pid), read_command(pid)
    if _read_start(pid) != start:
        return gone
    return ProcessState(pid=pid, start=start, boot=gone.boot, state=how, sha256=digest, command=command)


def look_again(expected: ProcessState) -> ProcessState:
    """The same process as it is now; what ran before another start of the system is gone. Raises OSError."""
    if expected.boot != read_boot():
        return end_state(expected)
    return read_process(expected.pid, expected.start)


def is_gone(expected: ProcessState) -> bool:
    """Whether the process has ended; False if that can't be told."""
    try:
        return expected.boot != read_boot() or _read_start(expected.pid) != expected.start
    except OSError:
        return False


def end_state(state: ProcessState) -> ProcessState:
    """The same process, gone."""
    return ProcessState(pid=state.pid, start=state.start, boot=state.boot, state="gone")


def read_command(pid: int) -> str:
    """The arguments on one line, cut at MOST_COMMAND characters; "" if they can't be read."""
    try:
        import psutil
    except ImportError:
        return ""
    try:
        words = psutil.Process(pid).cmdline()
    except (psutil.Error, OSError):
        return ""
    return " ".join(words)[:MOST_COMMAND].encode(errors="backslashreplace").decode()


def name_program(pid: int) -> str:
    """The full path of what it runs. Raises OSError."""
    with OpenProcess(pid) as process:
        return process.program()


def open_exe(pid: int) -> int:
    """A descriptor of what the process runs. Raises OSError."""
    return open_shared("\\\\?\\" + name_program(pid))


def hash_exe(pid: int) -> str:
    """The SHA-256 of what the process runs; "" if it can't be read or is larger than 4 GiB."""
    try:
        with open(open_exe(pid), "rb") as file:
            digest = hashlib.sha256()
            while file.tell() <= _MOST_EXE and (piece := file.read(PIECE)):
                digest.update(piece)
            return digest.hexdigest() if file.tell() <= _MOST_EXE else ""
    except OSError:
        return ""


def list_pids() -> list[int]:
    """Every process there is now. Raises OSError."""
    return [one.pid for one in list_processes()]


def explain_protected(pid: int) -> str:
    """Why this process must never be stopped by us; "" if it may. A name alone protects nobody: a worm can take any."""
    if pid in (0, 4):
        return "it is Windows itself"
    listed = list_processes()
    if pid in _list_above(os.getpid(), listed):
        return "it runs this tool"
    own = next((one for one in listed if one.pid == pid), None)
    if own is None or own.name.lower() not in _read_protected().names:
        return ""
    try:
        program = name_program(pid)
    except OSError:
        return _read_protected().because
    windows = os.environ.get("SYSTEMROOT", "C:\\Windows").lower()
    is_systems = program.lower().startswith(f"{windows}\\system32\\") or program.lower() == f"{windows}\\explorer.exe"
    return _read_protected().because if is_systems else ""


def list_ancestors() -> set[int]:
    """The pids of this process and of those it descends from."""
    return _list_above(os.getpid(), list_processes())


def hold_process(state: ProcessState, *, wait: bool = True) -> bool:
    """Stop the process where it is; whether it stands still now (False too when it is gone, and without `wait`). Raises
    ChangeFailed if it must not or can't be touched.
    """
    try:
        with _pin(state) as process:
            if not process.is_suspended():  # each stop has to be taken back
                process.suspend()
    except ProcessLookupError:
        return False
    except OSError as error:
        raise ChangeFailed(f"it can't be stopped: {error.strerror or error}") from None
    return wait and wait_held(state)


def wait_held(state: ProcessState) -> bool:
    """Wait up to 2 seconds until it stands still; whether it does. Raises OSError."""
    until = time.monotonic() + _STOP_SECONDS
    while (how := _read_life(state)) == "running" and time.monotonic() < until:
        time.sleep(_PAUSE)
    return how == "held"


def release_process(state: ProcessState, *, wake: bool = True) -> bool:
    """Let a stopped process go on, or without `wake` leave it; False if it is gone. Raises ChangeFailed."""
    if not wake:
        return False
    try:
        with _pin(state) as process:
            for _ in range(_MOST_STOPS):
                if not process.is_suspended():
                    break
                process.resume()
    except ProcessLookupError:
        return False
    except OSError as error:
        raise ChangeFailed(f"it can't be let go on: {error.strerror or error}") from None
    return True


def is_stopped(state: ProcessState) -> bool:
    """Whether the process stands still now, whoever stopped it. Raises OSError."""
    return _read_life(state) == "held"


def end_process(state: ProcessState) -> None:
    """End the process, held or not, and wait up to 5 seconds until it is gone. Raises ChangeFailed."""
    try:
        with _pin(state) as process:
            process.terminate()
            if not process.has_ended(_END_SECONDS):
                raise ChangeFailed("it does not end: it waits for something in the kernel (a disk, a driver)")
    except ProcessLookupError:
        return
    except OSError as error:
        raise ChangeFailed(f"it can't be ended: {error.strerror or error}") from None


def _pin(state: ProcessState) -> ControlledProcess:
    """The very process, held open. Raises ProcessLookupError if it is gone, ChangeFailed if it must not be touched,
    OSError if it can't be.
    """
    if state.boot != read_boot():
        raise ProcessLookupError
    if because := explain_protected(state.pid):
        raise ChangeFailed(f"it is never touched: {because}")
    try:
        pinned = ControlledProcess(state.pid, change=True)
    except OSError as error:
        if getattr(error, "winerror", None) == _NO_SUCH:
            raise ProcessLookupError from None
        raise
    if pinned.started() == state.start and not pinned.has_ended():
        return pinned
    pinned.__exit__()
    raise ProcessLookupError


def _read_life(process: ProcessState) -> Literal["running", "held", "gone"]:
    if _read_start(process.pid) != process.start:
        return "gone"
    with ControlledProcess(process.pid) as opened:
        return "held" if process.pid != os.getpid() and opened.is_suspended() else "running"


def _read_start(pid: int) -> int | None:
    """When the process was started; None if there is none any more. Raises OSError."""
    try:
        with ControlledProcess(pid) as process:
            return None if process.has_ended() else process.started()
    except PermissionError:
        if pid in list_pids():
            raise OSError(errno.EACCES, "it is not for this user to see") from None
        return None
    except OSError as error:
        if getattr(error, "winerror", None) == _NO_SUCH:
            return None
        raise


def _read_start_quietly(pid: int) -> int | None:
    with suppress(OSError):
        return _read_start(pid)
    return None


def _list_above(pid: int, listed: list[Listed]) -> set[int]:
    parents = {one.pid: one.parent for one in listed}
    found: set[int] = set()
    while pid and pid not in found:
        found.add(pid)
        pid = parents.get(pid, 0)
    return found
