import hashlib
import os
import stat
from pathlib import Path

import pytest
from blake3 import blake3

from codered.collect import file_hashing
from codered.collect.file_hashing import CHANGES, GONE, MOST_KEPT, FileRead, hash_of, read_file
from codered.collect.walking import Unwalked
from codered.targets import open_target


def _read(folder: Path, name: str) -> FileRead | Unwalked:
    directory = os.open(folder, os.O_RDONLY)
    try:
        return read_file(open_target(str(folder)), directory, name.encode())
    finally:
        os.close(directory)


@pytest.mark.parametrize("size", [0, 1, MOST_KEPT, MOST_KEPT + 1, 3 * MOST_KEPT])
def test_a_file_is_hashed_whole_and_a_small_one_handed_on(tmp_path: Path, size: int) -> None:
    content = os.urandom(size)
    (tmp_path / "f").write_bytes(content)
    read = _read(tmp_path, "f")
    assert isinstance(read, FileRead)
    assert read.record.digest == blake3(content).digest()
    assert read.record.size == read.state.size == size
    assert read.data == (content if size <= MOST_KEPT else content[:4096])
    directory = os.open(tmp_path, os.O_RDONLY)
    target = open_target(str(tmp_path))
    assert hash_of(target, directory, b"f") == hashlib.sha256(content).hexdigest()
    assert hash_of(target, directory, b"f", "md5") == hashlib.md5(content).hexdigest()
    assert hash_of(target, directory, b"none") == ""
    os.close(directory)


def test_links_folders_and_devices_are_described_not_read(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("/etc/passwd")
    (tmp_path / "folder").mkdir(mode=0o711)
    os.mkfifo(tmp_path / "fifo")
    link, folder, fifo = (_read(tmp_path, name) for name in ("link", "folder", "fifo"))
    assert isinstance(link, FileRead)
    assert isinstance(folder, FileRead)
    assert isinstance(fifo, FileRead)
    assert (link.record.link, link.record.digest) == (b"/etc/passwd", b"")
    assert stat.S_IMODE(folder.record.mode) == 0o711
    assert stat.S_ISFIFO(fifo.record.mode)


def test_capabilities_are_part_of_it_and_other_attributes_are_not(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_text("x")
    value = bytes.fromhex("0100000200040000000000000000000000000000")
    os.setxattr(path, "security.capability", value)
    os.setxattr(path, "user.note", b"x")
    read = _read(tmp_path, "f")
    assert isinstance(read, FileRead)
    assert read.record.xattrs == (("security.capability", value),)


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    assert _read(tmp_path, "none") == Unwalked(b"none", "failed", GONE)


def test_a_file_that_changes_while_it_is_read_is_tried_once_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"x")
    usual, left = file_hashing._hash, [1]

    def hash_and_grow(descriptor: int, size: int) -> tuple[bytes, bytes, int]:
        done = usual(descriptor, size)
        if left and left.pop():
            with path.open("ab") as file:
                file.write(b"y")
        return done

    monkeypatch.setattr(file_hashing, "_hash", hash_and_grow)
    read = _read(tmp_path, "log")
    assert isinstance(read, FileRead)
    assert (read.data, read.record.digest) == (b"xy", blake3(b"xy").digest())
    left += [1, 1]
    assert _read(tmp_path, "log") == Unwalked(b"log", "failed", CHANGES)
