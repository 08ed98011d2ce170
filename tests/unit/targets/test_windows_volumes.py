import os
from pathlib import Path

import pytest

from codered.model.target import Volume
from codered.targets.windows_volumes import declared_volumes, find_volumes, looks_like_volume


def lay_out(folder: Path, *folders: str) -> bytes:
    for name in folders:
        (folder / name).mkdir(parents=True, exist_ok=True)
    return os.fsencode(folder)


@pytest.mark.parametrize(
    "folder", ["inetpub", "InetPub", "WINNT/System32", "Windows/SYSTEM32", "winnt40/system32", "W2K/System32/Config"]
)
def test_signs_of_a_volume(tmp_path: Path, folder: str) -> None:
    path = lay_out(tmp_path, folder, "other")
    assert looks_like_volume(path)
    assert find_volumes(path, "mnt/x") == (Volume("mnt/x", "C"),)
    assert declared_volumes(path, "") == (Volume("", "C"),)


@pytest.mark.parametrize("folder", ["windows", "winnt/system", "W2K/system32", "inetpub2", "var/inetpub", "system32"])
def test_no_signs_of_a_volume(tmp_path: Path, folder: str) -> None:
    path = lay_out(tmp_path, folder)
    assert not looks_like_volume(path)
    assert find_volumes(path, "") == ()


def test_a_file_or_a_link_is_no_sign(tmp_path: Path) -> None:
    (tmp_path / "inetpub").touch()
    (tmp_path / "winnt").symlink_to(tmp_path / "elsewhere")
    lay_out(tmp_path / "elsewhere", "system32")
    assert not looks_like_volume(os.fsencode(tmp_path))


@pytest.mark.parametrize("names", [("c", "d"), ("C", "D"), ("c:", "d:"), ("drive_c", "drive_d"), ("C-drive", "Ddrive")])
def test_a_folder_a_drive(tmp_path: Path, names: tuple[str, str]) -> None:
    path = lay_out(tmp_path, f"{names[0]}/inetpub", names[1], "notes")
    assert find_volumes(path, "") == (Volume(names[0], "C"), Volume(names[1], "D"))
    assert find_volumes(path, "mnt")[1] == Volume(f"mnt/{names[1]}", "D")


@pytest.mark.parametrize("name", ["cd", "drive", "1", "c\n", "\N{KELVIN SIGN}", "\N{LATIN SMALL LETTER LONG S}", "cc:"])
def test_names_that_are_no_drive(tmp_path: Path, name: str) -> None:
    assert find_volumes(lay_out(tmp_path, f"{name}/inetpub"), "") == ()


def test_drive_folders_need_a_sign_unless_the_user_gives_his_word(tmp_path: Path) -> None:
    path = lay_out(tmp_path, "c", "d")
    assert find_volumes(path, "") == ()
    assert declared_volumes(path, "")[:2] == (Volume("c", "C"), Volume("d", "D"))


@pytest.mark.parametrize("folders", [("z", "data"), ("z/inetpub", "data")])
def test_a_planted_drive_folder_hides_nothing(tmp_path: Path, folders: tuple[str, ...]) -> None:
    volumes = declared_volumes(lay_out(tmp_path, *folders), "")
    assert volumes == (Volume("z", "Z"), Volume("", "C"))


def test_without_any_sign_it_is_drive_c(tmp_path: Path) -> None:
    assert declared_volumes(lay_out(tmp_path, "data"), "p") == (Volume("p", "C"),)


def test_names_that_are_no_text(tmp_path: Path) -> None:
    os.mkdir(os.fsencode(tmp_path) + b"/\xff")
    assert find_volumes(lay_out(tmp_path, "inetpub"), "") == (Volume("", "C"),)


def test_what_can_not_be_listed_is_no_volume(tmp_path: Path) -> None:
    assert find_volumes(os.fsencode(tmp_path / "none"), "") == ()
