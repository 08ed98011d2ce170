"""Mounting what is no good volume says why; everything below a folder is unmounted, names with odd bytes too."""

import os
from pathlib import Path

import pytest

from codered.targets.images.partitions import Partition, VolumeKind
from codered.targets.overlay.exporting import ShownVolume
from codered.targets.overlay.mounting import NotMounted, is_mounted, mount_by_kernel, mount_ntfs, unmount_below
from codered.targets.overlay.programs import find_left_over
from tests.fixtures.ntfs_volumes import make_ntfs


def show(file: Path, kind: str = "NTFS") -> ShownVolume:
    return ShownVolume(Partition(number=1, start=0, size=1 << 20, kind=VolumeKind(kind)), file)


def test_ntfs_and_what_is_none(tmp_path: Path) -> None:
    volume, at = make_ntfs(tmp_path / "volume"), tmp_path / "a b\\c" / "p1"
    at.mkdir(parents=True)
    mount_ntfs(show(volume), at, tmp_path / "log", write=True)
    try:
        assert is_mounted(at)
        (at / "new").write_bytes(b"x")
    finally:
        unmount_below(at.parent, find_left_over(tmp_path, "ntfs-3g"))
    assert not is_mounted(at)
    assert find_left_over(tmp_path, "ntfs-3g") == ()
    (tmp_path / "none").write_bytes(bytes(1 << 20))
    with pytest.raises(NotMounted, match=r"\w"):
        mount_ntfs(show(tmp_path / "none"), at, tmp_path / "log", write=True)
    assert not is_mounted(at)


def test_other_kinds_by_the_kernel(tmp_path: Path) -> None:
    at = tmp_path / "p1"
    at.mkdir()
    with pytest.raises(NotMounted, match="XFS volumes can't be changed by this version"):
        mount_by_kernel(show(tmp_path / "none", "XFS"), at, write=False)
    (tmp_path / "none").write_bytes(bytes(1 << 20))
    for kind, said in (("ext", "mount: "), ("FAT", "mount: |this kernel can't mount FAT: load its module")):
        with pytest.raises(NotMounted, match=f"^({said})"):
            mount_by_kernel(show(tmp_path / "none", kind), at, write=False)
    assert not is_mounted(at)
    unmount_below(tmp_path)
    assert os.listdir(at) == []
