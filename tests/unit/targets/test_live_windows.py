"""The same class on folders of this machine in the place of drives; tests/windows runs it on Windows."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from codered.collect.walking import Folder, Unwalked, walk
from codered.model.target import ListingTarget
from codered.targets.live_windows import KEPT_ELSEWHERE, LINK, NO_STREAM_LIST, LiveWindows, rel_of


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


def test_a_folder_is_held_for_changes_and_not_for_reading(tmp_path: Path) -> None:
    target = make_target(tmp_path)
    directory = target.open_dir(b"C:/inetpub/scripts")
    try:
        os.close(target.open_at(directory, b"root.exe"))
    finally:
        os.close(directory)
    assert target.open_folder(b"C:/inetpub").descriptor == -1


@pytest.mark.parametrize(
    ("attributes", "tag", "kind", "is_gap"),
    [(0x1020, 0, "file", False), (0x40000, 0, "other", True), (0x400000, 0, "other", True),
     (0x420, 0x9000601A, "other", True), (0x420, 0xC0000004, "other", True), (0x420, 0x80000017, "file", False),
     (0x420, 0x80000099, "other", True)],
)  # fmt: skip
def test_only_what_would_be_fetched_is_passed_over_and_a_gap(
    tmp_path: Path, attributes: int, tag: int, kind: str, *, is_gap: bool
) -> None:
    status = SimpleNamespace(st_reparse_tag=tag, st_file_attributes=attributes, st_mode=stat.S_IFREG | 0o644)
    found = make_target(tmp_path)._judge_entry(b"C:", entry_of("x", status))
    assert (found.kind, found.is_gap) == (kind, is_gap)
    if attributes & 0x440000:
        assert found.why == KEPT_ELSEWHERE


def entry_of(name: str, status: SimpleNamespace) -> "os.DirEntry[str]":
    made = SimpleNamespace(name=name, path=name, is_symlink=lambda: False, stat=lambda follow_symlinks: status)
    return cast("os.DirEntry[str]", made)


@pytest.mark.parametrize(("leads", "is_gap"), [("C:\\Users", False), ("C:\\worm", True), ("D:\\x", True)])
def test_attributes_do_not_make_a_junction_the_systems_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, leads: str, *, is_gap: bool
) -> None:
    monkeypatch.setattr("os.readlink", lambda _path: leads)
    monkeypatch.setattr("os.path.join", lambda _folder, text: text)
    status = SimpleNamespace(st_reparse_tag=0xA0000003, st_file_attributes=0x2416, st_mode=stat.S_IFDIR)
    found = make_target_of(tmp_path)._judge_entry(b"C:", entry_of("Documents and Settings", status))
    assert (found.kind, found.is_gap) == ("link", is_gap)


def make_target_of(folder: Path) -> LiveWindows:
    return LiveWindows(drives={"C": str(folder)})


def test_streams_that_can_not_be_listed_are_a_gap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(path: str) -> Iterator[str]:
        yield "one"
        raise PermissionError(13, "Permission denied", path)

    target = make_target(tmp_path)
    monkeypatch.setattr("codered.targets.live_windows.list_streams", fail)
    found = list(walk(target, (b"C:/inetpub/scripts",)))
    assert Folder(b"C:/inetpub/scripts", [b"root.exe", b"root.exe:one"], []) in found
    why = f"{NO_STREAM_LIST}: Permission denied"
    assert Unwalked(b"C:/inetpub/scripts/root.exe", "failed", why) in found
