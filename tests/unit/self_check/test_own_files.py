"""The tool's own files against what lists and git say of them."""

import hashlib
import subprocess
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


def git(root: Path, *words: str) -> None:
    mail = ["-c", "user.name=t", "-c", "user.email=t@example.invalid"]
    subprocess.run(["git", "-C", str(root), *mail, *words], check=True, capture_output=True)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for name in ("src", "packs", "docs"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text("as committed\n")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "all")
    return tmp_path


def test_a_checkout_as_committed_is_good(checkout: Path) -> None:
    (checkout / "docs" / "file").write_text("not looked at\n")
    assert check_checkout(checkout).state == "good"


def test_a_checkout_with_a_changed_and_a_new_file_is_wrong(checkout: Path) -> None:
    (checkout / "src" / "file").write_text("changed\n")
    (checkout / "packs" / "new").write_text("new\n")
    found = check_checkout(checkout)
    assert (found.state, found.told) == ("wrong", "not as it was committed: src/file, packs/new")


def test_a_program_that_the_checkout_names_is_not_run(checkout: Path) -> None:
    spy = checkout / ".git" / "spy"
    spy.write_text(f"#!/bin/sh\ntouch {checkout}/was-run\n")
    spy.chmod(0o755)
    git(checkout, "config", "core.fsmonitor", str(spy))
    assert check_checkout(checkout).state == "good"
    assert not (checkout / "was-run").exists()


def test_what_git_can_not_tell_is_unchecked(tmp_path: Path, checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert check_checkout(tmp_path / "src").state == "unchecked"  # no .git there
    (checkout / ".git" / "HEAD").write_text("nonsense")
    assert check_checkout(checkout).state == "unchecked"
    monkeypatch.setattr(own_files, "_GIT", ("/nonexistent/git",))
    assert check_checkout(checkout).state == "unchecked"


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
