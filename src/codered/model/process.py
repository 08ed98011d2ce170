"""What runs: processes, their sockets and memory, as they were seen. Not judged. All texts are hostile."""

from collections.abc import Callable
from datetime import datetime

import msgspec

from codered.model.paths import FilePath


class ProcessId(msgspec.Struct, frozen=True, order=True):
    """Which process: the pid alone is used again, so its start time (clock ticks since boot) belongs to it."""

    pid: int
    start: int


class Connection(msgspec.Struct, frozen=True, kw_only=True):
    """A socket of a process. Addresses as text, "" and 0 where there is none; `state` as the system calls it (LISTEN,
    ESTABLISHED, SYN_SENT, … "NONE" for UDP).
    """

    protocol: str
    local: str = ""
    local_port: int = 0
    remote: str = ""
    remote_port: int = 0
    state: str = "NONE"


class Executable(msgspec.Struct, frozen=True, kw_only=True):
    """What a process runs. `path` as the kernel names it, without its " (deleted)". `deleted`: the file has no name any
    more; `replaced`: another file has its name; `memfd`: it never had one. `foreign`: the process has another root
    than we have (a container), so `path` is not ours. `elsewhere`: our own root has another file, or none, at `path`;
    `nowhere`: the process's own mounts have none there either, and it was not deleted; `upgraded`: its package has put
    a newer one there since it was started. `package` owns the file ("" = none, None = not known); `changed` is its
    ctime, UTC.
    """

    path: FilePath
    deleted: bool = False
    replaced: bool = False
    memfd: bool = False
    foreign: bool = False
    elsewhere: bool = False
    nowhere: bool = False
    upgraded: bool = False
    device: int = 0
    inode: int = 0
    sha256: str = ""
    package: str | None = None
    changed: datetime | None = None


class ProcessSeen(msgspec.Struct, frozen=True, kw_only=True):
    """A process. `name` is what it calls itself (comm), `command` its arguments, `parent` the pid of its parent,
    `started` UTC, `tty` whether it has a terminal, `environment` only the variables that matter (LD_PRELOAD, …),
    `capabilities` the effective set as a bit mask, `deleted_files` open or mapped files that have no name any more,
    `unreadable` what of it could not be read, in words, `facts` what else was seen, in the words of the heuristics.
    """

    id: ProcessId
    parent: int
    name: str
    command: tuple[str, ...] = ()
    exe: Executable | None = None
    kernel: bool = False
    uid: int = -1
    user: str = ""
    threads: int = 1
    started: datetime | None = None
    cwd: str = ""
    tty: bool = False
    cgroup: str = ""
    state: str = ""
    environment: dict[str, str] = {}
    capabilities: int = 0
    connections: tuple[Connection, ...] = ()
    deleted_files: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()
    facts: frozenset[str] = frozenset()

    def arguments(self) -> bytes:
        """The command line as one text, blanks between its parts."""
        return " ".join(self.command).encode(errors="backslashreplace")


class HiddenProcess(msgspec.Struct, frozen=True, kw_only=True):
    """A pid that one view of the system shows and another does not; `seen_by` and `missing_from` name the views."""

    pid: int
    seen_by: tuple[str, ...]
    missing_from: tuple[str, ...]


class UnreadProcess(msgspec.Struct, frozen=True):
    """A process, or a view of all of them, that could not be read in full, and why."""

    what: str
    why: str


def _hash_nothing(_process: ProcessSeen) -> str:
    return ""


class ProcessesSeen(msgspec.Struct, frozen=True, kw_only=True):
    """All processes of a machine. `hash_of` reads what a process runs and gives its SHA-256 (hex, "" = not readable):
    asked only where it matters, for it reads the whole file.
    """

    processes: tuple[ProcessSeen, ...] = ()
    hidden: tuple[HiddenProcess, ...] = ()
    unread: tuple[UnreadProcess, ...] = ()
    hash_of: Callable[[ProcessSeen], str] = _hash_nothing


class MemoryRegion(msgspec.Struct, frozen=True, kw_only=True):
    """A region of a process's address space: addresses in bytes, `end` exclusive; `permissions` as in /proc/PID/maps
    (rwxp); `what` the file or name behind it ("" = anonymous).
    """

    start: int
    end: int
    permissions: str
    what: str = ""
