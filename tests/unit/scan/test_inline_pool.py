import os

import pytest

from codered.collect.walking import Folder
from codered.scan.inline_pool import BROKEN, InlinePool, start_pool
from codered.scan.pool import Pool
from codered.scan.tasks import Done, FilesTask, Task


def serve(task: Task) -> Done:
    if not isinstance(task, FilesTask) or b"bad" in task.folders[0].files:
        raise ZeroDivisionError("a bug that a file brought out")
    return Done(task.number, files=sum(len(folder.files) for folder in task.folders))


def drain(pool: Pool) -> list[Done]:
    found: list[Done] = []
    for _ in range(50):
        if not pool.is_busy():
            return found
        found += pool.collect()
    raise AssertionError("the pool has no end")


def test_a_bug_costs_the_file_that_brought_it_out() -> None:
    pool = InlinePool(serve)
    assert pool.is_hungry()
    number = pool.add_files([Folder(b"a", [b"good", b"bad", b"fine"], [])])
    assert not pool.is_hungry()
    done = drain(pool)
    assert {one.number for one in done} == {number}
    assert sum(one.files for one in done) == 2
    (lost,) = [item for one in done for item in one.unlooked]
    assert (lost.rel, lost.state, lost.why) == (b"a/bad", "failed", BROKEN)


def test_a_bug_of_a_live_look_is_said() -> None:
    pool = InlinePool(serve)
    pool.add_live("processes")
    (done,) = drain(pool)
    assert [(item.state, item.why) for item in done.counted] == [("failed", BROKEN)]


def test_stopping_forgets_what_is_queued() -> None:
    pool = InlinePool(serve)
    pool.add_live("processes")
    pool.stop()
    assert not pool.is_busy()
    assert list(pool.collect()) == []


def test_processes_are_forked_where_that_can_be_done(monkeypatch: pytest.MonkeyPatch) -> None:
    pool = start_pool(serve, 1)
    try:
        assert type(pool) is Pool
    finally:
        pool.stop()
    monkeypatch.delattr(os, "fork")
    assert isinstance(start_pool(serve, 1), InlinePool)


def test_a_task_is_served_alone_when_its_folder_failed() -> None:
    task = FilesTask(1, [Folder(b"", [b"x", b"bad"], [])])
    assert [folder.files for folder in task.split()] == [[b"x"], [b"bad"]]
