"""What git says of a commit; tests/unit/self_check/test_checkouts.py has the checkouts that lie in wait."""

import hashlib
import os
import subprocess
from pathlib import Path

import pytest

from codered.known_good import commits
from codered.known_good.commits import list_committed, name_object


def git(root: Path, *words: str) -> str:
    who = ["-c", "user.name=t", "-c", "user.email=t@example.invalid"]
    done = subprocess.run(["git", "-C", str(root), *who, *words], check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.mark.parametrize("hashes", ["sha1", "sha256"])
def test_each_entry_has_its_mode_and_the_id_of_its_content(tmp_path: Path, hashes: str) -> None:
    (tmp_path / "a").mkdir()
    odd = tmp_path / os.fsdecode(b"a/new\nline \xff")
    odd.write_bytes(b"odd")
    (tmp_path / "run").write_bytes(b"run")
    (tmp_path / "run").chmod(0o755)
    (tmp_path / "a/link").symlink_to("run")
    git(tmp_path, "init", "-q", f"--object-format={hashes}")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "all")
    (tmp_path / "late").touch()
    committed = list_committed(tmp_path)
    assert committed is not None
    assert {name: (entry.mode, entry.size) for name, entry in committed.items()} == {
        "a/link": ("120000", 3), os.fsdecode(b"a/new\nline \xff"): ("100644", 3), "run": ("100755", 3),
    }  # fmt: skip
    like = committed["run"].id
    assert len(like) == 2 * hashlib.new(hashes).digest_size
    assert name_object(3, (b"r", b"un"), like) == like == git(tmp_path, "rev-parse", "HEAD:run")
    assert name_object(3, (b"ruN",), like) != like
    assert set(list_committed(tmp_path, "a") or ()) == committed.keys() - {"run"}


def test_what_git_can_not_tell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert list_committed(tmp_path) is None  # no .git there
    git(tmp_path, "init", "-q")
    assert list_committed(tmp_path) is None  # no commit
    git(tmp_path, "commit", "-qm", "none", "--allow-empty")
    assert list_committed(tmp_path) == {}
    if os.geteuid() == 0:
        os.chown(tmp_path, 65534, 65534)
        os.chown(tmp_path / ".git", 65534, 65534)
        assert list_committed(tmp_path) is None  # somebody else's
        os.chown(tmp_path, 0, 0)
    monkeypatch.setattr(commits, "_GIT", ("/nonexistent/git",))
    assert list_committed(tmp_path) is None


def test_no_repository_further_up_answers(tmp_path: Path) -> None:
    """An empty `.git`, or one that git takes for none, sends git up to the next."""
    for inner in (tmp_path / "inner", tmp_path / "one:two"):
        (inner / "tests").mkdir(parents=True)
        (inner / "tests/shell.php").write_text("as committed above")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "all")
    for inner in (tmp_path / "inner", tmp_path / "one:two"):
        (inner / ".git").mkdir()
        assert git(inner, "ls-tree", "--name-only", "HEAD") == "tests"  # the repository above
        assert list_committed(inner) is None
        (inner / ".git/objects").mkdir()
        assert list_committed(inner) is None


def test_objects_of_others_are_not_believed(tmp_path: Path) -> None:
    root, objects = tmp_path / "root", tmp_path / "root/.git/objects"
    root.mkdir()
    (root / "file").write_text("as committed")
    git(root, "init", "-q")
    git(root, "add", ".")
    git(root, "commit", "-qm", "all")
    assert set(list_committed(root) or ()) == {"file"}
    for folder in (root / ".git", objects):
        for mode in (0o775, 0o757):
            folder.chmod(mode)
            assert list_committed(root) is None
        folder.chmod(0o755)
    (objects / "info").mkdir(exist_ok=True)
    (objects / "info/alternates").write_text(f"{tmp_path}/others\n")
    assert list_committed(root) is None
    (objects / "info/alternates").unlink()
    (root / ".git/commondir").write_text(".\n")
    assert list_committed(root) is None
    (root / ".git/commondir").unlink()
    assert set(list_committed(root) or ()) == {"file"}
    objects.rename(tmp_path / "moved")
    objects.symlink_to(tmp_path / "moved")
    assert list_committed(root) is None
