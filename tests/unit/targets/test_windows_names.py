import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered.model.target import TargetInfo, Volume
from codered.targets.rooted import RootedTarget
from codered.targets.windows_names import canonical_windows_path, find_windows_path, shown_on_volume

ROOT = Volume("", "C")


def target_of(folder: Path, *files: str) -> RootedTarget:
    for name in files:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return RootedTarget(TargetInfo(kind="offline_root", root=str(folder)))


@pytest.mark.parametrize(
    ("path", "canonical"),
    [
        ("C:\\WINNT\\System32\\CMD.EXE", "c:\\winnt\\system32\\cmd.exe"),
        ("C:/inetpub/scripts", "c:\\inetpub\\scripts"),
        ("C:\\PROGRA~1\\COMMON~1\\System\\MSADC", "c:\\program files\\common files\\system\\msadc"),
        ("D:\\Program Files\\Common Files", "d:\\program files\\common files"),
        ("C:\\PROGRA~1x", "c:\\progra~1x"),
        ("?:\\Docume~1\\*", "?:\\documents and settings\\*"),
        ("", ""),
    ],
)
def test_the_form_two_names_of_one_file_share(path: str, canonical: str) -> None:
    assert canonical_windows_path(path) == canonical


@given(st.text())
def test_the_canonical_form_is_stable(path: str) -> None:
    once = canonical_windows_path(path)
    assert canonical_windows_path(once) == once
    assert "/" not in once


@given(st.lists(st.text(st.characters(codec="ascii", exclude_characters="\\/\0"), min_size=1), min_size=1))
def test_case_and_slashes_make_no_difference(parts: list[str]) -> None:
    assert canonical_windows_path("\\".join(parts).upper()) == canonical_windows_path("/".join(parts).lower())


@pytest.mark.parametrize(
    ("volume", "rel", "shown"),
    [
        (ROOT, b"", "C:\\"),
        (ROOT, b"inetpub/scripts/root.exe", "C:\\inetpub\\scripts\\root.exe"),
        (Volume("mnt/d", "D"), b"mnt/d/x", "D:\\x"),
        (Volume("mnt/d", "D"), b"mnt/d", "D:\\"),
        (Volume("mnt/d", "D"), b"mnt/data/x", None),
        (Volume("mnt/d", "D"), b"mnt", None),
        (Volume("mnt/d", "D"), b"", None),
    ],
)
def test_the_name_on_a_volume(volume: Volume, rel: bytes, shown: str | None) -> None:
    assert shown_on_volume(volume, rel) == shown


def test_bytes_that_are_no_text_do_not_look_like_a_folder() -> None:
    assert shown_on_volume(ROOT, b"a/tftp\xff1") == "C:\\a\\tftp\N{REPLACEMENT CHARACTER}1"


@given(st.binary())
def test_any_name_can_be_shown(rel: bytes) -> None:
    shown = shown_on_volume(ROOT, rel)
    assert shown is not None
    assert shown.encode().startswith(b"C:\\")


@pytest.mark.parametrize(
    "path",
    [
        "C:\\Inetpub\\Scripts\\root.exe",
        "c:\\inetpub\\scripts\\ROOT.EXE",
        "?:\\inetpub\\scripts\\root.exe",
    ],
)
def test_a_file_is_found_whatever_its_case(tmp_path: Path, path: str) -> None:
    target = target_of(tmp_path, "InetPub/SCRIPTS/Root.exe", "InetPub/SCRIPTS/root.exe.txt")
    assert find_windows_path(target, ROOT, path) == [b"InetPub/SCRIPTS/Root.exe"]


def test_a_file_is_found_by_long_name_and_alias(tmp_path: Path) -> None:
    target = target_of(tmp_path, "Program Files/Common Files/a.dll", "PROGRA~1/Common Files/a.dll")
    wanted = [b"PROGRA~1/Common Files/a.dll", b"Program Files/Common Files/a.dll"]
    assert sorted(find_windows_path(target, ROOT, "?:\\progra~1\\common~1\\a.dll")) == wanted
    assert sorted(find_windows_path(target, ROOT, "?:\\Program Files\\Common Files\\A.DLL")) == wanted


def test_every_spelling_that_is_there_is_found(tmp_path: Path) -> None:
    target = target_of(tmp_path, "WINNT/cmd.exe", "winnt/CMD.EXE", "Winnt/other")
    assert sorted(find_windows_path(target, ROOT, "C:\\winnt\\cmd.exe")) == [b"WINNT/cmd.exe", b"winnt/CMD.EXE"]


def test_below_a_drive_folder(tmp_path: Path) -> None:
    target = target_of(tmp_path, "c/x.exe", "d/x.exe")
    assert find_windows_path(target, Volume("d", "D"), "?:\\x.exe") == [b"d/x.exe"]
    assert find_windows_path(target, Volume("d", "D"), "d:\\x.exe") == [b"d/x.exe"]
    assert find_windows_path(target, Volume("d", "D"), "C:\\x.exe") == []


@pytest.mark.parametrize("path", ["", "C:\\", "?:\\", "x.exe", "\\x.exe", "x:\\..\\x.exe", "C:\\nothing\\x.exe"])
def test_a_path_that_is_none(tmp_path: Path, path: str) -> None:
    assert find_windows_path(target_of(tmp_path, "x.exe"), ROOT, path) == []


def test_links_are_not_followed_on_the_way(tmp_path: Path) -> None:
    target = target_of(tmp_path / "root", "winnt/cmd.exe")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "cmd.exe").touch()
    (tmp_path / "root" / "WINNT").symlink_to(tmp_path / "outside")
    assert find_windows_path(target, ROOT, "C:\\winnt\\cmd.exe") == [b"winnt/cmd.exe"]


def test_names_that_are_no_text_are_no_obstacle(tmp_path: Path) -> None:
    target = target_of(tmp_path, "winnt/cmd.exe")
    os.mkdir(os.fsencode(tmp_path) + b"/\xff\n")
    assert find_windows_path(target, ROOT, "C:\\winnt\\cmd.exe") == [b"winnt/cmd.exe"]
