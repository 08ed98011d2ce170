"""Reading one process: what /proc tells of it through a descriptor of its folder, and what of it is closed to us."""

import os
import sys
from collections.abc import Callable, Iterator
from functools import lru_cache
from importlib import resources
from typing import NamedTuple, TypeVar

import msgspec
from msgspec.structs import replace

from codered.collect.process_files import (
    MOST_DESCRIPTORS,
    MOST_MAP_BYTES,
    OpenFiles,
    OwnView,
    View,
    find_deleted_code,
    find_own_view,
    find_view,
    is_there,
    read_at,
    read_executable,
    read_link,
    read_open_files,
)
from codered.collect.process_identity import ENDED, MOST_STAT, find_living, read_boot_time
from codered.collect.process_status import (
    StatLine,
    parse_command,
    parse_environment,
    parse_stat,
    parse_status,
    tell_start,
)
from codered.collect.sockets import SocketTables
from codered.model.process import Connection, Executable, ProcessId, ProcessSeen

if sys.platform != "win32":
    import pwd

MOST_PAGE = 1 << 16  # bytes of status and cgroup
MOST_COMMAND = 1 << 18  # bytes of a command line
MOST_ENVIRONMENT = 4 << 20
NO_FILES = OpenFiles((), (), frozenset(), more=False)

_Value = TypeVar("_Value")


class Machine(NamedTuple):
    """What is the same for all processes of one look."""

    proc: str
    boot: int | None
    ticks: int
    own: OwnView
    sockets: SocketTables
    variables: frozenset[str]
    containers: tuple[str, ...]
    hidden: frozenset[int]


class _Sight(NamedTuple):
    """The parts of a process that may be closed to us."""

    exe: Executable | None
    environment: dict[str, str]
    cwd: bytes
    files: OpenFiles
    deleted_code: tuple[bytes, ...]
    connections: tuple[Connection, ...]
    view: View
    raw: bool
    on_connection: bool


def describe_machine(proc: str, hidden: frozenset[int]) -> Machine:
    """What is read once for all processes; `hidden`: the pids that one view of the system hides."""
    tables = resources.files("codered.collect")
    names = tables.joinpath("process_environment.json").read_bytes()
    containers = tables.joinpath("container_groups.json").read_bytes()
    return Machine(
        proc=proc, boot=read_boot_time(proc), ticks=os.sysconf("SC_CLK_TCK"), own=find_own_view(proc),
        sockets=SocketTables(), variables=msgspec.json.decode(names, type=frozenset[str]),
        containers=msgspec.json.decode(containers, type=tuple[str, ...]), hidden=hidden,
    )  # fmt: skip


def read_process(machine: Machine, pid: int) -> ProcessSeen | None:
    """The process; None if it ended, if another one has its place by now, or if its folder does not show it."""
    try:
        folder = os.open(f"{machine.proc}/{pid}", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        line = parse_stat(read_at(folder, "stat", MOST_STAT))
        if line is None or line.pid != pid:
            return None
        seen = _read_living(machine, folder, line)
        again = parse_stat(read_at(folder, "stat", MOST_STAT))
        if again is None or again.start != line.start:
            return None
        if _is_ending(again) or (again.state in ENDED and line.state not in ENDED):
            find_living(f"/proc/self/fd/{folder}")  # what ended while we looked was read in part
            return None if _is_ending(again) else _read_living(machine, folder, again)
        return seen
    except OSError:
        return None
    finally:
        os.close(folder)


def _is_ending(line: StatLine) -> bool:
    """Whether it has given its memory back already and is about to end."""
    return line.size == 0 and not line.kernel and line.state not in ENDED


def _read_living(machine: Machine, folder: int, line: StatLine) -> ProcessSeen:
    """The process; where its first thread has ended and others go on, as one of these shows it. Raises OSError."""
    if line.state not in ENDED:
        return _read_folder(machine, folder, line)
    try:
        thread = os.open(find_living(f"/proc/self/fd/{folder}"), os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        return _read_folder(machine, folder, line)
    try:
        living = parse_stat(read_at(thread, "stat", MOST_STAT))
        return _read_folder(machine, thread, replace(line, state=living.state if living else line.state))
    finally:
        os.close(thread)


def _read_folder(machine: Machine, folder: int, line: StatLine) -> ProcessSeen:
    status = parse_status(read_at(folder, "status", MOST_PAGE))
    missing: dict[str, str] = {}
    kernel = line.kernel and line.pid not in machine.hidden  # a line that was laid over its own may say anything
    sight = _NOTHING_SEEN if kernel or line.state in ENDED else _look_inside(machine, folder, missing)
    cgroup = _try(missing, "control group", lambda: read_at(folder, "cgroup", MOST_PAGE), b"")
    return ProcessSeen(
        id=ProcessId(line.pid, line.start),
        parent=line.parent,
        name=line.name.decode(errors="backslashreplace"),
        command=parse_command(read_at(folder, "cmdline", MOST_COMMAND)),
        exe=sight.exe,
        kernel=kernel,
        uid=status.uid,
        user=_name_user(status.uid),
        threads=line.threads,
        started=tell_start(machine.boot, line.start, machine.ticks),
        cwd=_show(sight.cwd),
        tty=line.tty,
        cgroup=cgroup.decode(errors="backslashreplace").rstrip("\n"),
        state=line.state,
        environment=sight.environment,
        capabilities=status.capabilities,
        connections=sight.connections,
        deleted_files=tuple(map(_show, dict.fromkeys((*sight.files.deleted, *sight.deleted_code)))),
        unreadable=tuple(f"{what} ({why})" for what, why in missing.items()),
        facts=frozenset(_find_facts(machine, line.pid, sight, cgroup)),
    )


_NOTHING_SEEN = _Sight(None, {}, b"", NO_FILES, (), (), View(), raw=False, on_connection=False)


def _look_inside(machine: Machine, folder: int, missing: dict[str, str]) -> _Sight:
    view = find_view(folder, machine.own)
    exe = _try(missing, "executable", lambda: read_executable(folder, view), None)
    data = _try(missing, "environment", lambda: read_at(folder, "environ", MOST_ENVIRONMENT), b"")
    if len(data) == MOST_ENVIRONMENT:
        missing["environment"] = f"only its first {MOST_ENVIRONMENT >> 20} MiB were read"
    cwd = _try(missing, "working folder", lambda: read_link(folder, "cwd"), b"")
    files = _try(missing, "open files", lambda: read_open_files(folder), NO_FILES)
    if files.more:
        missing["open files"] = f"only the first {MOST_DESCRIPTORS} were looked at"
    maps = _try(missing, "mapped files", lambda: read_at(folder, "maps", MOST_MAP_BYTES), b"")
    code = [path for path in find_deleted_code(maps) if not is_there(path, folder, view)]
    own = exe.path.to_bytes() if exe else b""
    return _Sight(
        exe=exe,
        environment=parse_environment(data, machine.variables),
        cwd=cwd,
        files=files,
        deleted_code=tuple(path for path in code if path != own),
        connections=machine.sockets.connections(folder, files.sockets),
        view=view,
        raw=machine.sockets.has_raw(folder, files.sockets),
        on_connection=_is_on_connection(machine, folder, files.standard),
    )


def _is_on_connection(machine: Machine, folder: int, standard: tuple[bytes, ...]) -> bool:
    """Whether input, output and errors are one and the same connection to another machine."""
    if len(standard) != 3 or len(set(standard)) != 1 or not standard[0].startswith(b"socket:["):
        return False
    connection = machine.sockets.find(folder, standard[0][8:-1])
    return connection is not None and bool(connection.remote)


def _find_facts(machine: Machine, pid: int, sight: _Sight, cgroup: bytes) -> Iterator[str]:
    facts = {
        "hidden": pid in machine.hidden,
        "input-is-connection": sight.on_connection,
        "raw-socket": sight.raw,
        "deleted-code": bool(sight.deleted_code),
        "root-apart": sight.view.foreign and not sight.view.inner and not _is_of_container(machine, cgroup),
    }
    yield from (fact for fact, holds in facts.items() if holds)


def _is_of_container(machine: Machine, cgroup: bytes) -> bool:
    """Whether its control group is one that a container's manager makes."""
    parts = cgroup.decode(errors="backslashreplace").replace("\n", "/").split("/")
    return any(part.startswith(machine.containers) for part in parts)


def _try(missing: dict[str, str], what: str, read: Callable[[], _Value], otherwise: _Value) -> _Value:
    """What `read` gives; what it may not read is noted in `missing`. A process that is gone is left to the caller."""
    try:
        return read()
    except PermissionError:
        missing[what] = "refused, even to root" if os.geteuid() == 0 else "only root may"
    except OSError as error:
        missing[what] = error.strerror or str(error)
    return otherwise


def _show(path: bytes) -> str:
    return path.decode(errors="backslashreplace")


@lru_cache(maxsize=4096)
def _name_user(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except (KeyError, OverflowError):
        return ""
