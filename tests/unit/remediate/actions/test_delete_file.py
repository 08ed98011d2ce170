import os
from pathlib import Path

from codered.remediate.actions import ACTIONS, delete_file
from codered.remediate.file_state import ABSENT
from codered.remediate.vault import Vault
from tests.fixtures.changing import FolderTarget, hash_tree, make_action


def test_deleted_and_brought_back(root: Path, target: FolderTarget, tmp_path: Path) -> None:
    (tmp_path / "vault").mkdir(mode=0o700)
    vault = Vault(os.fsencode(tmp_path / "vault"), "tag")
    before = hash_tree(root)
    action = make_action(target, "www/scripts/page.asp", "delete_file")
    backup = delete_file.back_up(action, target, vault)
    delete_file.change(action, target, vault, backup)
    assert delete_file.state(action, target) == delete_file.outcome(action) == ABSENT
    delete_file.undo(action, target, vault, backup)
    assert hash_tree(root) == before


def test_it_says_when_it_is_gone_for_good() -> None:
    assert "purged" in ACTIONS["delete_file"].says
