"""A file on NTFS that a crash left half-written is the old one again before anything else; any other is left alone."""

import os
import signal
from pathlib import Path

import pytest

from codered.model.errors import NotRolledBack
from codered.remediate import edits, in_place
from codered.remediate.applying import apply_plan, roll_back
from codered.remediate.pages import PageChange
from tests.fixtures.changing import FolderTarget, make_sealed_plan
from tests.fixtures.ntfs_files import dump
from tests.fixtures.ntfs_volumes import make_ntfs, mounted_ntfs
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
