import os
from pathlib import Path

import pytest

from codered.sources.folders import TooMuch, folder_here, folder_of_target, read_at_most, read_small
from tests.fixtures.changing import FolderTarget


def test_names_and_files(target: FolderTarget, tmp_path: Path) -> None:
    (tmp_path / "root/d").mkdir()
    (tmp_path / "root/d/b").write_bytes(b"hello")
    (tmp_path / "root/d/a").touch()
    for folder in (folder_here(tmp_path / "root/d"), folder_of_target(target, b"d")):
        assert folder.shown == str(tmp_path / "root/d")
        assert folder.names() == ["a", "b"]
        with folder.file("b") as descriptor:
            assert read_at_most(descriptor, 5, "b") == b"hello"
        with folder.file("b") as descriptor, pytest.raises(TooMuch, match="b has more than 4"):
            read_at_most(descriptor, 4, "b")


def test_what_is_no_file_is_not_opened(tmp_path: Path) -> None:
    folder = folder_here(tmp_path)
    (tmp_path / "link").symlink_to("/etc/passwd")
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "dir").mkdir()
    for name in ("link", "fifo", "dir", "none"):
        with pytest.raises(OSError), folder.file(name):
            pass


def test_a_folder_that_is_not_there_has_no_names(target: FolderTarget, tmp_path: Path) -> None:
    assert folder_of_target(target, b"none").names() == []
    (tmp_path / "root/link").symlink_to("/etc")
    assert folder_of_target(target, b"link").names() == []


def test_small_records(target: FolderTarget, tmp_path: Path) -> None:
    (tmp_path / "root/x").write_bytes(b"hello")
    assert read_small(target, b"x", 3) == b"hel"
    assert read_small(target, b"none", 3) == b""
    os.mkfifo(tmp_path / "root/fifo")
    assert read_small(target, b"fifo", 3) == b""
