"""What runs on this Windows: every process, with what of it could not be read."""

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import msgspec

from codered.model.paths import path_from_text
from codered.model.process import Connection, Executable, ProcessesSeen, ProcessId, ProcessSeen, UnreadProcess
from codered.system.windows_files import open_shared
from codered.system.windows_processes import Listed, OpenProcess, has_atom, has_mutex, list_processes

NO_PSUTIL = "psutil is missing: command lines, users and sockets stay unseen"
_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
_BLOCK = 1 << 20
_MOST_HASHED = 1 << 30  # bytes of a program
_SYSTEM = frozenset((4,))  # the pid of the kernel's own process


class NamedObject(msgspec.Struct, frozen=True):
    """A named object of the kernel that exists: an "atom" or a "mutex"."""

    kind: str
    name: str


def collect_windows_processes() -> ProcessesSeen:
    """Every process but those that end while we look. Raises OSError if they can't be listed."""
    unread: list[UnreadProcess] = []
    details = _Details(unread)
    found = []
    for listed in list_processes():
        seen = _read_process(listed, details)
        if seen is not None:
            found.append(seen)
            if seen.unreadable:
                what = f"process {seen.id.pid} ({seen.name})"
                unread.append(UnreadProcess(what, f"not readable: {', '.join(seen.unreadable)}"))
    return ProcessesSeen(processes=tuple(found), unread=tuple(unread), hash_of=hash_program)


def find_objects(names: Iterable[str]) -> tuple[NamedObject, ...]:
    """Those of the names that atoms or mutexes have."""
    wanted = tuple(dict.fromkeys(names))
    atoms = [NamedObject("atom", name) for name in wanted if has_atom(name)]
    return (*atoms, *(NamedObject("mutex", name) for name in wanted if has_mutex(name)))


def hash_program(process: ProcessSeen) -> str:
    """The SHA-256 of what it runs; "" if that can't be read."""
    if process.exe is None:
        return ""
    digest, left = hashlib.sha256(), _MOST_HASHED
    try:
        with open(open_shared("\\\\?\\" + process.exe.path.text), "rb") as file:
            while block := file.read(_BLOCK):
                left -= len(block)
                if left < 0:
                    return ""
                digest.update(block)
    except OSError:
        return ""
    return digest.hexdigest()


def to_time(ticks: int) -> datetime | None:
    """A time of Windows (units of 100 ns since 1601) as UTC; None for none."""
    try:
        return _EPOCH + timedelta(microseconds=ticks // 10) if ticks else None
    except OverflowError:
        return None


class _Details:
    """What psutil tells of processes: their command lines, users and sockets."""

    def __init__(self, unread: list[UnreadProcess]) -> None:
        try:
            import psutil
        except ImportError:
            unread.append(UnreadProcess("command lines and sockets", NO_PSUTIL))
            self._tool = None
            self._sockets: dict[int, list[Connection]] = {}
            return
        self._tool = psutil
        self._sockets = self._list_sockets(unread)

    def command(self, pid: int) -> tuple[str, ...] | None:
        """Its arguments; None if they can't be read."""
        if self._tool is None:
            return ()  # said once, for all
        try:
            return tuple(map(str, self._tool.Process(pid).cmdline()))
        except (self._tool.Error, OSError):
            return None

    def user(self, pid: int) -> str:
        """Whose it is; "" if that can't be told."""
        if self._tool is None:
            return ""
        try:
            return str(self._tool.Process(pid).username())
        except (self._tool.Error, OSError):
            return ""

    def sockets(self, pid: int) -> tuple[Connection, ...]:
        """Its sockets."""
        return tuple(self._sockets.get(pid, ()))

    def _list_sockets(self, unread: list[UnreadProcess]) -> dict[int, list[Connection]]:
        assert self._tool is not None
        found: dict[int, list[Connection]] = {}
        try:
            every = self._tool.net_connections("inet")
        except (self._tool.Error, OSError) as error:
            unread.append(UnreadProcess("sockets", f"can't be listed: {error}"))
            return found
        for one in every:
            if one.pid is not None:
                found.setdefault(one.pid, []).append(_make_connection(one))
        return found


def _make_connection(one) -> Connection:  # type: ignore[no-untyped-def]  # noqa: ANN001 - of psutil, which has no types
    local, remote = one.laddr or ("", 0), one.raddr or ("", 0)
    return Connection(
        protocol="tcp" if one.type == 1 else "udp",
        local=str(local[0]), local_port=int(local[1]),
        remote=str(remote[0]), remote_port=int(remote[1]),
        state=str(one.status),
    )  # fmt: skip


def _read_process(listed: Listed, details: _Details) -> ProcessSeen | None:
    unreadable: list[str] = []
    start, program = 0, ""
    try:
        with OpenProcess(listed.pid) as opened:
            start = opened.started()
            program = opened.program()
    except PermissionError:
        unreadable.append("its program")
    except OSError:
        if not start and listed.pid not in _SYSTEM:
            return None  # it has ended
        unreadable.append("its program")
    command = details.command(listed.pid)
    if command is None:
        unreadable.append("its command line")
    is_kernel = listed.pid in _SYSTEM
    return ProcessSeen(
        id=ProcessId(listed.pid, start),
        parent=listed.parent,
        name=listed.name or program.rpartition("\\")[2],
        command=command or (),
        exe=Executable(path=path_from_text(program)) if program else None,
        kernel=is_kernel,
        user=details.user(listed.pid),
        threads=listed.threads,
        started=to_time(start),
        connections=details.sockets(listed.pid),
        unreadable=() if is_kernel else tuple(unreadable),
    )
