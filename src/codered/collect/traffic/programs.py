"""Which process a thread belongs to, and what it runs: noted when the kernel tells that it began, for what scans may be
gone before anybody can look.
"""

import os
import select
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple, TypeVar

from codered.collect.process_files import read_at, read_link
from codered.collect.process_identity import MOST_STAT
from codered.collect.process_status import parse_stat, parse_status
from codered.collect.traffic.told_starts import open_told_starts
from codered.collect.watching.process_starts import ProcessChange, receive_changes
from codered.model.process import ProcessId

MOST_KNOWN = 1 << 15
MOST_COMMAND = 4096  # bytes
_T = TypeVar("_T")
_TICKS = os.sysconf("SC_CLK_TCK")
_MOST_READ = 4096  # datagrams of one go
_MOST_ABOVE = 8  # ancestors
_PRIORITY = -15
_STALE = 1.0  # seconds that a look holds while nobody tells of new processes
_LATER = 3  # ticks by which a process may seem younger than what it did
_AGAIN = 0.2  # seconds between two looks at the threads that are gone


class Program(NamedTuple):
    """A process as it was when it was looked at; `key` is its actor's key; `program` "" = not known. `network` is its
    network namespace ("" = not readable), `read` CLOCK_MONOTONIC of the look, in seconds; `parent` a pid (0: unknown).
    """

    id: ProcessId
    key: bytes
    name: str = ""
    program: str = ""
    command: str = ""
    uid: int = -1
    network: str = ""
    read: float = 0.0
    parent: int = 0


class Programs:
    """A table of processes, fed by a thread of its own that the kernel wakes. `told`: the kernel tells of new ones.
    `read_leaders` answers for threads that are gone already.
    """

    def __init__(self, read_leaders: Callable[[], dict[int, int]], *, ask_kernel: bool = True) -> None:
        self._read_leaders = read_leaders
        self._known: dict[int, Program] = {}
        self._leaders: dict[int, int] = {}
        self._begun: dict[int, tuple[int, int]] = {}
        self._parents: dict[int, int] = {}  # as they were made: who loses his parent is given another
        self._asked = 0.0
        self._lock = threading.Lock()
        self._turn = threading.Lock()  # of reading from the connector, and noting what it told
        self.lost = 0
        self._connector = open_told_starts() if ask_kernel else None
        self._stop = os.eventfd(0, os.EFD_CLOEXEC)
        self._thread = threading.Thread(target=self._listen, name="programs", daemon=True)
        if self._connector is not None:
            self._thread.start()

    @property
    def told(self) -> bool:
        """Whether the kernel tells of each process that begins."""
        return self._connector is not None

    def find(self, thread: int, at: int) -> Program | None:
        """The process of a thread that did something `at` (nanoseconds of CLOCK_MONOTONIC); None if it is gone and
        nobody knows.
        """
        process = self._leaders.get(thread, thread)
        known = self._known.get(process)
        if known is not None and (self.told or time.monotonic() - known.read < _STALE):
            return known
        found = self._look(thread, at)
        if found is not None and known is not None and found.id == known.id and not found.program:
            return known  # a zombie tells less than we knew
        return found or known or self._remember(thread)

    def catch_up(self) -> None:
        """Note all that the kernel has told up to now: before asking who did what."""
        if self._connector is None:
            return
        with self._turn:
            for changes in receive_changes(self._connector, _MOST_READ):
                self.lost += changes is None
                for change in changes or ():
                    self._take(change)

    def find_parent(self, program: Program) -> Program | None:
        """Who made a process, though both may be gone; None if nobody knows."""
        parent = self._parents.get(program.id.pid) or program.parent
        return self.find(parent, time.monotonic_ns()) if parent > 0 else None

    def look_again(self, program: Program) -> Program:
        """The same process as it is now; as it was if it is gone."""
        now = read_program(program.id.pid)
        if now is None or now.id != program.id or not now.network:  # a zombie has neither network nor program
            return program
        self._keep(self._known, now.id.pid, now)
        return now

    def close(self) -> None:
        """Listen no more."""
        if self._stop < 0:
            return
        os.eventfd_write(self._stop, 1)
        if self._connector is not None:
            self._thread.join(2)
            self._connector.close()
        os.close(self._stop)
        self._stop = -1

    def _look(self, thread: int, at: int) -> Program | None:
        leader = _read_leader(thread)
        found = read_program(leader) if leader else None
        if found is None or found.id.start > _to_ticks(at) + _LATER:
            return None  # gone, or its number belongs to a younger one by now
        if leader != thread:
            self._keep(self._leaders, thread, leader)
        if not found.program and leader in self._begun:  # a zombie: its names are gone already
            found = self._inherit(leader)._replace(id=found.id, key=found.key, name=found.name, uid=found.uid)
        self._keep(self._known, leader, found)
        return found

    def _remember(self, thread: int) -> Program | None:
        """What is known of a process that is gone: what its parent ran, for it began and executed nothing."""
        process = self._leaders.get(thread, thread)
        if process not in self._begun and time.monotonic() - self._asked > _AGAIN:
            self._asked = time.monotonic()
            for one, leader in self._read_leaders().items():
                if one not in self._leaders and one != leader:
                    self._keep(self._leaders, one, leader)
            process = self._leaders.get(thread, thread)
            if process in self._known:
                return self._known[process]
        if process not in self._begun:
            return None
        made = self._inherit(process)
        self._keep(self._known, process, made)
        return made

    def _inherit(self, process: int) -> Program:
        """What the nearest of those it stems from ran that anything is known of."""
        parent, began = self._begun[process]
        same = ProcessId(process, _to_ticks(began))
        for _ in range(_MOST_ABOVE):
            above = self._known.get(parent) or read_program(parent)
            if above is not None and above.program:
                return above._replace(id=same, key=_make_key(same))
            if parent not in self._begun:
                break
            parent, _ = self._begun[parent]
        return _make_unknown(same)

    def _listen(self) -> None:
        assert self._connector is not None
        with suppress(OSError):  # what begins may be gone in a millisecond: do not wait for a turn
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _PRIORITY)
        waiting = select.poll()
        waiting.register(self._connector, select.POLLIN)
        waiting.register(self._stop, select.POLLIN)
        while True:
            ready = [number for number, _ in waiting.poll()]
            if self._stop in ready:
                return
            self.catch_up()

    def _take(self, change: ProcessChange) -> None:
        if change.kind == "executed":
            # Too short for a look: what its parent runs is not what it ran.
            found = read_program(change.process) or _make_unknown(ProcessId(change.process, _to_ticks(change.at)))
            self._keep(self._known, change.process, found)
            self._begun.pop(change.process, None)
        elif change.thread != change.process:
            self._keep(self._leaders, change.thread, change.process)
        else:
            with self._lock:
                self._known.pop(change.process, None)
                self._leaders.pop(change.process, None)
            self._keep(self._begun, change.process, (change.parent, change.at))
            self._keep(self._parents, change.process, change.parent)

    def _keep(self, table: dict[int, _T], number: int, value: _T) -> None:
        with self._lock:
            table.pop(number, None)
            table[number] = value
            if len(table) > MOST_KNOWN:
                del table[next(iter(table))]


def read_program(pid: int, proc: str = "/proc") -> Program | None:
    """What a process runs, as far as it can be read before it is gone; None if it is gone."""
    program, command, network = b"", b"", b""
    with suppress(OSError):  # what matters most comes first
        program = os.readlink(b"%s/%d/exe" % (os.fsencode(proc), pid))
    try:
        folder = os.open(f"{proc}/{pid}", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        with suppress(OSError):
            command = read_at(folder, "cmdline", MOST_COMMAND)
        line = parse_stat(read_at(folder, "stat", MOST_STAT))
        with suppress(OSError):
            network = read_link(folder, "ns/net")
        uid = os.fstat(folder).st_uid
    except OSError:
        return None
    finally:
        os.close(folder)
    if line is None:
        return None
    words = command.rstrip(b"\0").replace(b"\0", b" ")
    texts = [one.decode(errors="backslashreplace") for one in (line.name, program, words, network)]
    same = ProcessId(pid, line.start)
    return Program(same, _make_key(same), texts[0], texts[1], texts[2], uid, texts[3], time.monotonic(), line.parent)


def _make_unknown(process: ProcessId) -> Program:
    return Program(process, _make_key(process))


def _make_key(process: ProcessId) -> bytes:
    return b"pid %d %d" % (process.pid, process.start)


def _read_leader(thread: int) -> int:
    """The process of a living thread; 0 if there is none."""
    try:
        with open(f"/proc/{thread}/status", "rb") as file:
            return max(0, parse_status(file.read(1 << 14)).leader)
    except OSError:
        return 0


def _to_ticks(at: int) -> int:
    """A time of CLOCK_MONOTONIC in clock ticks since boot, which count sleep too."""
    asleep = time.clock_gettime_ns(time.CLOCK_BOOTTIME) - time.monotonic_ns()
    return (at + asleep) * _TICKS // 1_000_000_000
