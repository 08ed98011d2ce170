import os
from pathlib import Path

import pytest

from codered.model.target import TargetInfo, Volume
from codered.targets.rooted import RootedTarget


def target_of(root: Path, *volumes: Volume, live: bool = False) -> RootedTarget:
    return RootedTarget(TargetInfo(kind="live_linux" if live else "offline_root", root=str(root), volumes=volumes))


def test_everything_is_opened_below_the_root(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "file").write_text("inside")
    target = target_of(tmp_path)
    directory = target.open_dir(b"a")
    descriptors = [target.open_file(b"a/file"), target.open_at(directory, b"file")]
    assert [os.pread(descriptor, 10, 0) for descriptor in descriptors] == [b"inside", b"inside"]
    for descriptor in (directory, *descriptors):
        os.close(descriptor)


def test_the_root_stays_the_folder_it_was(tmp_path: Path) -> None:
    """Whoever swaps the path of the root while we work doesn't send us elsewhere."""
    root = tmp_path / "root"
    root.mkdir()
    (root / "file").write_text("inside")
    target = target_of(root)
    root.rename(tmp_path / "moved")
    root.mkdir()
    (root / "file").write_text("planted")
    descriptor = target.open_file(b"file")
    assert os.pread(descriptor, 10, 0) == b"inside"
    os.close(descriptor)


def test_absolute_paths(tmp_path: Path) -> None:
    target = target_of(tmp_path)
    assert target.absolute(b"a/\xff") == os.fsencode(tmp_path) + b"/a/\xff"
    assert target.absolute(b"") == os.fsencode(tmp_path)
    assert target_of(Path("/")).absolute(b"etc") == b"/etc"


def test_names_on_the_volumes(tmp_path: Path) -> None:
    target = target_of(tmp_path, Volume("c", "C"), Volume("d", "D"))
    assert target.shown(b"d/x") == "D:\\x"
    assert target.shown(b"c") == "C:\\"


@pytest.mark.parametrize(("live", "shown"), [(False, "/notes/\\xff"), (True, None)])
def test_names_outside_of_the_volumes(tmp_path: Path, live: bool, shown: str | None) -> None:
    assert target_of(tmp_path, Volume("c", "C"), live=live).shown(b"notes/\xff") == shown


def test_a_windows_path_is_sought_on_every_volume(tmp_path: Path) -> None:
    for drive in ("c", "d"):
        (tmp_path / drive / "WINNT").mkdir(parents=True)
        (tmp_path / drive / "WINNT" / "cmd.exe").touch()
    target = target_of(tmp_path, Volume("c", "C"), Volume("d", "D"))
    assert target.find("?:\\winnt\\CMD.EXE") == [b"c/WINNT/cmd.exe", b"d/WINNT/cmd.exe"]
    assert target.find("D:\\winnt\\cmd.exe") == [b"d/WINNT/cmd.exe"]
    assert target_of(tmp_path).find("?:\\winnt\\cmd.exe") == []


def test_another_path_lies_where_it_says(tmp_path: Path) -> None:
    assert target_of(tmp_path).find("/etc/passwd") == [b"etc/passwd"]


def test_files_may_be_changed(tmp_path: Path) -> None:
    assert target_of(tmp_path).changeable


def test_no_such_root(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        target_of(tmp_path / "none")
