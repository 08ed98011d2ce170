"""The tool's own files against what lists and git say of them."""

import hashlib
from pathlib import Path

import pytest

from codered.self_check import own_files
from codered.self_check.installation import Installation
from codered.self_check.own_files import check_checkout, check_own_files, judge_files, name_some


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "codered").mkdir()
    (tmp_path / "codered" / "scan.py").write_text("looks\n")
    return tmp_path


def listed(folder: Path) -> dict[str, str]:
    return {"codered/scan.py": hashlib.sha256((folder / "codered" / "scan.py").read_bytes()).hexdigest()}


def here(folder: Path, *, private: bool = False) -> Installation:
    return Installation("wheel", folder, private=private)


def test_what_is_as_listed_is_good_and_says_what_that_proves(folder: Path) -> None:
    found = judge_files(here(folder), listed(folder), "the wheel's RECORD", "it proves little")
    assert (found.state, found.told) == (
        "good",
        "1 files are as the wheel's RECORD says; it proves little",
    )


def test_a_changed_byte_is_wrong(folder: Path) -> None:
    before = listed(folder)
    (folder / "codered" / "scan.py").write_text("lookz\n")
    found = judge_files(here(folder), before, "the list", "")
    assert found.state == "wrong"
    assert "codered/scan.py was changed" in found.told
    assert "install it again" in found.advice


def test_missing_and_added_files_and_links_are_wrong(folder: Path) -> None:
    before = listed(folder) | {"codered/gone.py": "0" * 64}
    (folder / "codered" / "more.py").write_text("")
    (folder / "codered" / "link.py").symlink_to("scan.py")
    told = judge_files(here(folder), before, "the list", "").told
    assert "codered/gone.py is missing" in told
    assert "codered/link.py is not in the list" in told
    assert "codered/more.py is not in the list" in told


def test_a_link_in_the_place_of_a_file_is_wrong(folder: Path) -> None:
    before = listed(folder)
    (folder / "codered" / "scan.py").rename(folder / "elsewhere")
    (folder / "codered" / "scan.py").symlink_to(folder / "elsewhere")
    assert "codered/scan.py can't be read" in judge_files(here(folder), before, "the list", "").told


def test_a_private_folder_holds_nothing_but_what_is_listed(folder: Path) -> None:
    """Python runs what lies there when it starts, and compiled files in place of their source."""
    (folder / "sitecustomize.py").write_text("")
    (folder / "codered" / "__pycache__").mkdir()
    (folder / "codered" / "__pycache__" / "scan.cpython-311.pyc").write_text("")
    assert judge_files(here(folder), listed(folder), "the list", "").state == "good"
    told = judge_files(here(folder, private=True), listed(folder), "the list", "").told
    assert "sitecustomize.py is not in the list" in told
    assert "codered/__pycache__/scan.cpython-311.pyc is not in the list" in told


def test_a_checkout_is_judged_by_its_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_files, "find_changes", lambda _root: [])
    found = check_own_files(Installation("checkout", tmp_path / "src"))
    assert found.state == "good"
    assert "proves nothing of the commit, nor of compiled files" in found.told
    monkeypatch.setattr(own_files, "find_changes", lambda _root: ["src/file", "packs/new"])
    assert check_checkout(tmp_path).told == "not as it was committed: src/file, packs/new"
    monkeypatch.setattr(own_files, "find_changes", lambda _root: None)
    assert check_checkout(tmp_path).state == "unchecked"


def test_each_kind_says_what_it_can_not_prove(folder: Path) -> None:
    program = check_own_files(Installation("program", folder, folder / "codered.exe"))
    assert (program.state, program.advice) == ("unchecked", own_files.RELEASE)
    one_file = check_own_files(Installation("one-file", folder))
    assert one_file.state == "good"
    assert "proves damage, no attacker" in one_file.told
    assert check_own_files(Installation("unknown", folder)).state == "unchecked"


def test_only_the_first_few_are_named() -> None:
    assert name_some(["a", "b", "c"]) == "a, b, c"
    assert name_some("abcdef") == "a, b, c and 3 more"
