"""The pool with stand-ins for the worker's work: what it does when they are slow, dead, hanging or very talkative."""

import contextlib
import mmap
import os
import signal
import stat
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from codered.collect.walking import Folder, Unwalked
from codered.scan import pool as pool_module
from codered.scan.pool import Pool, Serve
from codered.scan.tasks import Done, DumpRange, DumpTask, FilesTask, LogSeen, LogTask, Task

MakePool = Callable[[Serve, int], Pool]


@pytest.fixture
def make_pool() -> Iterator[MakePool]:
    pools: list[Pool] = []

    def make(serve: Serve, cores: int = 1) -> Pool:
        pools.append(Pool(serve, cores))
        return pools[-1]

    # A pool that waits for ever must fail its test, and let the others run.
    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(30)
    yield make
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)
    for each in pools:
        each.stop()


def give_up(_number: int, _frame: object) -> None:
    raise AssertionError("the pool waits for ever")  # no OSError: the pool expects these


def drain(pool: Pool) -> list[Done]:
    answers: list[Done] = []
    while pool.is_busy():
        answers += pool.collect()
    return answers


def names_of(task: Task) -> list[bytes]:
    assert isinstance(task, FilesTask)
    return [folder.rel + b"/" + name for folder in task.folders for name in (*folder.files, *folder.folders)]


def echo(task: Task) -> Done:
    """Answers each name as a log, so that the test sees what was served."""
    return Done(task.number, logs=[LogSeen(name, 0, False) for name in names_of(task)], files=len(names_of(task)))


def served(answers: list[Done]) -> list[bytes]:
    return sorted(log.rel for done in answers for log in done.logs)


def unlooked(answers: list[Done]) -> list[Unwalked]:
    return [item for done in answers for item in done.unlooked]


def folder(number: int, *files: bytes) -> Folder:
    return Folder(b"d%d" % number, list(files), [])


@pytest.mark.parametrize("cores", [1, 2, 3])
def test_every_task_is_answered_once_whatever_the_number_of_workers(make_pool: MakePool, cores: int) -> None:
    pool = make_pool(echo, cores)
    numbers = [pool.add_files([folder(n, b"a", b"b"), folder(n, b"c")]) for n in range(50)]
    answers = drain(pool)
    assert sorted(done.number for done in answers) == numbers
    assert served(answers) == sorted(b"d%d/%s" % (n, name) for n in range(50) for name in (b"a", b"b", b"c"))
    assert not pool.is_busy()


def test_logs_come_before_files_that_still_wait(make_pool: MakePool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool_module, "WORKERS_PER_CORE", 1)
    monkeypatch.setattr(pool_module, "OUTSTANDING", 1)
    pool = make_pool(lambda task: Done(task.number), 1)
    files = [pool.add_files([folder(n, b"a")]) for n in range(3)]
    log = pool.add_log(b"access.log", 0, 5)
    assert [done.number for done in drain(pool)] == [log, *files]


def test_it_asks_for_more_until_all_workers_have_enough(make_pool: MakePool) -> None:
    pool = make_pool(echo, 1)
    count = 0
    while pool.is_hungry():
        pool.add_files([folder(count, b"a")])
        count += 1
    assert count == pool_module.WORKERS_PER_CORE * pool_module.OUTSTANDING
    drain(pool)
    assert pool.is_hungry()


def test_time_spent_is_told(make_pool: MakePool) -> None:
    pool = make_pool(echo, 1)
    pool.add_files([folder(1, b"a")])
    (done,) = drain(pool)
    assert done.wall > 0
    assert done.cpu >= 0


@pytest.mark.parametrize(("waits", "workers"), [(False, {1}), (True, {2, 3, 4})])
def test_more_workers_join_only_when_the_first_ones_wait_for_the_disk(
    make_pool: MakePool, monkeypatch: pytest.MonkeyPatch, waits: bool, workers: set[int]
) -> None:
    monkeypatch.setattr(time, "process_time", (lambda: 0.0) if waits else time.monotonic)

    def serve(task: Task) -> Done:
        time.sleep(0.03)
        return Done(task.number, files=os.getpid())

    pool = make_pool(serve, 1)
    for number in range(12):
        pool.add_files([folder(number, b"a")])
    assert len({done.files for done in drain(pool)}) in workers


def die_on_bad(task: Task) -> Done:
    if isinstance(task, DumpTask):
        return Done(task.number, files=len(task.ranges)) if task.ranges[0].offset else os._exit(1)
    if isinstance(task, LogTask) or any(b"bad" in name for name in names_of(task)):
        os._exit(9)
    return echo(task)


@pytest.mark.parametrize("cores", [1, 2])
def test_a_file_that_kills_its_worker_is_the_only_one_lost(make_pool: MakePool, cores: int) -> None:
    pool = make_pool(die_on_bad, cores)
    numbers = set()
    for n in range(10):
        names = [b"a", b"bad", b"c"] if n == 4 else [b"a", b"b"]
        numbers.add(pool.add_files([Folder(b"d%d" % n, names, [b"sub"]), folder(n + 100, b"z")]))
    answers = drain(pool)
    assert unlooked(answers) == [Unwalked(b"d4/bad", "failed", "the scanner crashed on it")]
    wanted = {b"d%d/%s" % (n, name) for n in range(10) for name in (b"a", b"b", b"sub")}
    wanted = (wanted | {b"d4/c"} | {b"d%d/z" % (n + 100) for n in range(10)}) - {b"d4/b"}
    assert served(answers) == sorted(wanted)
    assert {done.number for done in answers} == numbers


def test_a_folder_name_that_kills_its_worker_and_a_file_at_the_root(make_pool: MakePool) -> None:
    pool = make_pool(die_on_bad, 1)
    pool.add_files([Folder(b"d", [], [b"bad"]), Folder(b"", [b"bad"], [])])
    assert {item.rel for item in unlooked(drain(pool))} == {b"d", b"bad"}


def test_a_range_of_a_dump_that_kills_its_worker_is_the_only_one_lost(make_pool: MakePool) -> None:
    pool = make_pool(die_on_bad, 1)
    number = pool.add_dump([DumpRange(at, 8, at, "1", 0, 24) for at in (0, 8, 16)])
    answers = drain(pool)
    assert [done.files for done in answers if not done.counted] == [1, 1]
    (lost,) = [done for done in answers if done.counted]
    assert (lost.number, lost.counted[0].state, lost.counted[0].example) == (number, "failed", "8 bytes at byte 0")


def test_a_log_that_kills_its_worker_is_a_failed_look(make_pool: MakePool) -> None:
    pool = make_pool(die_on_bad, 1)
    number = pool.add_log(b"var/log/bad", 0, 10)
    (done,) = drain(pool)
    assert (done.number, done.unlooked) == (
        number,
        [Unwalked(b"var/log/bad", "failed", "the scanner crashed on it")],
    )


@pytest.mark.parametrize("debug", [False, True])
def test_a_bug_that_a_file_brings_out_is_a_failed_look_and_no_trace_unless_asked_for(
    make_pool: MakePool, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], debug: bool
) -> None:
    monkeypatch.setenv("CODERED_DEBUG", "1" if debug else "")

    def serve(task: Task) -> Done:
        if any(b"bad" in name for name in names_of(task)):
            raise ZeroDivisionError("met a bad file")
        return echo(task)

    pool = make_pool(serve, 1)
    pool.add_files([folder(1, b"a", b"bad", b"c")])
    answers = drain(pool)
    assert unlooked(answers) == [Unwalked(b"d1/bad", "failed", "the scanner crashed on it")]
    assert served(answers) == [b"d1/a", b"d1/c"]
    assert ("ZeroDivisionError" in capfd.readouterr().err) == debug


def test_a_worker_that_was_killed_from_outside_loses_nothing(make_pool: MakePool) -> None:
    """What it held is tried again alone, and this time nobody is killed."""

    def serve(task: Task) -> Done:
        if isinstance(task, FilesTask) and not task.alone and task.number == 3:
            os.kill(os.getpid(), signal.SIGKILL)
        return echo(task)

    pool = make_pool(serve, 1)
    for n in range(8):
        pool.add_files([folder(n, b"a", b"b")])
    answers = drain(pool)
    assert unlooked(answers) == []
    assert served(answers) == sorted(b"d%d/%s" % (n, name) for n in range(8) for name in (b"a", b"b"))


def test_a_file_on_which_a_worker_hangs_is_given_up(make_pool: MakePool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool_module, "STUCK_AFTER", 1.0)

    def serve(task: Task) -> Done:
        while any(b"endless" in name for name in names_of(task)):
            time.sleep(1)
        return echo(task)

    pool = make_pool(serve, 1)
    pool.add_files([folder(1, b"a", b"endless")])
    pool.add_files([folder(2, b"b")])
    answers = drain(pool)
    assert unlooked(answers) == [Unwalked(b"d1/endless", "failed", "no answer for 1 s: given up")]
    assert served(answers) == [b"d1/a", b"d2/b"]


def send_raw(data: bytes) -> None:
    """What a worker that was broken into does: write to its pipe itself."""
    for name in os.listdir("/proc/self/fd"):
        with contextlib.suppress(OSError):
            if stat.S_ISSOCK(os.fstat(int(name)).st_mode):
                os.write(int(name), data)


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        ((1000).to_bytes(4, "big") + b"half", "no answer for 1 s: given up"),
        (b"\x7f\xff\xff\xff" + b"x" * 1000, "the scanner crashed on it"),
        (b"\0\0\0\4nope", "the scanner crashed on it"),
    ],
)
def test_a_broken_worker_neither_stops_nor_fills_the_scan(
    make_pool: MakePool, monkeypatch: pytest.MonkeyPatch, sent: bytes, why: str
) -> None:
    monkeypatch.setattr(pool_module, "STUCK_AFTER", 1.0)

    def serve(task: Task) -> Done:
        if any(b"evil" in name for name in names_of(task)):
            send_raw(sent)
            signal.pause()
        return echo(task)

    pool = make_pool(serve, 1)
    pool.add_files([folder(1, b"evil")])
    pool.add_files([folder(2, b"b")])
    answers = drain(pool)
    assert (unlooked(answers), served(answers)) == ([Unwalked(b"d1/evil", "failed", why)], [b"d2/b"])


def test_an_answer_to_what_was_not_asked_is_none(make_pool: MakePool) -> None:
    def serve(task: Task) -> Done:
        return Done(task.number + 1) if b"d1/evil" in names_of(task) else echo(task)

    pool = make_pool(serve, 1)
    pool.add_files([folder(1, b"evil")])
    assert unlooked(drain(pool)) == [Unwalked(b"d1/evil", "failed", "the scanner crashed on it")]


def test_long_messages_both_ways_at_once_lock_nothing_up(make_pool: MakePool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool_module, "WORKERS_PER_CORE", 1)
    long = b"x" * (1 << 20)
    pool = make_pool(lambda task: Done(task.number, unlooked=[Unwalked(long, "failed", "")] * 4), 1)
    for n in range(6):
        pool.add_files([Folder(long, [b"%d" % n], [])])
    assert len(drain(pool)) == 6


def test_ctrl_c_is_the_parents_business(make_pool: MakePool) -> None:
    def serve(task: Task) -> Done:
        os.kill(os.getpid(), signal.SIGINT)
        return echo(task)

    pool = make_pool(serve, 1)
    pool.add_files([folder(1, b"a")])
    assert served(drain(pool)) == [b"d1/a"]


def test_nothing_is_left_of_a_stopped_pool(make_pool: MakePool) -> None:
    def serve(task: Task) -> Done:
        time.sleep(0.05)
        return Done(task.number, files=os.getpid())

    pool = make_pool(serve, 2)
    for n in range(40):
        pool.add_files([folder(n, b"a")])
    pids: set[int] = set()
    while not pids:
        pids |= {done.files for done in pool.collect()}
    pool.stop()
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_workers_do_not_outlive_a_parent_that_was_killed(make_pool: MakePool) -> None:
    begun = mmap.mmap(-1, mmap.PAGESIZE)  # shared: a worker can write to nothing else

    def serve(task: Task) -> Done:
        begun[0] = 1
        time.sleep(1000)
        return echo(task)

    parent = os.fork()
    if parent == 0:
        pool = Pool(serve, 1)
        pool.add_files([folder(1, b"a")])
        list(pool.collect())
        signal.pause()
    try:
        while not begun[0]:
            time.sleep(0.02)
        workers = [int(pid) for pid in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]
    finally:
        os.kill(parent, signal.SIGKILL)
        os.waitpid(parent, 0)
    assert workers
    try:
        while any(map(is_alive, workers)):
            time.sleep(0.02)
    finally:
        for worker in filter(is_alive, workers):
            os.kill(worker, signal.SIGKILL)


def is_alive(pid: int) -> bool:
    """Whether the process is there, and more than a zombie that nobody has taken leave of."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
