"""A checkout against its commit, whatever its own settings say."""

import subprocess
from pathlib import Path

import pytest

from codered.known_good import commits
from codered.self_check.checkouts import find_changes


def git(root: Path, *words: str) -> None:
    mail = ["-c", "user.name=t", "-c", "user.email=t@example.invalid"]
    subprocess.run(["git", "-C", str(root), *mail, *words], check=True, capture_output=True)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for name in ("src", "packs", "docs"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text("as committed\n")
    (tmp_path / "packs" / "link").symlink_to("file")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "all")
    return tmp_path


def test_as_committed(checkout: Path) -> None:
    (checkout / "docs" / "file").write_text("not looked at\n")
    (checkout / "src" / "__pycache__").mkdir()
    (checkout / "src" / "__pycache__" / "file.cpython-311.pyc").write_bytes(bytes(16))
    (checkout / "src" / "codered_detect.egg-info").mkdir()
    (checkout / "src" / "codered_detect.egg-info" / "PKG-INFO").write_text("")
    assert find_changes(checkout) == []


def test_changed_new_missing_and_led_elsewhere(checkout: Path) -> None:
    (checkout / "src" / "file").write_text("changed\n")
    (checkout / "packs" / "new").write_text("new\n")
    assert find_changes(checkout) == ["packs/new", "src/file"]
    (checkout / "src" / "file").unlink()
    (checkout / "packs" / "link").unlink()
    (checkout / "packs" / "link").symlink_to("new")
    assert find_changes(checkout) == ["packs/link", "packs/new", "src/file"]
    (checkout / "src" / "file").symlink_to(checkout / "docs" / "file")  # the same words, by a link
    assert "src/file" in (find_changes(checkout) or [])


def test_a_giant_in_the_place_of_a_file_is_not_read(checkout: Path) -> None:
    with (checkout / "src" / "file").open("r+b") as file:
        file.truncate(1 << 42)  # more than the memory holds
    assert find_changes(checkout) == ["src/file"]


def test_what_git_was_told_to_overlook_is_found(checkout: Path) -> None:
    git(checkout, "update-index", "--assume-unchanged", "src/file")
    (checkout / "src" / "file").write_text("changed\n")
    (checkout / ".git" / "info" / "exclude").write_text("src/evil/\n*.pyc\n")
    (checkout / "src" / "evil").mkdir()
    (checkout / "src" / "evil" / "a.py").write_text("")
    (checkout / "src" / "zz.pyc").write_text("")
    assert find_changes(checkout) == ["src/evil/a.py", "src/file", "src/zz.pyc"]


def test_a_compiled_file_that_never_asks_its_source_is_found(checkout: Path) -> None:
    (checkout / "src" / "__pycache__").mkdir()
    (checkout / "src" / "__pycache__" / "a.cpython-311.pyc").write_bytes(b"\xa7\r\r\n" + b"\1\0\0\0" + bytes(8))
    assert find_changes(checkout) == ["src/__pycache__/a.cpython-311.pyc"]


def test_no_program_that_the_checkout_names_is_run(checkout: Path) -> None:
    spy = checkout / ".git" / "spy"
    spy.write_text(f"#!/bin/sh\ntouch {checkout}/was-run\ncat\n")
    spy.chmod(0o755)
    git(checkout, "config", "core.fsmonitor", str(spy))
    git(checkout, "config", "core.pager", str(spy))
    git(checkout, "config", "filter.x.clean", str(spy))
    (checkout / ".git" / "info" / "attributes").write_text("* filter=x\n")
    (checkout / "src" / "file").touch()
    assert find_changes(checkout) == []
    assert not (checkout / "was-run").exists()
    subprocess.run(["git", "-C", str(checkout), "status"], check=True, capture_output=True)
    assert (checkout / "was-run").exists()  # the trap works


def test_a_missing_object_is_not_fetched(checkout: Path) -> None:
    (checkout / ".git" / "spy").write_text(f"#!/bin/sh\ntouch {checkout}/was-run\n")
    (checkout / ".git" / "spy").chmod(0o755)
    for name, value in (("url", f"ext::{checkout}/.git/spy"), ("promisor", "true"), ("partialclonefilter", "tree:0")):
        git(checkout, "config", f"remote.origin.{name}", value)
    git(checkout, "config", "extensions.partialClone", "origin")
    git(checkout, "config", "protocol.ext.allow", "always")
    tree = subprocess.run(["git", "-C", str(checkout), "rev-parse", "HEAD:src"], check=True, capture_output=True)
    name = tree.stdout.decode().strip()
    (checkout / ".git" / "objects" / name[:2] / name[2:]).unlink()
    assert find_changes(checkout) is None
    assert not (checkout / "was-run").exists()
    subprocess.run(["git", "-C", str(checkout), "ls-tree", "-r", "HEAD"], check=False, capture_output=True)
    assert (checkout / "was-run").exists()  # the trap works


def test_what_git_can_not_tell(tmp_path: Path, checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert find_changes(tmp_path / "src") is None  # no .git there
    head = (checkout / ".git" / "HEAD").read_text()
    (checkout / ".git" / "HEAD").write_text("nonsense")
    assert find_changes(checkout) is None
    (checkout / ".git" / "HEAD").write_text(head)
    monkeypatch.setattr(commits, "_GIT", ("/nonexistent/git",))
    assert find_changes(checkout) is None
