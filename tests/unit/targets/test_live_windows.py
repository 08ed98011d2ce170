"""The same class on folders of this machine in the place of drives; tests/windows runs it on Windows."""

import os
from pathlib import Path

import pytest

from codered.collect.walking import Folder, Unwalked, walk
from codered.model.target import ListingTarget
from codered.targets.live_windows import LINK, LiveWindows, rel_of


def make_target(tmp_path: Path) -> LiveWindows:
    root = tmp_path / "c"
    (root / "inetpub" / "scripts").mkdir(parents=True)
    (root / "inetpub" / "scripts" / "root.exe").write_bytes(b"marker")
    (root / "inetpub" / "away").symlink_to(tmp_path)
    return LiveWindows(drives={"C": str(root)})


def test_what_it_is(tmp_path: Path) -> None:
    target = make_target(tmp_path)
    assert isinstance(target, ListingTarget)
    assert (target.info.kind, target.info.root, target.info.system) == ("live_windows", "", "windows")
    assert [(volume.prefix, volume.drive) for volume in target.info.volumes] == [("C:", "C")]
    assert {"processes", "registry", "memory"} <= set(target.info.offers)
    assert "processes" not in LiveWindows((b"C:\\x",), drives={}).info.offers
    assert LiveWindows((b"C:\\x",), "log_files", {}).info.host == ""


def test_files_are_listed_read_and_named_as_windows_does(tmp_path: Path) -> None:
    target = make_target(tmp_path)
    walked = list(walk(target, (b"C:/inetpub",)))
    assert Folder(b"C:/inetpub/scripts", [b"root.exe"], []) in walked
    assert Unwalked(b"C:/inetpub/away", "failed", LINK) in walked
    rel = b"C:/inetpub/scripts/root.exe"
    assert target.absolute(rel) == b"C:\\inetpub\\scripts\\root.exe"
    assert target.shown(rel) == "C:\\inetpub\\scripts\\root.exe"
    assert target.absolute(b"C:") == b"C:\\"
    assert target.find("?:\\INETPUB\\Scripts\\ROOT.exe") == [rel]
    assert target.find("/unix") == []
    for descriptor in (target.open_file(rel), target.open_folder(b"C:/inetpub/scripts").open(b"root.exe")):
        try:
            assert os.read(descriptor, 100) == b"marker"
        finally:
            os.close(descriptor)


@pytest.mark.parametrize("rel", [b"D:/x", b"C:/inetpub/../x", b"C:/inetpub//x", b"inetpub", b"", b"C:/away/x"])
def test_what_is_not_on_a_drive_or_behind_a_link_is_not_opened(tmp_path: Path, rel: bytes) -> None:
    target = make_target(tmp_path)
    with pytest.raises(OSError, match=r"drive|link|No such"):
        target.open_file(rel)


def test_a_link_on_the_way_is_not_passed(tmp_path: Path) -> None:
    target = make_target(tmp_path)
    with pytest.raises(OSError, match="link"):
        target.open_folder(b"C:/inetpub/away")
    with pytest.raises(OSError, match="link"):
        target.open_file(b"C:/inetpub/away/c/inetpub/scripts/root.exe")


def test_a_link_into_what_is_scanned_is_no_gap(tmp_path: Path) -> None:
    target = make_target(tmp_path)
    (tmp_path / "c" / "inetpub" / "copy").symlink_to("C:\\inetpub\\scripts")
    entries = {entry.name: entry for entry in target.list_folder(b"C:/inetpub")}
    assert entries[b"copy"].kind == "link"
    assert entries[b"scripts"].kind == "folder"


@pytest.mark.parametrize(
    ("path", "rel"), [("C:\\", b"C:"), ("C:\\inetpub\\x.asp", b"C:/inetpub/x.asp"), ("\\\\?\\D:\\x\\", b"D:/x")]
)
def test_paths_of_windows_become_paths_below_the_root(path: str, rel: bytes) -> None:
    assert rel_of(path) == rel


def test_there_are_no_descriptors_of_folders(tmp_path: Path) -> None:
    target = make_target(tmp_path)
    with pytest.raises(OSError, match="no descriptors"):
        target.open_dir(b"C:")
    with pytest.raises(OSError, match="no descriptors"):
        target.open_at(3, b"x")
    assert target.open_folder(b"C:/inetpub").descriptor == -1
