import os
from pathlib import Path

import pytest

from codered.collect import mounted_streams
from codered.collect.mounted_streams import UNLISTED, UNSEEN, MountedStreams
from codered.collect.walking import Folder, Unwalked, walk
from codered.targets.offline_root import OfflineRoot
from tests.fixtures.disk_images import make_junction
from tests.fixtures.ntfs_volumes import MIB, make_ntfs, mounted_ntfs


def see(root: Path) -> tuple[dict[bytes, bytes], list[tuple[bytes, str]]]:
    """The streams with their content, and the gaps."""
    target = OfflineRoot(str(root))
    files: dict[bytes, bytes] = {}
    gaps = []
    for item in walk(target, (b"",)):
        if isinstance(item, Unwalked):
            gaps += [(item.rel, item.why)] if item.state == "failed" else []
            continue
        for name in item.files:
            if b":" in name:
                opened = target.open_folder(item.rel)
                descriptor = opened.open(name)
                files[item.rel + b"/" + name] = os.read(descriptor, 100)
                os.close(descriptor)
                opened.close()
    return files, gaps


def test_streams_of_a_mounted_volume(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    volume = make_ntfs(tmp_path / "v", 8 * MIB)
    with mounted_ntfs(volume, tmp_path / "mnt") as root:
        (root / "web").mkdir()
        for rel in ("web/a.txt:one", "web/a.txt:two", "web:onfolder", ":onroot"):
            (root / rel).parent.joinpath(Path(rel).name).write_bytes(rel.encode())
        (root / "inside").mkdir()
        os.setxattr(root / "inside", "system.ntfs_reparse_data", make_junction("C:\\web"))
        expected = {b"web/a.txt:one": b"web/a.txt:one", b"web/a.txt:two": b"web/a.txt:two",
                    b"/web:onfolder": b"web:onfolder", b"/:onroot": b":onroot"}  # fmt: skip
        files, gaps = see(root)
        assert files == expected
        assert not [gap for gap in gaps if "stream" in gap[1]]
        monkeypatch.setattr(mounted_streams, "MOST_STREAMS", 1)
        assert (b"web/a.txt", f"{UNLISTED}: more than 1 of them") in see(root)[1]
    monkeypatch.undo()
    with mounted_ntfs(volume, tmp_path / "plain", "ro,streams_interface=xattr") as root:
        files, gaps = see(root)
        assert (files, [gap for gap in gaps if gap[1] == UNSEEN]) == ({}, [(b"", UNSEEN)])


def test_other_file_systems_are_not_asked(tmp_path: Path) -> None:
    (tmp_path / "x").touch()
    directory = os.open(tmp_path, os.O_RDONLY)
    try:
        for kind in ("ext4", "tmpfs", "fuse.sshfs"):
            assert list(MountedStreams().list_folder(directory, kind)) == []
        assert list(MountedStreams().list_folder(directory, "ntfs3")) == [(b"", UNSEEN)]
    finally:
        os.close(directory)
    assert list(walk(OfflineRoot(str(tmp_path)), (b"",))) == [Folder(b"", [b"x"], [])]
