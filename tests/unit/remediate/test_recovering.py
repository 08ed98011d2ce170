"""A file on NTFS that a crash left half-written is the old one again before anything else; any other is left alone."""

import errno
import os
import signal
from pathlib import Path

import pytest

from codered.model.errors import NotRolledBack, RolledBack
from codered.remediate import edits, in_place
from codered.remediate.applying import apply_plan, roll_back
from codered.remediate.pages import PageChange, write_pages
from codered.remediate.registry import hive_writing
from codered.remediate.registry.hive_writing import find_mark
from tests.fixtures.changing import FolderTarget, hash_tree, make_sealed_plan
from tests.fixtures.ntfs_files import dump
from tests.fixtures.ntfs_volumes import make_ntfs, mounted_ntfs
from tests.fixtures.registry_plans import act, dword_of, lay_hive, place
from tests.unit.remediate.test_in_place import TEXT, make_edit


def write_half(fd: int, changes: tuple[PageChange, ...], *, undo: bool = False) -> None:
    page = changes[-1]
    os.pwrite(fd, page.after, page.offset)
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.parametrize("word", ["apply", "rollback", "touched"])
def test_half_written(tmp_path: Path, word: str) -> None:
    with mounted_ntfs(make_ntfs(tmp_path / "volume"), tmp_path / "root") as root:
        path = root / "web.config"
        path.write_bytes(TEXT)
        before, target, case = dump(path), FolderTarget(root), tmp_path / "state/cases/x"
        plan = make_sealed_plan(target, make_edit(target, path.name, 3))
        child = os.fork()
        if not child:
            try:
                vars(in_place)["write_pages"] = write_half
                apply_plan(plan, target, case)
            finally:
                os._exit(3)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
        assert path.read_bytes() != TEXT
        if word == "touched":
            path.write_bytes(b"mine now")
            with pytest.raises(NotRolledBack, match="somebody touched it since"):
                roll_back(plan, target, case)
            assert path.read_bytes() == b"mine now"
            return
        if word == "apply":
            assert apply_plan(plan, target, case).resumed
            assert b"number='2'" not in path.read_bytes()
        roll_back(plan, target, case)
        assert dump(path) == before


def test_an_edit_elsewhere_needs_no_recovering(tmp_path: Path) -> None:
    (tmp_path / "root").mkdir()
    path = tmp_path / "root/web.config"
    path.write_bytes(TEXT)
    target, case = FolderTarget(tmp_path / "root"), tmp_path / "state/cases/x"
    plan = make_sealed_plan(target, make_edit(target, path.name, 3))
    apply_plan(plan, target, case)
    assert edits.state(plan.actions[0], target).sha256 == edits.outcome(plan.actions[0]).sha256
    roll_back(plan, target, case)
    assert path.read_bytes() == TEXT


def test_a_hive_that_is_half_written_when_the_disk_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "root").mkdir()
    lay_hive(tmp_path / "root")
    old, target, case = hash_tree(tmp_path / "root"), FolderTarget(tmp_path / "root"), tmp_path / "state/cases/x"
    first = act(target, "delete_value", place("Setup", "SFCDisable"))
    other = act(target, "set_value", place("Setup", "New"), sets=dword_of(1), id="a02")
    marked = []

    def fail(fd: int, changes: tuple[PageChange, ...], *, undo: bool = False) -> None:
        if changes and find_mark(os.pread(fd, 4096, 0)).startswith("a02-") and not undo:
            marked.append(changes)
            raise OSError(errno.EIO, "the disk fails")
        write_pages(fd, changes, undo=undo)

    monkeypatch.setattr(hive_writing, "write_pages", fail)
    with pytest.raises(RolledBack, match="the disk fails; everything done before was undone"):
        apply_plan(make_sealed_plan(target, first, other), target, case)
    assert marked
    assert hash_tree(tmp_path / "root") == old
