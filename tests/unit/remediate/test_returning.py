import os
from pathlib import Path

import pytest

from codered.model.plan import Action
from codered.remediate.actions import quarantine_file
from codered.remediate.file_state import ChangeFailed
from codered.remediate.returning import return_file
from codered.remediate.vault import Vault
from tests.fixtures.changing import FolderTarget, hash_tree, make_action


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    (tmp_path / "vault").mkdir(mode=0o700)
    return Vault(os.fsencode(tmp_path / "vault"), "tag")


@pytest.fixture
def action(target: FolderTarget) -> Action:
    return make_action(target, "www/scripts/root.exe")


def test_returning_twice_is_once(root: Path, target: FolderTarget, vault: Vault, action: Action) -> None:
    before = hash_tree(root)
    backup = quarantine_file.back_up(action, target, vault)
    quarantine_file.change(action, target, vault, backup)
    return_file(action, target, vault, backup)
    assert hash_tree(root) == before
    inode = (root / "www/scripts/root.exe").stat().st_ino
    return_file(action, target, vault, backup)
    assert (root / "www/scripts/root.exe").stat().st_ino == inode


def test_a_temporary_of_a_crash_goes(root: Path, target: FolderTarget, vault: Vault, action: Action) -> None:
    before = hash_tree(root)
    backup = quarantine_file.back_up(action, target, vault)
    quarantine_file.change(action, target, vault, backup)
    (root / "www/scripts/.codered-tag-a01").write_bytes(b"half")
    return_file(action, target, vault, backup)
    assert hash_tree(root) == before


def test_what_came_back_stays(root: Path, target: FolderTarget, vault: Vault, action: Action) -> None:
    backup = quarantine_file.back_up(action, target, vault)
    quarantine_file.change(action, target, vault, backup)
    (root / "www/scripts/root.exe").symlink_to("/etc/passwd")
    with pytest.raises(FileExistsError):
        return_file(action, target, vault, backup)
    assert (root / "www/scripts/root.exe").is_symlink()


def test_without_its_record_nothing_happens(root: Path, target: FolderTarget, vault: Vault, action: Action) -> None:
    before = hash_tree(root)
    with pytest.raises(ChangeFailed, match="missing"):
        return_file(action, target, vault, "a01-" + "0" * 64)
    assert hash_tree(root) == before
