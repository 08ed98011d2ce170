import fcntl
import multiprocessing
import os
import signal
from pathlib import Path

import pytest
from msgspec.structs import replace

from codered.model.paths import FilePath
from codered.model.target import TargetInfo
from codered.remediate import account_lock
from codered.remediate.account_lock import hold_account_lock
from codered.remediate.file_state import ChangeFailed
from tests.fixtures.changing import FolderTarget


class LiveFolder(FolderTarget):
    """A folder that says it is the running host."""

    @property
    def info(self) -> TargetInfo:
        return replace(super().info, kind="live_linux")


@pytest.fixture
def etc(root: Path) -> Path:
    (root / "etc").mkdir()
    (root / "etc/.pwd.lock").touch(0o600)
    return root / "etc"


def is_free(lock: Path) -> bool:
    """Asked by another process: a lock is no obstacle to its own one."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(try_lock, (str(lock),))


def try_lock(lock: str) -> bool:
    fd = os.open(lock, os.O_RDWR)
    try:
        fcntl.lockf(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    finally:
        os.close(fd)
    return True


def test_it_is_held_for_account_files_of_the_host(root: Path, etc: Path) -> None:
    with hold_account_lock(FilePath(str(etc / "passwd")), LiveFolder(root)):
        assert not is_free(etc / ".pwd.lock")
    assert is_free(etc / ".pwd.lock")


def test_nothing_is_locked_elsewhere(root: Path, etc: Path) -> None:
    for path, target in ((etc / "crontab", LiveFolder(root)), (etc / "passwd", FolderTarget(root))):
        with hold_account_lock(FilePath(str(path)), target):
            assert is_free(etc / ".pwd.lock")


def test_where_no_lock_was_ever_made(root: Path, etc: Path) -> None:
    (etc / ".pwd.lock").unlink()
    with hold_account_lock(FilePath(str(etc / "passwd")), LiveFolder(root)):
        assert os.listdir(etc) == []


def test_somebody_else_holds_it(root: Path, etc: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(account_lock, "_TRIES", 2)
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        fd = os.open(etc / ".pwd.lock", os.O_RDWR)
        fcntl.lockf(fd, fcntl.LOCK_EX)
        os.write(write, b"x")
        signal.pause()
        os._exit(0)
    try:
        os.read(read, 1)
        with (
            pytest.raises(ChangeFailed, match="is held"),
            hold_account_lock(FilePath(str(etc / "shadow")), LiveFolder(root)),
        ):
            pytest.fail("it was not held")
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(read)
        os.close(write)
