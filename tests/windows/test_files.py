"""Files, folders and drives by the calls of Windows."""

import ctypes
import os
import sys
from pathlib import Path

import pytest

from codered.collect.walking import Folder, walk
from codered.system import private_files
from codered.system.descriptors import READ_FILE, read_at
from codered.system.private_files import make_private_folder, state_home
from codered.system.rights import count_cores, is_administrator
from codered.system.windows_files import (
    IN_USE,
    check_folder,
    list_drives,
    list_other_drives,
    list_streams,
    open_shared,
)
from codered.targets import open_target
from codered.targets.live_windows import LiveWindows, rel_of

assert sys.platform == "win32"


def long_form(path: Path) -> str:
    return "\\\\?\\" + str(path)


def test_the_drive_of_the_system_is_a_fixed_one() -> None:
    assert "C" in list_drives()
    assert not any(each.startswith("C:") for each in list_other_drives())
    target = open_target()
    assert isinstance(target, LiveWindows)
    assert {"registry", "processes", "memory", "files"} <= set(target.info.offers)
    assert target.info.host


def test_content_comes_as_it_is_and_from_anywhere(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"one\r\ntwo\x1athree")
    for descriptor in (os.open(tmp_path / "x", READ_FILE), open_shared(long_form(tmp_path / "x"))):
        try:
            assert read_at(descriptor, 5, 3) == b"\r\ntwo"
            assert read_at(descriptor, 100, 0) == b"one\r\ntwo\x1athree"
        finally:
            os.close(descriptor)


def test_an_open_file_is_in_nobodys_way(tmp_path: Path) -> None:
    file = tmp_path / "busy.exe"
    file.write_bytes(b"marker")
    descriptor = open_shared(long_form(file))
    try:
        file.rename(tmp_path / "moved.exe")
        (tmp_path / "moved.exe").unlink()
    finally:
        os.close(descriptor)


def test_a_file_that_is_not_shared_is_said_to_be_in_use(tmp_path: Path) -> None:
    file = tmp_path / "locked"
    file.write_bytes(b"x")
    kernel = ctypes.WinDLL("kernel32")
    kernel.CreateFileW.restype = ctypes.c_void_p
    handle = kernel.CreateFileW(str(file), 0xC0000000, 0, None, 3, 0, None)
    try:
        with pytest.raises(PermissionError, match=IN_USE):
            open_shared(long_form(file))
    finally:
        kernel.CloseHandle(ctypes.c_void_p(handle))


def test_a_folder_is_no_file_and_a_file_no_folder(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"")
    check_folder(long_form(tmp_path))
    with pytest.raises(IsADirectoryError):
        open_shared(long_form(tmp_path))
    with pytest.raises(NotADirectoryError):
        check_folder(long_form(tmp_path / "x"))
    with pytest.raises(FileNotFoundError):
        open_shared(long_form(tmp_path / "none"))
    assert list(list_streams(long_form(tmp_path / "x"))) == []  # Wine has none; on NTFS they are named


def test_the_target_walks_reads_and_finds_in_any_case(tmp_path: Path) -> None:
    deep = tmp_path
    for _ in range(4):  # Wine can't name what is deeper than 260 characters; Windows can
        deep = deep / ("long name " * 3).strip()
    os.makedirs(long_form(deep))
    with open(long_form(deep / "x.txt"), "wb") as file:
        file.write(b"deep")
    target = open_target()
    rel = rel_of(str(deep))
    assert Folder(rel, [b"x.txt"], []) in list(walk(target, (rel_of(str(tmp_path)),)))
    descriptor = target.open_folder(rel).open(b"x.txt")
    try:
        assert read_at(descriptor, 10, 0) == b"deep"
    finally:
        os.close(descriptor)
    assert target.absolute(rel) == os.fsencode(str(deep))
    assert target.find(str(deep).upper() + "\\X.TXT") == [rel + b"/x.txt"]


def test_state_is_the_machines_own_for_administrators(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert is_administrator()  # Wine's user always is
    assert count_cores() >= 1
    assert state_home() == Path(os.environ["PROGRAMDATA"]) / "CodeRed"
    monkeypatch.setattr(private_files, "is_administrator", lambda: False)
    assert state_home() == Path(os.environ["LOCALAPPDATA"]) / "codered"
    make_private_folder(tmp_path / "a" / "b")
    make_private_folder(tmp_path / "a" / "b")
    (tmp_path / "a" / "b" / "x").write_bytes(b"ours")
