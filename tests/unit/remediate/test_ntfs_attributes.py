"""What NTFS keeps of a file, on a real volume: read, hashed, given to another file; files elsewhere have none of it."""

import os
from pathlib import Path

import pytest

from codered.model.plan import FileState
from codered.remediate import ntfs_attributes
from codered.remediate.applying import apply_plan, roll_back
from codered.remediate.ntfs_attributes import NtfsStream, digest_ntfs, is_on_ntfs, read_ntfs, without_short_name
from tests.fixtures.changing import FolderTarget, make_action, make_sealed_plan
from tests.fixtures.ntfs_files import ACL, HIDDEN_SYSTEM_READ_ONLY, STREAMS, dump, furnish
from tests.fixtures.ntfs_volumes import make_ntfs, mounted_ntfs


def test_a_quarantined_file_comes_back_with_all_of_it(tmp_path: Path) -> None:
    with mounted_ntfs(make_ntfs(tmp_path / "volume"), tmp_path / "root") as root:
        (root / "scripts").mkdir()
        path = root / "scripts/Root long name.exe"
        path.write_bytes(b"INERT MARKER")
        furnish(path)
        before, target = dump(path), FolderTarget(root)
        action = make_action(target, "scripts/Root long name.exe")
        assert isinstance(action.expects, FileState)
        assert action.expects.windows.endswith("/ROOTLO~1.EXE")
        plan, case = make_sealed_plan(target, action), tmp_path / "state/cases/20261122-120000-abc123"
        apply_plan(plan, target, case)
        assert list((root / "scripts").iterdir()) == []
        held = b"".join(file.read_bytes() for file in (case / "vault").glob("*.inert"))
        assert b"INERT" not in held
        roll_back(plan, target, case)
        assert dump(path) == before
        assert sorted(os.listdir(root / "scripts")) == ["Root long name.exe"]
        assert before["system.ntfs_acl"] == ACL
        assert before["stream b'hidden.exe'"] == STREAMS[b"hidden.exe"]
        assert int.from_bytes(os.getxattr(path, "system.ntfs_attrib_be"), "big") == HIDDEN_SYSTEM_READ_ONLY


def test_each_of_them_is_part_of_the_state_but_not_the_times(tmp_path: Path) -> None:
    with mounted_ntfs(make_ntfs(tmp_path / "volume"), tmp_path / "root") as root:
        path = root / "a file.exe"
        path.write_bytes(b"INERT")
        seen = {digest(root, path)}
        os.setxattr(path, "system.ntfs_times_be", bytes(32))
        assert digest(root, path) in seen
        (root / "a file.exe:one").write_bytes(b"1")
        seen.add(digest(root, path))
        (root / "a file.exe:one").write_bytes(b"2")
        seen.add(digest(root, path))
        os.setxattr(path, "system.ntfs_acl", ACL)
        seen.add(digest(root, path))
        os.setxattr(path, "system.ntfs_attrib_be", (2).to_bytes(4, "big"))
        seen.add(digest(root, path))
        plain = digest(root, path)
        os.setxattr(path, "system.ntfs_dos_name", b"AFILE~1.EXE")
        named = digest(root, path)
        assert len({*seen, named}) == 6
        assert without_short_name(named) == plain == without_short_name(plain)


def digest(root: Path, path: Path) -> str:
    folder, fd = os.open(root, os.O_RDONLY), os.open(path, os.O_RDONLY)
    try:
        return digest_ntfs(read_ntfs(folder, path.name.encode(), fd))
    finally:
        os.close(folder)
        os.close(fd)


def test_elsewhere_there_is_nothing_of_it(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    assert digest(tmp_path, tmp_path / "file") == ""
    fd = os.open(tmp_path, os.O_RDONLY)
    try:
        assert not is_on_ntfs(fd)
    finally:
        os.close(fd)


def test_a_stream_that_is_too_large_is_said(tmp_path: Path) -> None:
    with mounted_ntfs(make_ntfs(tmp_path / "volume"), tmp_path / "root") as root:
        (root / "file").write_bytes(b"x")
        (root / "file:large").write_bytes(b"y" * 100)
        folder, fd = os.open(root, os.O_RDONLY), os.open(root / "file", os.O_RDONLY)
        try:
            with pytest.raises(OSError, match="stream of 100 bytes"):
                read_ntfs(folder, b"file", fd, most=99)
        finally:
            os.close(folder)
            os.close(fd)


def test_names_of_streams_are_hostile(tmp_path: Path) -> None:
    folder = os.open(tmp_path, os.O_RDONLY)
    try:
        for name in (b"../../etc/passwd", b"a\0b"):
            with pytest.raises(OSError, match="name can't be used"):
                ntfs_attributes.open_stream(folder, b"file", name)
        with pytest.raises(FileNotFoundError):
            ntfs_attributes.write_streams(
                folder, b"no/such", (NtfsStream(name=b"x", size=0, sha256=""),), lambda _, __: None
            )
    finally:
        os.close(folder)
