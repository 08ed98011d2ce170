"""Which layers work on this host. Nothing is loaded into the kernel, sent or captured to find out."""

import ctypes
import importlib.util
import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from codered.model.self_check import Check, CheckState
from codered.self_check.installation import find_installation
from codered.system.rights import is_administrator

EXTRAS: Final = {
    "images": (("pytsk3", "pyewf", "pyqcow", "pyvhdi", "pyvmdk"), "disk images"),
    "capture": (("pcapy", "netflow"), "captures at full speed and NetFlow"),
    "controls": (("aerleon",), "access lists for routers"),
    "updates": (("tuf",), "signed updates of the packs"),
}
"""Extra -> its modules, and what can't be done without them."""
_PTRACE = Path("/proc/sys/kernel/yama/ptrace_scope")
_ROOT = "run it as root"
_INSTALL = "pip install 'codered-detect[{}]'"


def check_linux() -> Iterator[Check]:
    """Each layer of a Linux host."""
    yield check_rights()
    yield check_process_memory(_read_number(_PTRACE))
    yield check_library("containment", "libnftables.so.1", "apt-get install libnftables1")
    yield check_library("confinement", "libseccomp.so.2", "apt-get install libseccomp2")
    yield check_packet_sockets()
    yield from check_extras()


def check_windows() -> Iterator[Check]:
    """Each layer of a Windows host."""
    yield check_rights()
    for subject, why in (("containment", "use codered contain suggest"), ("network", "give captures to scan")):
        yield _check(subject, "absent", "works on Linux alone", why)
    yield from check_extras()


def check_rights() -> Check:
    """Whether every file and process can be looked at."""
    if is_administrator():
        return _check("rights", "good", "an administrator's: every file and process can be looked at")
    told = "an ordinary user's: what others own stays unseen, and is told as a gap"
    return _check("rights", "absent", told, "run it as root (Windows: as administrator)")


def check_process_memory(scope: int) -> Check:
    """Whether the memory of other processes can be read; `scope` is the system's setting (-1: it has none)."""
    if scope >= 3:
        told = f"the memory of processes is closed to everybody (kernel.yama.ptrace_scope={scope})"
        return _check("process memory", "absent", told, "it can only be set lower at the next start of the host")
    if not is_administrator():
        return _check("process memory", "absent", "of other users' processes can't be read", _ROOT)
    return _check("process memory", "good", "of every process can be read")


def check_library(subject: str, name: str, advice: str) -> Check:
    """Whether a library of the system is there, and we have the rights to use it."""
    try:
        ctypes.CDLL(name)
    except OSError:
        return _check(subject, "absent", f"{name} is not installed", advice)
    if subject == "containment" and not is_administrator():
        return _check(subject, "absent", "cutting off this host needs root", _ROOT)
    return _check(subject, "good", f"{name} is there")


def check_packet_sockets() -> Check:
    """Whether traffic can be watched. The socket that is opened for it is of no protocol: it receives nothing."""
    try:
        socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0).close()
    except OSError as error:
        return _check("network", "absent", f"traffic can't be watched here: {error.strerror}", _ROOT)
    return _check("network", "good", "traffic can be watched")


def check_extras() -> Iterator[Check]:
    """Each extra that the host tool can use."""
    for extra, (modules, what) in EXTRAS.items():
        missing = [module for module in modules if importlib.util.find_spec(module) is None]
        if missing:
            told = f"not installed ({', '.join(missing)}): no {what}"
            alone = getattr(sys, "frozen", False) or find_installation().private
            advice = "nothing can be added here: take the wheel, or a checkout" if alone else _INSTALL.format(extra)
            yield _check(f"extra {extra}", "absent", told, advice)
        else:
            yield _check(f"extra {extra}", "good", f"installed: {what}")


def _read_number(path: Path) -> int:
    """The number in a file of the kernel's, -1 if there is none."""
    try:
        with open(os.open(path, os.O_RDONLY | os.O_CLOEXEC), "rb") as file:
            return int(file.read(16))
    except (OSError, ValueError):
        return -1


def _check(subject: str, state: CheckState, told: str, advice: str = "") -> Check:
    return Check(subject=subject, group="here", state=state, told=told, advice=advice)
