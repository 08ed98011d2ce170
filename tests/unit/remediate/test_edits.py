import os
from pathlib import Path

import pytest
from msgspec.structs import replace

from codered.model.paths import FilePath
from codered.model.plan import Action, Edit
from codered.remediate import edits
from codered.remediate.file_state import CAPABILITIES, ChangeFailed, read_state
from codered.remediate.lines import foresee, make_change, read_content, split_lines
from codered.remediate.vault import Vault
from tests.fixtures.changing import FolderTarget, hash_tree

RAW = bytes.fromhex("0100000200040000000000000000000000000000")  # as setcap writes it, one bit


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    (tmp_path / "vault").mkdir(mode=0o700)
    return Vault(os.fsencode(tmp_path / "vault"), "tag")


@pytest.fixture
def tab(root: Path) -> Path:
    tab = root / "www/tab"
    tab.write_bytes(b"# kept\r\n* * * * * INERT MARKER\nlast without an end")
    os.setxattr(tab, "user.note", b"kept")
    os.chown(tab, 65534, 65533)
    tab.chmod(0o640)
    os.utime(tab, ns=(1_000_000_001, 1_000_000_002))
    os.utime(tab.parent, ns=(2_000_000_001, 2_000_000_002))
    return tab


def edit_line(target: FolderTarget, file: Path, number: int, becomes: bytes | None = None) -> Action:
    path = FilePath(str(file))
    content = read_content(path, target)
    change = make_change(split_lines(content.data), number, becomes)
    edit = Edit(outcome=foresee(content, (change,)), lines=(change,))
    return Action(id="a01", kind="remove_line", path=path, expects=content.state, because="a test", edit=edit)


def edit_rights(target: FolderTarget, file: Path, mode: int | None, *, drop: bool) -> Action:
    path = FilePath(str(file))
    now = read_state(path, target)
    outcome = replace(now, mode=now.mode if mode is None else mode, capabilities="" if drop else now.capabilities)
    edit = Edit(outcome=outcome, mode=mode, drop_capabilities=drop)
    return Action(id="a01", kind="reset_setting", path=path, expects=now, because="a test", edit=edit)


def test_a_line_goes_and_comes_back(root: Path, target: FolderTarget, vault: Vault, tab: Path) -> None:
    before = hash_tree(root)
    action = edit_line(target, tab, 2)
    backup = edits.back_up(action, target, vault)
    assert hash_tree(root) == before
    edits.change(action, target, vault, backup)
    assert tab.read_bytes() == b"# kept\r\nlast without an end"
    assert replace(edits.state(action, target), mtime_ns=0) == edits.outcome(action)
    seen = tab.stat()
    assert (seen.st_mode & 0o7777, seen.st_uid, seen.st_gid) == (0o640, 65534, 65533)
    assert os.getxattr(tab, "user.note") == b"kept"
    assert edits.undo(action, target, vault, backup) == ""
    assert hash_tree(root) == before
    assert edits.undo(action, target, vault, backup) == ""


def test_somebody_edits_at_the_same_time(target: FolderTarget, vault: Vault, tab: Path) -> None:
    action = edit_line(target, tab, 2)
    backup = edits.back_up(action, target, vault)
    tab.write_bytes(tab.read_bytes() + b"\nmore")
    with pytest.raises(ChangeFailed, match="another content"):
        edits.change(action, target, vault, backup)
    assert tab.read_bytes().endswith(b"\nmore")


def test_what_was_edited_since_is_not_undone(target: FolderTarget, vault: Vault, tab: Path) -> None:
    action = edit_line(target, tab, 2)
    backup = edits.back_up(action, target, vault)
    edits.change(action, target, vault, backup)
    tab.write_bytes(b"mine")
    with pytest.raises(ChangeFailed):
        edits.undo(action, target, vault, backup)
    assert tab.read_bytes() == b"mine"


def test_a_link_in_place_of_the_file(root: Path, target: FolderTarget, vault: Vault, tab: Path) -> None:
    action = edit_line(target, tab, 2)
    backup = edits.back_up(action, target, vault)
    body = tab.read_bytes()
    tab.unlink()
    (root / "elsewhere").write_bytes(body)
    tab.symlink_to(root / "elsewhere")
    with pytest.raises(OSError, match="symbolic links"):
        edits.change(action, target, vault, backup)
    assert (root / "elsewhere").read_bytes() == body


def test_rights_go_in_place_and_come_back(root: Path, target: FolderTarget, vault: Vault, tab: Path) -> None:
    os.setxattr(tab, CAPABILITIES, RAW)
    tab.chmod(0o4755)
    os.utime(tab, ns=(1_000_000_001, 1_000_000_002))
    before, inode = hash_tree(root), tab.stat().st_ino
    for mode, drop in ((0o755, False), (None, True), (0o755, True)):
        action = edit_rights(target, tab, mode, drop=drop)
        assert action.file_state().capabilities == RAW.hex()
        backup = edits.back_up(action, target, vault)
        edits.change(action, target, vault, backup)
        assert edits.state(action, target) == edits.outcome(action)
        assert hash_tree(root) != before
        edits.undo(action, target, vault, backup)
        assert hash_tree(root) == before
        assert tab.stat().st_ino == inode


def test_half_way_counts_as_not_begun(target: FolderTarget, vault: Vault, tab: Path) -> None:
    os.setxattr(tab, CAPABILITIES, RAW)
    tab.chmod(0o4755)
    action = edit_rights(target, tab, 0o755, drop=True)
    backup = edits.back_up(action, target, vault)
    os.removexattr(tab, CAPABILITIES)
    assert edits.state(action, target) == action.expects
    edits.change(action, target, vault, backup)
    assert edits.state(action, target) == edits.outcome(action)
    os.chmod(tab, 0o4755)
    edits.undo(action, target, vault, backup)
    assert os.getxattr(tab, CAPABILITIES) == RAW
    tab.chmod(0o600)
    with pytest.raises(ChangeFailed, match="not as it was left"):
        edits.undo(action, target, vault, backup)


def test_a_plan_that_does_not_say_what(target: FolderTarget, vault: Vault, tab: Path) -> None:
    action = replace(edit_line(target, tab, 2), edit=None)
    with pytest.raises(ChangeFailed, match="does not say what the edit is"):
        edits.outcome(action)
    with pytest.raises(ChangeFailed, match="does not say what the edit is"):
        edits.back_up(action, target, vault)
