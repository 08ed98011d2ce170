import os
import tempfile
from pathlib import Path

import msgspec
import pytest

from codered.model.errors import WrongUse
from codered.model.target import TargetInfo, Volume
from codered.targets.offline_root import OfflineRoot
from tests.fixtures.unprivileged import run_as_nobody


def lay_out(folder: Path, *folders: str) -> str:
    for name in folders:
        (folder / name).mkdir(parents=True, exist_ok=True)
    return str(folder)


def test_a_windows_volume(tmp_path: Path) -> None:
    info = OfflineRoot(lay_out(tmp_path, "WINNT/system32")).info
    assert (info.kind, info.system, info.root) == ("offline_root", "windows", str(tmp_path))
    assert info.volumes == (Volume("", "C"),)
    assert info.offers == ("files", "logs")


def test_a_folder_a_drive(tmp_path: Path) -> None:
    info = OfflineRoot(lay_out(tmp_path, "c/inetpub", "d")).info
    assert info.system == "windows"
    assert info.volumes[:2] == (Volume("c", "C"), Volume("d", "D"))


def test_a_linux_root(tmp_path: Path) -> None:
    target = OfflineRoot(lay_out(tmp_path, "etc", "usr", "c"))
    assert (target.info.system, target.info.volumes) == ("linux", ())
    assert target.shown(b"etc/passwd") == "/etc/passwd"


def test_any_other_folder_is_taken_for_a_windows_drive(tmp_path: Path) -> None:
    """The file indicators of Windows worms must see an unpacked web root too."""
    target = OfflineRoot(lay_out(tmp_path, "scripts", "etc"))
    assert target.info.volumes == (Volume("", "C"),)
    assert target.shown(b"scripts/root.exe") == "C:\\scripts\\root.exe"


def test_a_planted_drive_folder_leaves_no_file_without_a_windows_name(tmp_path: Path) -> None:
    assert OfflineRoot(lay_out(tmp_path, "z")).shown(b"explorer.exe") == "C:\\explorer.exe"


@pytest.mark.parametrize("folder", ["c/WINNT", "c/W2K", "W2K"])
def test_where_hives_are_the_registry_can_be_asked(tmp_path: Path, folder: str) -> None:
    config = tmp_path / folder / "System32" / "Config"
    config.mkdir(parents=True)
    (config / "SOFTWARE").touch()
    (config / "system").touch()
    info = OfflineRoot(str(tmp_path)).info
    assert "registry" in info.offers
    assert info.unsupported == ()


def test_no_hives_no_gap(tmp_path: Path) -> None:
    info = OfflineRoot(lay_out(tmp_path, "WINNT/system32")).info
    assert (info.unsupported, info.offers) == ((), ("files", "logs"))


def test_the_root_is_the_real_folder(tmp_path: Path) -> None:
    lay_out(tmp_path, "volume/inetpub")
    (tmp_path / "link").symlink_to("volume")
    target = OfflineRoot(str(tmp_path / "link"))
    assert target.info.root == str(tmp_path / "volume")
    assert target.absolute(b"x") == os.fsencode(tmp_path / "volume" / "x")


@pytest.mark.parametrize("name", ["none", "file"])
def test_what_is_no_folder_is_wrong_use(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(WrongUse, match=f"{name}: no such folder"):
        OfflineRoot(str(tmp_path / name))


def test_an_unreadable_folder_is_wrong_use() -> None:
    def open_it() -> str:
        with pytest.raises(WrongUse) as caught:
            OfflineRoot(folder)
        return str(caught.value)

    with tempfile.TemporaryDirectory(dir="/tmp") as folder:  # not tmp_path: nobody may not even get that far
        os.chmod(folder, 0o100)
        answer = run_as_nobody(open_it)
    assert answer == f"{folder}: can't be read (Permission denied) — run it as somebody who may read the folder"


def test_a_name_that_no_report_can_carry_is_wrong_use(tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path) + b"/\xff"
    os.mkdir(folder)
    with pytest.raises(WrongUse, match="not UTF-8") as caught:
        OfflineRoot(os.fsdecode(folder))
    assert str(caught.value).encode().endswith(b"mount or rename the folder")


def test_what_is_known_of_it_survives_a_report(tmp_path: Path) -> None:
    info = OfflineRoot(lay_out(tmp_path / "\n\x1b[31mä", "inetpub")).info
    assert msgspec.json.decode(msgspec.json.encode(info), type=TargetInfo) == info
