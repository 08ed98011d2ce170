"""A full volume is told before anything on it is touched."""

import os
from pathlib import Path

import pytest

from codered.model.errors import Refused
from codered.remediate.applying import apply_plan
from codered.remediate.target_space import check_target_space
from tests.fixtures.changing import FolderTarget, hash_tree, make_sealed_plan
from tests.fixtures.registry_plans import act, dword_of, lay_hive, place
from tests.unit.remediate.test_in_place import TEXT, make_edit


def fill(monkeypatch: pytest.MonkeyPatch, free: int) -> None:
    real = os.fstatvfs

    def measure(fd: int) -> os.statvfs_result:
        figures = list(real(fd))
        figures[1], figures[4] = 1, free
        return os.statvfs_result(figures)

    monkeypatch.setattr(os, "fstatvfs", measure)


def test_a_full_volume(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tmp_path / "root"
    root.mkdir()
    lay_hive(root)
    (root / "web.config").write_bytes(TEXT)
    target, old = FolderTarget(root), hash_tree(root)
    edit = make_edit(target, "web.config", 3)
    value = act(target, "set_value", place("Setup", "New"), sets=dword_of(1), id="a02")
    assert edit.edit is not None
    enough = edit.edit.outcome.size + 8192 + 4
    fill(monkeypatch, enough - 1)
    with pytest.raises(Refused, match="bytes free, less than"):
        apply_plan(make_sealed_plan(target, edit, value), target, tmp_path / "state/cases/x")
    assert hash_tree(root) == old
    fill(monkeypatch, enough)
    check_target_space([edit, value], target)
