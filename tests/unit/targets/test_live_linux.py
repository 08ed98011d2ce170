import os
import socket
from pathlib import Path

import msgspec
import pytest

from codered.model.target import Volume
from codered.targets.live_linux import LiveLinux, name_host


def test_this_host() -> None:
    info = LiveLinux().info
    assert (info.kind, info.system, info.root, info.volumes) == ("live_linux", "linux", "/", ())
    assert info.host == socket.gethostname()
    assert "files" in info.offers


def test_a_whole_host_has_more_to_offer_than_paths_of_it(tmp_path: Path) -> None:
    live = {"processes", "memory", "network", "autostart", "accounts"}
    assert live <= set(LiveLinux().info.offers)
    assert not live & set(LiveLinux((os.fsencode(tmp_path),)).info.offers)
    assert not live & set(LiveLinux((), "log_files").info.offers)


def test_a_mounted_windows_disk_gets_its_windows_names(tmp_path: Path) -> None:
    (tmp_path / "disk" / "Inetpub").mkdir(parents=True)
    (tmp_path / "other").mkdir()
    target = LiveLinux((os.fsencode(tmp_path / "other"), os.fsencode(tmp_path / "disk")))
    prefix = str(tmp_path / "disk").lstrip("/")
    assert target.info.volumes == (Volume(prefix, "C"),)
    assert target.shown(os.fsencode(f"{prefix}/Inetpub/x.asp")) == "C:\\Inetpub\\x.asp"
    assert target.shown(os.fsencode(tmp_path / "other" / "x").lstrip(b"/")) is None
    assert target.find("?:\\inetpub") == [os.fsencode(prefix + "/Inetpub")]


def test_a_scope_that_is_a_file_or_gone_is_no_volume(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    scope = (os.fsencode(tmp_path / "file"), os.fsencode(tmp_path / "none"))
    assert LiveLinux(scope).info.volumes == ()


def test_a_host_name_that_is_no_text_does_not_break_the_report(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: os.fsdecode(b"web\xff"))
    assert name_host() == "web\\xff"
    assert b"web" in msgspec.json.encode(LiveLinux().info)


def test_a_part_of_a_volume_has_windows_names_too(tmp_path: Path) -> None:
    (tmp_path / "disk/Inetpub/Scripts").mkdir(parents=True)
    target = LiveLinux((bytes(tmp_path / "disk/Inetpub/Scripts"),))
    rel = bytes(tmp_path / "disk/Inetpub/Scripts/root.exe")[1:]
    assert target.shown(rel) == "C:\\Inetpub\\Scripts\\root.exe"


def test_a_part_of_a_drive_folder_has_its_letter(tmp_path: Path) -> None:
    (tmp_path / "vol/c/WINNT/system32").mkdir(parents=True)
    (tmp_path / "vol/d/Inetpub/Scripts").mkdir(parents=True)
    (tmp_path / "vol/e/data/deep").mkdir(parents=True)
    (tmp_path / "vol/e/data/file").touch()
    for part, drive in (("d/Inetpub", "d"), ("d/Inetpub/Scripts", "d"), ("e/data/deep", "e"), ("e/data/file", "e")):
        volumes = LiveLinux((bytes(tmp_path / "vol" / part),)).info.volumes
        assert volumes == (Volume(f"{tmp_path}/vol/{drive}"[1:], drive.upper()),)


def test_a_volume_beside_the_path_is_none_of_it(tmp_path: Path) -> None:
    (tmp_path / "c/Inetpub").mkdir(parents=True)
    (tmp_path / "other/deep").mkdir(parents=True)
    assert LiveLinux((bytes(tmp_path / "other/deep"),)).info.volumes == ()


def test_logs_say_nothing_of_a_volume(tmp_path: Path) -> None:
    (tmp_path / "Inetpub/logs").mkdir(parents=True)
    assert LiveLinux((bytes(tmp_path / "Inetpub/logs"), bytes(tmp_path)), "log_files").info.volumes == ()
