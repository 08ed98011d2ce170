import os
import struct
from pathlib import Path

import pytest

from codered.remediate.actions import ACTIONS, quarantine_file
from codered.remediate.file_state import ABSENT, ChangeFailed
from codered.remediate.vault import Vault
from tests.fixtures.changing import FolderTarget, hash_tree, make_action


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    (tmp_path / "vault").mkdir(mode=0o700)
    return Vault(os.fsencode(tmp_path / "vault"), "tag")


def test_the_five_verbs(root: Path, target: FolderTarget, vault: Vault) -> None:
    file = root / "www/scripts/root.exe"
    os.setxattr(file, "user.note", b"kept")
    acl = [(1, 6, 0xFFFFFFFF), (2, 4, 1000), (4, 4, 0xFFFFFFFF), (0x10, 4, 0xFFFFFFFF), (0x20, 0, 0xFFFFFFFF)]
    raw = struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in acl)
    os.setxattr(file, "system.posix_acl_access", raw)
    os.chown(file, 65534, 65533)
    file.chmod(0o2750)
    os.utime(file, ns=(1_000_000_001, 1_000_000_002))
    before = hash_tree(root)
    os.utime(file, ns=(1_000_000_001, 1_000_000_002))  # hash_tree has read it
    action = make_action(target, "www/scripts/root.exe")
    backup = quarantine_file.back_up(action, target, vault)
    quarantine_file.change(action, target, vault, backup)
    assert quarantine_file.state(action, target) == quarantine_file.outcome(action) == ABSENT
    quarantine_file.undo(action, target, vault, backup)
    assert quarantine_file.state(action, target) == action.expects
    assert file.stat().st_atime_ns == 1_000_000_001
    assert hash_tree(root) == before


def test_other_hard_links_stay_as_they_are(root: Path, target: FolderTarget, vault: Vault) -> None:
    os.link(root / "www/scripts/root.exe", root / "second")
    action = make_action(target, "www/scripts/root.exe")
    backup = quarantine_file.back_up(action, target, vault)
    quarantine_file.change(action, target, vault, backup)
    assert (root / "second").read_bytes() == b"INERT MARKER one"
    quarantine_file.undo(action, target, vault, backup)
    assert vault.read_record(backup).links == 2
    assert (root / "www/scripts/root.exe").read_bytes() == b"INERT MARKER one"


def test_a_file_touched_after_its_backup_is_not_removed(root: Path, target: FolderTarget, vault: Vault) -> None:
    action = make_action(target, "www/scripts/root.exe")
    backup = quarantine_file.back_up(action, target, vault)
    (root / "www/scripts/root.exe").write_bytes(b"touched")
    with pytest.raises(ChangeFailed):
        quarantine_file.change(action, target, vault, backup)
    assert (root / "www/scripts/root.exe").read_bytes() == b"touched"


def test_without_a_backup_nothing_is_removed(root: Path, target: FolderTarget, vault: Vault) -> None:
    action = make_action(target, "www/scripts/root.exe")
    with pytest.raises(ChangeFailed, match="missing"):
        quarantine_file.change(action, target, vault, "a01-" + "0" * 64)
    assert (root / "www/scripts/root.exe").exists()


def test_it_is_listed() -> None:
    assert ACTIONS["quarantine_file"] is quarantine_file
    assert set(ACTIONS) >= {"quarantine_file", "delete_file", "restore_file"}
