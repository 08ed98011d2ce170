import os
import struct
from pathlib import Path

import pytest

from codered.remediate.attributes import (
    FolderBefore,
    read_attributes,
    read_folder,
    restore_folder_times,
    write_attributes,
)

NOBODY = 65534


def make_acl(user: int) -> bytes:
    """A POSIX ACL in the kernel's form: u::rw- u:<user>:r-- g::r-- m::r-- o::---"""
    entries = [(1, 6, 0xFFFFFFFF), (2, 4, user), (4, 4, 0xFFFFFFFF), (0x10, 4, 0xFFFFFFFF), (0x20, 0, 0xFFFFFFFF)]
    return struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in entries)


def test_everything_is_given_to_another_file(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_bytes(b"x")
    two.write_bytes(b"y")
    os.setxattr(one, "user.note", b"kept")
    os.setxattr(one, "system.posix_acl_access", make_acl(1000))
    os.setxattr(two, "user.stray", b"goes")
    os.chown(one, NOBODY, NOBODY)
    one.chmod(0o4640)
    os.utime(one, ns=(1_000_000_001, 1_000_000_002))
    source, out = os.open(one, os.O_RDONLY), os.open(two, os.O_RDWR)
    wanted = read_attributes(source)
    assert dict(wanted.xattrs)[b"user.note"] == b"kept"
    write_attributes(out, wanted)
    assert read_attributes(out) == wanted
    assert wanted.mode == 0o4640
    os.close(source)
    os.close(out)


def test_capabilities_survive(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_bytes(b"x")
    two.write_bytes(b"y")
    capability = struct.pack("<IIIII", 0x02000001, 0x400, 0, 0, 0)  # cap_net_bind_service+ep
    os.setxattr(one, "security.capability", capability)
    source, out = os.open(one, os.O_RDONLY), os.open(two, os.O_RDWR)
    write_attributes(out, read_attributes(source))
    assert os.getxattr(two, "security.capability") == capability
    os.close(source)
    os.close(out)


def test_an_inherited_acl_goes(tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.write_bytes(b"x")
    folder = tmp_path / "folder"
    folder.mkdir()
    os.setxattr(folder, "system.posix_acl_default", make_acl(1000))
    (folder / "new").write_bytes(b"x")
    assert "system.posix_acl_access" in os.listxattr(folder / "new")
    source, out = os.open(plain, os.O_RDONLY), os.open(folder / "new", os.O_RDWR)
    write_attributes(out, read_attributes(source))
    assert os.listxattr(folder / "new") == []
    assert (folder / "new").stat().st_mode == plain.stat().st_mode
    os.close(source)
    os.close(out)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "file").write_bytes(b"")
    os.utime(tmp_path, ns=(1_000_000_001, 1_000_000_002))
    return tmp_path


def remember(folder: Path) -> tuple[int, FolderBefore]:
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    return fd, read_folder(fd)


def test_a_folder_with_the_same_names_gets_its_times_back(folder: Path) -> None:
    fd, before = remember(folder)
    (folder / "file").unlink()
    (folder / "file").write_bytes(b"")
    assert folder.stat().st_mtime_ns != before.mtime_ns
    restore_folder_times(fd, before)
    assert (folder.stat().st_atime_ns, folder.stat().st_mtime_ns) == (1_000_000_001, 1_000_000_002)
    os.close(fd)


def test_a_folder_with_other_names_keeps_its_times(folder: Path) -> None:
    fd, before = remember(folder)
    (folder / "more").write_bytes(b"")
    os.utime(folder, ns=(3, 3))
    restore_folder_times(fd, before)
    assert folder.stat().st_mtime_ns == 3
    os.close(fd)


def test_too_many_names_are_not_remembered(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("codered.remediate.attributes._MOST_NAMES", 0)
    fd, before = remember(folder)
    assert before.names == ""
    os.utime(folder, ns=(3, 3))
    restore_folder_times(fd, before)
    assert folder.stat().st_mtime_ns == 3
    os.close(fd)
