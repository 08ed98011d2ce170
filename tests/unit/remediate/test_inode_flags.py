import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from codered.model.plan import Action
from codered.remediate.actions import ACTIONS
from codered.remediate.applying import apply_plan, roll_back
from codered.remediate.inode_flags import read_holding_flags, set_holding_flags
from tests.fixtures.changing import FolderTarget, hash_tree, make_action, make_restore, make_sealed_plan
from tests.unit.remediate.test_edits import edit_line, edit_rights

IMMUTABLE = 0x10


def change_flags(path: Path, flags: int) -> None:
    fd = os.open(path, os.O_RDONLY)
    try:
        set_holding_flags(fd, flags)
    finally:
        os.close(fd)


def read_flags(path: Path) -> int:
    fd = os.open(path, os.O_RDONLY)
    try:
        return read_holding_flags(fd)
    finally:
        os.close(fd)


@pytest.fixture
def page(root: Path) -> Iterator[Path]:
    page = root / "www/index.html"
    try:
        change_flags(page, IMMUTABLE)
    except OSError:
        pytest.skip("no such flags here: the file system has none, or we may not set them")
    yield page
    if page.exists():
        change_flags(page, 0)


def test_a_file_that_nobody_may_change(page: Path) -> None:
    assert read_flags(page) == IMMUTABLE
    with pytest.raises(PermissionError):
        page.write_bytes(b"x")
    change_flags(page, 0)
    page.write_bytes(b"x")
    assert read_flags(page) == 0


@pytest.mark.parametrize("kind", ["quarantine_file", "delete_file", "restore_file", "remove_line", "reset_setting"])
def test_it_does_not_stop_a_plan_and_comes_back(
    root: Path, target: FolderTarget, case: Path, page: Path, kind: str
) -> None:
    before = hash_tree(root)
    (root.parent / "good").write_bytes(b"good")
    actions: dict[str, Action] = {
        "quarantine_file": make_action(target, "www/index.html"),
        "delete_file": make_action(target, "www/index.html", "delete_file"),
        "restore_file": make_restore(target, "www/index.html", root.parent / "good"),
        "remove_line": edit_line(target, page, 1),
        "reset_setting": edit_rights(target, page, 0o600, drop=False),
    }
    action = actions[kind]
    plan = make_sealed_plan(target, action)
    apply_plan(plan, target, case)
    assert not page.exists() or read_flags(page) == 0
    assert ACTIONS[action.kind].state(action, target) != action.expects
    roll_back(plan, target, case)
    assert hash_tree(root) == before
    assert read_flags(page) == IMMUTABLE


def test_where_there_are_no_flags() -> None:
    fd = os.open("/proc/self/stat", os.O_RDONLY)
    try:
        assert read_holding_flags(fd) == 0
        assert not set_holding_flags(fd, 0)
    finally:
        os.close(fd)
