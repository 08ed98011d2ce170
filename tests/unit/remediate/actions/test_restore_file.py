import os
from pathlib import Path

import pytest
from msgspec.structs import replace

from codered.model.paths import FilePath
from codered.model.plan import Source
from codered.remediate.actions import restore_file
from codered.remediate.file_state import ABSENT, CAPABILITIES, ChangeFailed
from codered.remediate.vault import Vault
from tests.fixtures.changing import FolderTarget, hash_tree, make_restore


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    (tmp_path / "vault").mkdir(mode=0o700)
    return Vault(os.fsencode(tmp_path / "vault"), "tag")


@pytest.fixture
def good(tmp_path: Path) -> Path:
    good = tmp_path / "good.html"
    good.write_bytes(b"the good page")
    good.chmod(0o604)
    os.utime(good, ns=(5, 6))
    return good


def test_replacing_keeps_the_attributes(root: Path, target: FolderTarget, vault: Vault, good: Path) -> None:
    page = root / "www/index.html"
    os.setxattr(page, "user.note", b"kept")
    os.chown(page, 65534, 65533)
    page.chmod(0o640)
    os.utime(page, ns=(1_000_000_001, 1_000_000_002))
    before = hash_tree(root)
    action = make_restore(target, "www/index.html", good)
    backup = restore_file.back_up(action, target, vault)
    assert hash_tree(root) == before
    restore_file.change(action, target, vault, backup)
    assert restore_file.state(action, target) == restore_file.outcome(action)
    assert page.read_bytes() == b"the good page"
    seen = page.stat()
    assert (seen.st_mode & 0o7777, seen.st_uid, seen.st_gid, seen.st_mtime_ns) == (0o640, 65534, 65533, 6)
    assert os.getxattr(page, "user.note") == b"kept"
    restore_file.undo(action, target, vault, backup)
    assert hash_tree(root) == before


def test_where_nothing_was(root: Path, target: FolderTarget, vault: Vault, good: Path) -> None:
    before = hash_tree(root)
    action = make_restore(target, "www/missing.html", good)
    backup = restore_file.back_up(action, target, vault)
    restore_file.change(action, target, vault, backup)
    assert restore_file.state(action, target) == restore_file.outcome(action)
    assert (root / "www/missing.html").stat().st_mode & 0o7777 == 0o604
    restore_file.undo(action, target, vault, backup)
    assert restore_file.state(action, target) == ABSENT
    assert hash_tree(root) == before


def test_undoing_does_not_remove_what_was_edited(root: Path, target: FolderTarget, vault: Vault, good: Path) -> None:
    action = make_restore(target, "www/missing.html", good)
    backup = restore_file.back_up(action, target, vault)
    restore_file.change(action, target, vault, backup)
    (root / "www/missing.html").write_bytes(b"edited")
    with pytest.raises(ChangeFailed):
        restore_file.undo(action, target, vault, backup)
    assert (root / "www/missing.html").read_bytes() == b"edited"


def test_a_source_that_changed_is_not_used(root: Path, target: FolderTarget, vault: Vault, good: Path) -> None:
    before = hash_tree(root)
    action = make_restore(target, "www/index.html", good)
    backup = restore_file.back_up(action, target, vault)
    good.write_bytes(b"the evil page")
    with pytest.raises(ChangeFailed, match="not the one"):
        restore_file.change(action, target, vault, backup)
    assert {name: facts for name, facts in hash_tree(root).items() if name != "www"} == {
        name: facts for name, facts in before.items() if name != "www"
    }


def test_a_source_behind_a_link_is_not_used(good: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(good)
    source = Source(path=FilePath(str(tmp_path / "link")), sha256="0" * 64)
    with pytest.raises(OSError, match="symbolic links"):
        restore_file.copy_source(source, lambda _: None)


def test_without_a_source(target: FolderTarget, good: Path) -> None:
    action = replace(make_restore(target, "www/index.html", good), source=None)
    with pytest.raises(ChangeFailed, match="names no known-good copy"):
        restore_file.outcome(action)


def test_a_source_that_vouches_for_attributes(root: Path, target: FolderTarget, vault: Vault, good: Path) -> None:
    page = root / "www/index.html"
    os.setxattr(page, "user.planted", b"x")
    os.chown(page, 65534, 65533)
    page.chmod(0o4755)
    before = hash_tree(root)
    action = make_restore(target, "www/index.html", good)
    assert action.source is not None
    kept = replace(action, source=replace(action.source, owns_attributes=True))
    exact = replace(action, source=replace(action.source, owns_attributes=True, xattrs={"user.note": b"good"}))
    for wanted, xattrs in ((kept, {"user.planted": b"x"}), (exact, {"user.note": b"good"})):
        backup = restore_file.back_up(wanted, target, vault)
        restore_file.change(wanted, target, vault, backup)
        assert restore_file.state(wanted, target) == restore_file.outcome(wanted)
        seen = page.stat()
        assert (seen.st_mode & 0o7777, seen.st_uid, seen.st_gid) == (0o604, os.getuid(), os.getgid())
        assert {name: os.getxattr(page, name) for name in os.listxattr(page)} == xattrs
        restore_file.undo(wanted, target, vault, backup)
        assert hash_tree(root) == before


def test_capabilities_go_with_a_source_that_knows_them(
    root: Path, target: FolderTarget, vault: Vault, good: Path
) -> None:
    page = root / "www/index.html"
    raw = bytes.fromhex("0100000200200000000000000000000000000000")
    os.setxattr(page, CAPABILITIES, raw)
    before = hash_tree(root)
    action = make_restore(target, "www/index.html", good)
    assert action.source is not None
    for xattrs, left in ((None, raw.hex()), ({}, ""), ({CAPABILITIES: raw}, raw.hex())):
        wanted = replace(action, source=replace(action.source, owns_attributes=True, xattrs=xattrs))
        backup = restore_file.back_up(wanted, target, vault)
        restore_file.change(wanted, target, vault, backup)
        assert restore_file.state(wanted, target) == restore_file.outcome(wanted)
        assert restore_file.state(wanted, target).capabilities == left
        restore_file.undo(wanted, target, vault, backup)
        assert hash_tree(root) == before
