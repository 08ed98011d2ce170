"""Pages of a hive are written, and how far that came is seen."""

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from codered.remediate.file_state import ChangeFailed
from codered.remediate.pages import PageChange
from codered.remediate.registry import hive_writing
from codered.remediate.registry.hive_edits import edit_value
from codered.remediate.registry.hive_writing import (
    find_mark,
    look_at_hive,
    mark_page,
    plan_hive,
    read_hive,
    write_hive,
)
from tests.fixtures import hive_files
from tests.fixtures.registry_plans import dword_of, place

OLD = hive_files.write_hive(hive_files.key_of({"K": {"a": 1}}))
NEW = edit_value(OLD, place("K", "new"), dword_of(2))
NAME = "a01-" + "0" * 64


@pytest.fixture
def fd(tmp_path: Path) -> Iterator[int]:
    (tmp_path / "hive").write_bytes(OLD)
    os.utime(tmp_path / "hive", ns=(5, 7))
    opened = os.open(tmp_path / "hive", os.O_RDWR)
    yield opened
    os.close(opened)


def test_there_and_back(fd: int) -> None:
    pages = plan_hive(fd, OLD, NEW)
    assert len(NEW) > len(OLD)
    assert look_at_hive(fd, pages, NAME) == "before"
    write_hive(fd, pages, NAME, undo=False)
    assert (read_hive(fd), look_at_hive(fd, pages, NAME), os.fstat(fd).st_mtime_ns) == (NEW, "after", 7)
    os.pwrite(fd, mark_page(OLD[:4096], NAME), 0)
    assert look_at_hive(fd, pages, NAME) == "between"
    assert find_mark(os.pread(fd, 4096, 0)) == NAME
    assert look_at_hive(fd, pages, "a02-" + "0" * 64) == "other"
    write_hive(fd, pages, NAME, undo=True)
    assert (read_hive(fd), os.fstat(fd).st_mtime_ns) == (OLD, 7)


def test_what_somebody_else_wrote_is_seen(fd: int) -> None:
    pages = plan_hive(fd, OLD, NEW)
    os.pwrite(fd, b"!", len(OLD) - 1)
    assert look_at_hive(fd, pages, NAME) == "other"
    os.ftruncate(fd, 100)
    assert look_at_hive(fd, pages, NAME) == "other"


def test_what_is_too_large(fd: int, monkeypatch: pytest.MonkeyPatch) -> None:
    assert find_mark(OLD[:4096]) == ""
    monkeypatch.setattr(hive_writing, "MOST_HIVE", 100)
    with pytest.raises(ChangeFailed, match="more than the 100"):
        read_hive(fd)


def test_a_full_disk_is_found_out_while_the_hive_is_whole(fd: int, monkeypatch: pytest.MonkeyPatch) -> None:
    pages = plan_hive(fd, OLD, NEW)

    def fill_up(_fd: int, changes: tuple[PageChange, ...], *, undo: bool = False) -> None:
        assert not undo
        os.pwrite(fd, changes[-1].after[:100], changes[-1].offset)
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(hive_writing, "write_pages", fill_up)
    with pytest.raises(OSError, match="full"):
        write_hive(fd, pages, NAME, undo=False)
    monkeypatch.undo()
    assert os.pread(fd, len(OLD), 0) == OLD, "unmarked"
    assert os.fstat(fd).st_size > len(OLD)
    assert look_at_hive(fd, pages, NAME) == "between"
    write_hive(fd, pages, NAME, undo=True)
    assert read_hive(fd) == OLD
