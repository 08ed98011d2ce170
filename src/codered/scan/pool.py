"""Worker processes: the engine holds the GIL, so they do the matching and the parent only deals out and listens."""

import contextlib
import ctypes
import gc
import multiprocessing
import os
import signal
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess

import msgspec

from codered.collect.walking import Folder, Unwalked
from codered.model.errors import ExitCode
from codered.model.finding import Layer
from codered.scan.tasks import (
    Collected,
    Counted,
    Done,
    DumpRange,
    DumpTask,
    FilesTask,
    LiveTask,
    LogTask,
    MemoryTask,
    RunningProcess,
    Task,
)
from codered.scan.worker_channel import WorkerChannel
from codered.system.confining import Rights, confine

Serve = Callable[[Task], Done]

WORKERS_PER_CORE = 4  # while waiting for the disk; 8 on 2 cores read a cold tree 1.6 times faster than 2 (measured)
IDLE_SHARE = 0.6  # a worker that computes less than this of its time waits for the disk: bring in more
OUTSTANDING = 2  # tasks a worker holds, so that it never waits for us
TICK = 0.05  # seconds between two looks at the clock
STUCK_AFTER = 300.0  # seconds without an answer to one task
READING = Rights()

_PR_SET_PDEATHSIG = 1
_STDERR = 2

_encode = msgspec.msgpack.Encoder().encode
_decode_task = msgspec.msgpack.Decoder(Task).decode
_decode_done = msgspec.msgpack.Decoder(Done).decode


class _Worker:
    """One process, its end of the pipe, and the tasks it holds."""

    def __init__(self, process: BaseProcess, pipe: Connection) -> None:
        self.process = process
        self.pipe = pipe
        self.channel = WorkerChannel(pipe)
        self.held: deque[tuple[Task, float]] = deque()

    def is_stuck(self, now: float) -> bool:
        """Whether it has held its first task for too long."""
        return bool(self.held) and now - self.held[0][1] > STUCK_AFTER


class Pool:
    """Deals tasks to workers and yields what they answer. A worker that dies or hangs loses its task: the files of that
    task are tried once more one by one, and the one that does it again becomes a failed look.
    """

    def __init__(self, serve: Serve, cores: int, rights: Rights = READING) -> None:
        """`rights`: what the workers keep. `unconfined` says why some could do more than that, each reason once."""
        self._serve = serve
        self._rights = rights
        self.unconfined: dict[str, None] = {}
        self._active = cores
        self._context = multiprocessing.get_context("fork")
        gc.freeze()  # the children share the parent's pages instead of copying them at the first collection
        self._workers: list[_Worker] = []
        for _ in range(cores * WORKERS_PER_CORE):
            self._workers.append(self._start())
        self._pending: deque[Task] = deque()
        self._next_number = 0
        self._cpu = self._wall = 0.0

    def add_files(self, folders: list[Folder]) -> int:
        """Queue a look at the files of these folders: some tens of names, so that the work is spread."""
        task = FilesTask(self._number(), folders)
        self._pending.append(task)
        return task.number

    def add_log(self, rel: bytes, start: int, end: int, file: tuple[int, int] = (0, 0)) -> int:
        """Queue the reading of a web log, or of a byte range of it; logs come before what is still queued. `file` is
        its device and inode, 0 = any.
        """
        task = LogTask(self._number(), rel, start, end, *file)
        self._pending.appendleft(task)
        return task.number

    def add_live(self, what: Collected, part: int = 0, parts: int = 1) -> int:
        """Queue the look at one kind of what the system does, or at a share of it."""
        task = LiveTask(self._number(), what, part, parts)
        self._pending.append(task)
        return task.number

    def add_memory(self, process: RunningProcess) -> int:
        """Queue a look into the memory of a process."""
        task = MemoryTask(self._number(), process.pid, process.start, process.name, process.owned)
        self._pending.append(task)
        return task.number

    def add_dump(self, ranges: list[DumpRange]) -> int:
        """Queue a look at ranges of a memory dump."""
        task = DumpTask(self._number(), ranges)
        self._pending.append(task)
        return task.number

    def is_hungry(self) -> bool:
        """Whether more work should be queued now."""
        return len(self._pending) < len(self._workers) * OUTSTANDING

    def is_busy(self) -> bool:
        """Whether anything is queued or under way."""
        return bool(self._pending) or any(worker.held for worker in self._workers)

    def collect(self, timeout: float = TICK) -> Iterator[Done]:
        """Deal out, then yield the answers that are there within `timeout` seconds."""
        self._deal()
        pipes = {worker.pipe: worker for worker in self._workers if worker.held}
        for pipe in wait(list(pipes), timeout) if pipes else ():
            yield from self._receive(pipes[pipe])  # type: ignore[index]
        now = time.monotonic()
        for worker in [w for w in self._workers if w.is_stuck(now)]:
            yield from self._lose(worker, f"no answer for {STUCK_AFTER:.0f} s: given up")

    def stop(self) -> None:
        """End all workers at once."""
        for worker in self._workers:
            worker.pipe.close()
            worker.process.kill()
        for worker in self._workers:
            worker.process.join()

    def _number(self) -> int:
        self._next_number += 1
        return self._next_number

    def _deal(self) -> None:
        for worker in self._workers:
            with contextlib.suppress(OSError):  # it died: `_receive` sees the end of its pipe
                worker.channel.flush()
        for worker in self._workers[: self._active]:
            while self._pending and len(worker.held) < OUTSTANDING:
                message = _encode(self._pending[0])
                worker.held.append((self._pending.popleft(), time.monotonic()))
                try:
                    worker.channel.send(message)
                except OSError:
                    break

    def _receive(self, worker: _Worker) -> Iterator[Done]:
        try:
            message = worker.channel.receive()
            if message is None:
                return
            done = _decode_done(message)
        except (EOFError, OSError, msgspec.DecodeError):
            done = None
        if done is None or done.number != worker.held[0][0].number:
            yield from self._lose(worker, "the scanner crashed on it")
            return
        worker.held.popleft()
        if worker.held:
            worker.held[0] = (worker.held[0][0], time.monotonic())
        self._watch_load(done)
        if done.unconfined:
            self.unconfined[done.unconfined] = None
        yield done

    def _watch_load(self, done: Done) -> None:
        self._cpu = self._cpu * 0.95 + done.cpu
        self._wall = self._wall * 0.95 + done.wall
        if self._wall > 0.02 and self._cpu < IDLE_SHARE * self._wall:
            self._active = len(self._workers)

    def _lose(self, worker: _Worker, why: str) -> Iterator[Done]:
        worker.pipe.close()
        worker.process.kill()
        worker.process.join()
        held = [task for task, _ in worker.held]
        self._workers[self._workers.index(worker)] = self._start()
        self._pending.extendleft(reversed(held[1:]))
        if held:
            yield from self._try_alone(held[0], why)

    def _try_alone(self, task: Task, why: str) -> Iterator[Done]:
        if isinstance(task, FilesTask) and not task.alone:
            self._pending.extend(FilesTask(task.number, [folder], alone=True) for folder in task.split())
            return
        if isinstance(task, DumpTask):
            yield from self._try_ranges(task, why)
        elif isinstance(task, LiveTask):
            layer: Layer = "settings" if task.what == "iis" else task.what
            yield Done(task.number, counted=[Counted(layer, f"all {task.what}", "failed", why)])
        elif isinstance(task, MemoryTask):
            which = f"{task.pid} ({task.name})"
            yield Done(task.number, counted=[Counted("memory", "memory of processes", "failed", why, example=which)])
        else:
            rel = task.rel if isinstance(task, LogTask) else _only_file(task)
            yield Done(task.number, unlooked=[Unwalked(rel, "failed", why)])

    def _try_ranges(self, task: DumpTask, why: str) -> Iterator[Done]:
        if not task.alone:
            self._pending.extend(DumpTask(task.number, [part], alone=True) for part in task.ranges)
            return
        part = task.ranges[0]
        where = f"{part.size} bytes at byte {part.offset}"
        yield Done(task.number, counted=[Counted("memory", "the memory dump", "failed", why, example=where)])

    def _start(self) -> _Worker:
        ours, theirs = self._context.Pipe()
        others = [worker.pipe for worker in self._workers]
        words = (theirs, [ours, *others], self._serve, self._rights)
        process = self._context.Process(target=_work, args=words, daemon=True)
        process.start()
        theirs.close()
        return _Worker(process, ours)


def _only_file(task: FilesTask) -> bytes:
    folder = task.folders[0]
    return b"/".join(part for part in (folder.rel, *folder.files) if part)


def _die_with_parent() -> None:
    """Ask Linux to kill this worker when the parent dies: it would notice only after its task. Elsewhere it does."""
    with contextlib.suppress(AttributeError, OSError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def serve_task(serve: Serve, task: Task) -> Done | None:
    """The answer; None for a bug that some file brought out: who asked finds out which, and the scan goes on."""
    try:
        return serve(task)
    except Exception:
        if os.environ.get("CODERED_DEBUG"):
            sys.__excepthook__(*sys.exc_info())
        return None


def _list_debugged() -> tuple[int, ...]:
    """Where a worker may talk to people: stderr, if somebody looks for a bug."""
    return (_STDERR, sys.stderr.fileno()) if os.environ.get("CODERED_DEBUG") else ()


def _work(pipe: Connection, not_ours: list[Connection], serve: Serve, rights: Rights) -> None:
    """A worker's life: serve tasks until the parent closes its end. The parent handles Ctrl-C for all of us."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _die_with_parent()
    for other in not_ours:
        other.close()
    unconfined = confine(rights, (pipe.fileno(), *_list_debugged()))
    while True:
        try:
            message = pipe.recv_bytes()
        except (EOFError, OSError):
            os._exit(0)
        cpu, wall = time.process_time(), time.monotonic()
        done = serve_task(serve, _decode_task(message))
        if done is None:
            os._exit(ExitCode.BUG)
        spent = msgspec.structs.replace(
            done, cpu=time.process_time() - cpu, wall=time.monotonic() - wall, unconfined=unconfined
        )
        try:
            pipe.send_bytes(_encode(spent))
        except OSError:
            os._exit(0)  # the parent is gone, and nobody wants the answer
