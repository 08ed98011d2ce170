"""Starting the keeper: a process of its own that outlives who started it, and its session."""

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress

from codered.model.errors import Refused
from codered.remediate.keeping.records import ContainmentFolder

KEEPER = "codered.remediate.keeping.keeper"
_PATIENCE = 10.0
_GLANCE = 0.01
_MOST_LOG = 1 << 20


def python_command(module: str) -> list[str]:
    """The command line that runs a module of ours with this very interpreter, with nothing of the folder we are in."""
    return [sys.executable, "-I" if sys.flags.isolated else "-P", "-m", module]


def start_keeper(folder: ContainmentFolder) -> int:
    """Start the keeper unless it runs; its pid, once it keeps. Raises Refused if it does not come up."""
    if pid := folder.find_keeper():
        return pid
    log = folder.folder / "keeper.log"
    try:
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
        if log.exists() and log.stat().st_size > _MOST_LOG:
            flags |= os.O_TRUNC
        with open(os.open(log, flags, 0o600), "wb") as out:
            process = subprocess.Popen(  # noqa: S603 - our own interpreter and module, as a list
                [*python_command(KEEPER), str(folder.state), folder.name],
                stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd="/", start_new_session=True,
            )  # fmt: skip
    except OSError as error:
        raise _no_keeper(folder, error.strerror or str(error)) from None
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        if (pid := folder.find_keeper()) > 0:
            process.returncode = 0  # it is nobody's child to wait for any more
            return pid
        if process.poll() is not None:
            break
        time.sleep(_GLANCE)
    if process.returncode == 0:
        return 0  # there was nothing to keep any more
    raise _no_keeper(folder, f"see {log}")


def stop_keeper(folder: ContainmentFolder) -> None:
    """Have the keeper end, and wait until it did; a pid that is no keeper's any more is never signalled."""
    until = time.monotonic() + _PATIENCE
    pid = folder.find_keeper()
    if pid > 0 and pid != os.getpid():
        with suppress(ProcessLookupError):
            fd = os.pidfd_open(pid)
            try:
                if folder.find_keeper() == pid:
                    signal.pidfd_send_signal(fd, signal.SIGTERM)
            finally:
                os.close(fd)
    while folder.find_keeper() and time.monotonic() < until:
        time.sleep(_GLANCE)


def tell_systemd_ready() -> None:
    """Where systemd started us and waits (Type=notify): the containment stands, so the network may come up."""
    name = os.environ.get("NOTIFY_SOCKET", "")
    if not name.startswith(("/", "@")):
        return
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as one:
        one.connect("\0" + name[1:] if name[0] == "@" else name)
        one.send(b"READY=1")


def _no_keeper(folder: ContainmentFolder, why: str) -> Refused:
    what = f"nobody keeps it: the keeper does not start: {why}"
    return Refused(what, where=folder.name, advice="the containment holds until the firewall is flushed")
