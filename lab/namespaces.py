"""Network namespaces of one laboratory: made, entered, emptied and removed by the names that it gave them. What runs
in one of them is the laboratory's, whoever started it; that is how an end finds everything, after a crash too.
"""

import ctypes
import os
import select
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

FOLDER = Path("/run/netns")
PREFIX = "cr-"
_CLONE_NEWNET = 0x40000000
_PATIENCE = 15.0  # seconds until what was killed must be gone


class CannotBuild(Exception):
    """The laboratory can't be built or taken down; the text says what is missing or in the way."""


def run_words(words: Sequence[str], text: str = "", seconds: float = 60) -> str:
    """Standard output of a program. Raises CannotBuild with what it said."""
    try:
        done = subprocess.run(  # noqa: S603
            list(words),
            input=text,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
            close_fds=False,  # it holds the lock of lab.records.alone with us
        )
    except FileNotFoundError as error:
        raise CannotBuild(f"{words[0]}: not installed; run scripts/setup-debian as root") from error
    except subprocess.TimeoutExpired as error:
        raise CannotBuild(f"{' '.join(words)[:200]}: no end within {seconds:g} seconds") from error
    if done.returncode:
        raise CannotBuild(f"{' '.join(words)[:200]}: {(done.stderr or done.stdout).strip()[:800]}")
    return done.stdout


def name_namespace(lab: str, part: str) -> str:
    """The name of one of this laboratory's namespaces."""
    return f"{PREFIX}{lab}-{part}"


def list_namespaces(lab: str) -> list[str]:
    """Those of this laboratory that there are now."""
    start = name_namespace(lab, "")
    return sorted(name for name in _list_names() if name.startswith(start))


def make_namespaces(names: Sequence[str]) -> None:
    """Make them, with their loopback up."""
    run_words(["ip", "-batch", "-"], "".join(f"netns add {name}\n" for name in names))
    for name in names:
        with entered(name):
            write_setting("ipv6/conf/all/accept_dad", "0")
            write_setting("ipv6/conf/default/accept_dad", "0")
        configure(name, ["link set lo up"])


def write_setting(name: str, value: str) -> None:
    """A setting of the network of the namespace that this thread is in, below /proc/sys/net."""
    with suppress(FileNotFoundError):  # a kernel without IPv6
        Path("/proc/sys/net", name).write_text(value)


def configure(name: str, lines: Sequence[str]) -> None:
    """Commands of ip(8), one a line, inside of a namespace."""
    run_words(["ip", "-n", name, "-batch", "-"], "".join(f"{line}\n" for line in lines))


def wrap(name: str, words: Sequence[str]) -> list[str]:
    """The command line that runs these words in the network of a namespace; everything else stays the machine's."""
    return ["nsenter", f"--net={FOLDER / name}", "--", *words]


@contextmanager
def entered(name: str) -> Iterator[None]:
    """Have this thread inside of a namespace, and back again."""
    with open("/proc/thread-self/ns/net", "rb") as home, open(FOLDER / name, "rb") as place:
        _enter(place.fileno())
        try:
            yield
        finally:
            _enter(home.fileno())


def remove_namespaces(lab: str) -> None:
    """End everything that runs in them, then remove them. Raises CannotBuild for what does not go."""
    names = list_namespaces(lab)
    until = time.monotonic() + _PATIENCE
    while running := [pid for pid in find_processes(names) if pid != os.getpid()]:
        remove_processes(running, names)
        if time.monotonic() > until:
            raise CannotBuild(f"processes {running} of the laboratory do not end")
    for name in names:
        run_words(["ip", "netns", "delete", name])


def find_processes(names: Sequence[str]) -> list[int]:
    """The processes in these namespaces."""
    wanted = _identify(names)
    return [int(entry) for entry in os.listdir("/proc") if entry.isdecimal() and _find_network(entry) in wanted]


def _identify(names: Sequence[str]) -> set[tuple[int, int]]:
    return {(seen.st_dev, seen.st_ino) for seen in (os.stat(FOLDER / name) for name in names)}


def _find_network(pid: int | str) -> tuple[int, int] | None:
    with suppress(OSError):
        seen = os.stat(f"/proc/{pid}/ns/net")
        return seen.st_dev, seen.st_ino
    return None


def remove_processes(pids: Sequence[int], names: Sequence[str]) -> None:
    """End processes of these namespaces; by descriptors, and only those in them: numbers are used again."""
    wanted = _identify(names)
    with ExitStack() as stack:
        held = {}
        for pid in pids:
            with suppress(ProcessLookupError):
                held[pid] = stack.enter_context(_opened(pid))
        for pid, process in held.items():
            if _find_network(pid) in wanted:
                with suppress(ProcessLookupError):
                    signal.pidfd_send_signal(process, signal.SIGKILL)
        for pid, process in held.items():
            select.select([process], [], [], 2)
            with suppress(ChildProcessError):  # a child of ours would stay as a zombie
                os.waitpid(pid, os.WNOHANG)


@contextmanager
def _opened(pid: int) -> Iterator[int]:
    process = os.pidfd_open(pid)
    try:
        yield process
    finally:
        os.close(process)


def _list_names() -> list[str]:
    try:
        return os.listdir(FOLDER)
    except FileNotFoundError:
        return []


def _enter(descriptor: int) -> None:
    if ctypes.CDLL(None, use_errno=True).setns(descriptor, _CLONE_NEWNET):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
