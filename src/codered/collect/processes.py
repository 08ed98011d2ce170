"""What runs on this machine: every process as /proc tells it, with what of it could not be read."""

import os
import pwd
from collections.abc import Callable
from functools import lru_cache, partial
from importlib import resources
from typing import NamedTuple, TypeVar

import msgspec

from codered.collect.hidden_processes import find_hidden_processes, hides_strangers, list_pids
from codered.collect.process_files import (
    MOST_DESCRIPTORS,
    MOST_MAP_BYTES,
    OpenFiles,
    find_deleted_code,
    find_view,
    hash_executable,
    is_there,
    read_at,
    read_executable,
    read_link,
    read_open_files,
)
from codered.collect.process_status import (
    StatLine,
    parse_boot_time,
    parse_command,
    parse_environment,
    parse_stat,
    parse_status,
    tell_start,
)
from codered.collect.sockets import SocketTables
from codered.model.process import (
    Connection,
    Executable,
    HiddenProcess,
    ProcessesSeen,
    ProcessId,
    ProcessSeen,
    UnreadProcess,
)

MOST_PAGE = 1 << 16  # bytes of stat, status and cgroup
MOST_COMMAND = 1 << 18  # bytes of a command line
MOST_ENVIRONMENT = 4 << 20
NO_FILES = OpenFiles((), (), frozenset(), more=False)

_Value = TypeVar("_Value")


class _Machine(NamedTuple):
    """What is the same for all processes of one look."""

    proc: str
    boot: int | None
    ticks: int
    mounts: bytes
    sockets: SocketTables
    variables: frozenset[str]
    hidden: frozenset[int]


class _Sight(NamedTuple):
    """The parts of a process that may be closed to us."""

    exe: Executable | None
    environment: dict[str, str]
    cwd: bytes
    files: OpenFiles
    deleted_code: tuple[bytes, ...]
    connections: tuple[Connection, ...]
    raw: bool
    on_connection: bool


def collect_processes(proc: str = "/proc") -> ProcessesSeen:
    """Every process but those that end while we look. Raises OSError if /proc can't be listed."""
    unread: list[UnreadProcess] = []
    hidden = _look_for_hidden(proc, unread)
    machine = _describe_machine(proc, frozenset(one.pid for one in hidden))
    processes = []
    for pid in sorted({*list_pids(proc), *machine.hidden}):
        seen = _read_process(machine, pid)
        if seen is None:
            continue
        processes.append(seen)
        if seen.unreadable:
            unread.append(UnreadProcess(f"process {pid} ({seen.name})", f"not readable: {', '.join(seen.unreadable)}"))
    unread += [UnreadProcess("sockets", trouble) for trouble in dict.fromkeys(machine.sockets.troubles)]
    return ProcessesSeen(
        processes=tuple(processes), hidden=hidden, unread=tuple(unread), hash_of=partial(_hash_process, proc)
    )


def identify_process(pid: int, proc: str = "/proc") -> ProcessId | None:
    """Which process has this pid now; None if none has."""
    try:
        with open(f"{proc}/{pid}/stat", "rb") as file:
            line = parse_stat(file.read(MOST_PAGE))
    except OSError:
        return None
    return ProcessId(line.pid, line.start) if line else None


def _look_for_hidden(proc: str, unread: list[UnreadProcess]) -> tuple[HiddenProcess, ...]:
    if hides_strangers(proc):
        why = "/proc is mounted with hidepid: only root is shown them"
        unread.append(UnreadProcess("the processes of other users", why))
        return ()
    return find_hidden_processes(proc)


def _describe_machine(proc: str, hidden: frozenset[int]) -> _Machine:
    names = resources.files("codered.collect").joinpath("process_environment.json").read_bytes()
    try:
        mounts = os.readlink(f"{proc}/self/ns/mnt").encode()
    except OSError:
        mounts = b""
    try:
        with open(f"{proc}/stat", "rb") as file:
            boot = parse_boot_time(file.read(4 << 20))
    except OSError:
        boot = None
    return _Machine(
        proc=proc, boot=boot, ticks=os.sysconf("SC_CLK_TCK"), mounts=mounts, sockets=SocketTables(),
        variables=msgspec.json.decode(names, type=frozenset[str]), hidden=hidden,
    )  # fmt: skip


def _read_process(machine: _Machine, pid: int) -> ProcessSeen | None:
    """The process; None if it ended, or if another one has its place by now."""
    try:
        folder = os.open(f"{machine.proc}/{pid}", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        line = parse_stat(read_at(folder, "stat", MOST_PAGE))
        if line is None or line.pid != pid:
            return None
        seen = _read_folder(machine, folder, line)
        again = parse_stat(read_at(folder, "stat", MOST_PAGE))
        return seen if again is not None and again.start == line.start else None
    except OSError:
        return None
    finally:
        os.close(folder)


def _read_folder(machine: _Machine, folder: int, line: StatLine) -> ProcessSeen:
    status = parse_status(read_at(folder, "status", MOST_PAGE))
    missing: dict[str, str] = {}
    sight = _NOTHING_SEEN if line.kernel or line.state in "ZX" else _look_inside(machine, folder, missing)
    cgroup = _try(missing, "control group", lambda: read_at(folder, "cgroup", MOST_PAGE), b"")
    return ProcessSeen(
        id=ProcessId(line.pid, line.start),
        parent=line.parent,
        name=line.name.decode(errors="backslashreplace"),
        command=parse_command(read_at(folder, "cmdline", MOST_COMMAND)),
        exe=sight.exe,
        kernel=line.kernel,
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
        facts=_find_facts(machine, line.pid, sight),
    )


_NOTHING_SEEN = _Sight(None, {}, b"", NO_FILES, (), (), raw=False, on_connection=False)


def _look_inside(machine: _Machine, folder: int, missing: dict[str, str]) -> _Sight:
    view = find_view(folder, machine.mounts)
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
        raw=machine.sockets.has_raw(folder, files.sockets),
        on_connection=_is_on_connection(machine, folder, files.standard),
    )


def _is_on_connection(machine: _Machine, folder: int, standard: tuple[bytes, ...]) -> bool:
    """Whether input, output and errors are one and the same connection to another machine."""
    if len(standard) != 3 or len(set(standard)) != 1 or not standard[0].startswith(b"socket:["):
        return False
    connection = machine.sockets.find(folder, standard[0][8:-1])
    return connection is not None and bool(connection.remote)


def _find_facts(machine: _Machine, pid: int, sight: _Sight) -> frozenset[str]:
    facts = {"hidden"} if pid in machine.hidden else set()
    if sight.on_connection:
        facts.add("input-is-connection")
    if sight.raw:
        facts.add("raw-socket")
    if sight.deleted_code:
        facts.add("deleted-code")
    return frozenset(facts)


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


def _hash_process(proc: str, process: ProcessSeen) -> str:
    if identify_process(process.id.pid, proc) != process.id:
        return ""
    return hash_executable(proc, process.id.pid, process.exe)
