import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from codered.collect.vanished import CLOCK_STEP, list_again

OLD = 1_000_000_000  # seconds


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[int]:
    descriptor = os.open(tmp_path, os.O_RDONLY)
    yield descriptor
    os.close(descriptor)


def wait_a_step() -> int:
    """A moment that is after all that was done before, also for a coarse clock."""
    time.sleep(2 * CLOCK_STEP / 1e9)
    return time.time_ns()


def test_what_only_vanished_leaves_nothing_moved(tmp_path: Path, directory: int) -> None:
    (tmp_path / "stays").touch()
    since = wait_a_step()
    assert list_again(directory, since) == (frozenset([b"stays"]), False)
    assert list_again(directory, since).names == {b"stays"}  # the descriptor is not used up


def test_new_files_and_written_ones_are_not_moved(tmp_path: Path, directory: int) -> None:
    (tmp_path / "log").touch()
    since = wait_a_step()
    (tmp_path / "new").touch()
    (tmp_path / "log").write_text("a line")
    assert not list_again(directory, since).moved


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_what_was_renamed_is_moved(tmp_path: Path, directory: int, kind: str) -> None:
    if kind == "file":
        (tmp_path / "a").touch()
    else:
        (tmp_path / "a").mkdir()
    os.utime(tmp_path / "a", (OLD, OLD))
    since = wait_a_step()
    (tmp_path / "a").rename(tmp_path / "b")
    assert list_again(directory, since) == (frozenset([b"b"]), True)
