import os
import stat
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from codered.model.paths import FilePath
from codered.remediate.attributes import Attributes, FolderBefore, read_attributes
from codered.remediate.file_state import ChangeFailed, hold_file, open_spot
from codered.remediate.vault import INVERT, VAULT_FORMAT, Vault
from codered.remediate.vault_records import LinkBefore
from tests.fixtures.changing import FolderTarget, make_action

MARKER = b"INERT MARKER one"


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    (tmp_path / "vault").mkdir(mode=0o700)
    return Vault(os.fsencode(tmp_path / "vault"), "tag")


def keep(target: FolderTarget, vault: Vault, rel: str) -> str:
    action = make_action(target, rel)
    with open_spot(action.path, target) as spot, hold_file(spot, action.file_state()) as held:
        return vault.keep_file(action, held)


def sync(path: Path) -> None:
    """What is not on the disk yet may have no blocks."""
    with path.open("rb") as file:
        os.fsync(file.fileno())


def copy_out(vault: Vault, backup: str, out: Path) -> bytes:
    record = vault.read_record(backup)
    fd = os.open(out, os.O_RDWR | os.O_CREAT)
    try:
        vault.copy_out(record.state, fd, sparse=record.sparse)
    finally:
        os.close(fd)
    return out.read_bytes()


def test_content_is_kept_inert(target: FolderTarget, vault: Vault, tmp_path: Path) -> None:
    backup = keep(target, vault, "www/scripts/root.exe")
    record = vault.read_record(backup)
    file = tmp_path / "vault" / f"{record.state.sha256}.inert"
    assert file.read_bytes() == VAULT_FORMAT + MARKER.translate(INVERT)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert copy_out(vault, backup, tmp_path / "out") == MARKER


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(st.binary(max_size=3000))
def test_any_content_comes_back(root: Path, target: FolderTarget, vault: Vault, tmp_path: Path, body: bytes) -> None:
    (root / "any").write_bytes(body)
    assert copy_out(vault, keep(target, vault, "any"), tmp_path / "out") == body
    (tmp_path / "out").unlink()


def test_large_content_and_holes(root: Path, target: FolderTarget, vault: Vault, tmp_path: Path) -> None:
    with (root / "holes").open("wb") as file:
        file.seek((3 << 20) + 5)
        file.write(b"end")
        file.truncate(4 << 20)
    blocks = (root / "holes").stat().st_blocks
    body = (root / "holes").read_bytes()
    assert copy_out(vault, keep(target, vault, "holes"), tmp_path / "out") == body
    assert (tmp_path / "out").stat().st_blocks == blocks


def test_the_actions_with_a_record_are_listed(root: Path, target: FolderTarget, vault: Vault) -> None:
    (root / "other").write_bytes(b"other")
    assert vault.list_actions() == set()
    names = {keep(target, vault, rel).partition("-")[0] for rel in ("www/scripts/root.exe", "other")}
    assert vault.list_actions() == names
    assert all(name.isalnum() for name in names)


@pytest.mark.parametrize("sha256", ["0" * 64, "f" * 64])
def test_content_that_is_not_what_was_expected_is_not_kept(
    sha256: str, root: Path, target: FolderTarget, vault: Vault
) -> None:
    action = make_action(target, "www/scripts/root.exe")
    with open_spot(action.path, target) as spot, hold_file(spot, action.file_state()) as held:
        with pytest.raises(ChangeFailed):
            vault.keep_content(held.fd, replace(action.file_state(), sha256=sha256))
        assert not vault.holds(replace(action.file_state(), sha256=sha256))


def test_zeros_that_were_written_make_no_holes(root: Path, target: FolderTarget, vault: Vault, tmp_path: Path) -> None:
    body = b"begin" + bytes(64 << 10)
    (root / "zeros").write_bytes(body)
    sync(root / "zeros")
    blocks = (root / "zeros").stat().st_blocks
    backup = keep(target, vault, "zeros")
    assert not vault.read_record(backup).sparse
    assert copy_out(vault, backup, tmp_path / "out") == body
    sync(tmp_path / "out")
    assert (tmp_path / "out").stat().st_blocks == blocks


def test_the_record_tells_everything(root: Path, target: FolderTarget, vault: Vault) -> None:
    file = root / "www/scripts/root.exe"
    os.setxattr(file, "user.note", b"kept")
    os.utime(file, ns=(7, 8))
    os.link(file, root / "second")
    os.utime(root / "www/scripts", ns=(9, 10))
    record = vault.read_record(keep(target, vault, "www/scripts/root.exe"))
    assert record.attributes is not None
    assert (record.attributes.atime_ns, record.attributes.mtime_ns) == (7, 8)
    assert record.attributes.xattrs == ((b"user.note", b"kept"),)
    assert record.links == 2
    assert record.folder.mtime_ns == 10
    assert record.path.to_bytes() == os.fsencode(file)


def test_absence_is_kept(target: FolderTarget, vault: Vault) -> None:
    action = make_action(target, "www/none")
    with open_spot(action.path, target) as spot:
        record = vault.read_record(vault.keep_absence(action, spot))
    assert record.attributes is None
    assert not record.state.exists


def test_a_flipped_byte_anywhere_in_the_content_is_found(target: FolderTarget, vault: Vault, tmp_path: Path) -> None:
    state = vault.read_record(keep(target, vault, "www/scripts/root.exe")).state
    file = tmp_path / "vault" / f"{state.sha256}.inert"
    raw = file.read_bytes()
    for position in range(len(raw)):
        flipped = bytearray(raw)
        flipped[position] ^= 1
        file.write_bytes(flipped)
        with pytest.raises(ChangeFailed, match="damaged"):
            vault.copy_out(state, None)
        assert not vault.holds(state)
    file.write_bytes(raw + b"x")
    assert not vault.holds(state)
    file.write_bytes(raw)
    assert vault.holds(state)


def test_a_damaged_copy_is_written_anew(target: FolderTarget, vault: Vault, tmp_path: Path) -> None:
    state = vault.read_record(keep(target, vault, "www/scripts/root.exe")).state
    (tmp_path / "vault" / f"{state.sha256}.inert").write_bytes(b"damaged")
    backup = keep(target, vault, "www/scripts/root.exe")
    assert copy_out(vault, backup, tmp_path / "out") == MARKER


def test_a_flipped_byte_anywhere_in_the_record_is_found(target: FolderTarget, vault: Vault, tmp_path: Path) -> None:
    backup = keep(target, vault, "www/scripts/root.exe")
    file = tmp_path / "vault" / f"{backup}.json"
    raw = file.read_bytes()
    for position in range(len(raw)):
        flipped = bytearray(raw)
        flipped[position] ^= 1
        file.write_bytes(flipped)
        with pytest.raises(ChangeFailed, match="damaged"):
            vault.read_record(backup)
    file.unlink()
    with pytest.raises(ChangeFailed, match="missing"):
        vault.read_record(backup)


@pytest.mark.parametrize("backup", ["", "../x", "a01", "a01-" + "g" * 64, "/etc/passwd-" + "0" * 64])
def test_odd_backup_names_are_not_followed(vault: Vault, backup: str) -> None:
    with pytest.raises(ChangeFailed, match="can't be one"):
        vault.read_record(backup)


def test_odd_hashes_are_not_followed(target: FolderTarget, vault: Vault) -> None:
    state = replace(make_action(target, "www/index.html").file_state(), sha256="../journal")
    with pytest.raises(ChangeFailed, match="hash that can't be one"):
        vault.copy_out(state, None)


def test_a_full_disk_leaves_no_half_copy(
    target: FolderTarget, vault: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(fd: int, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", fail)
    with pytest.raises(OSError, match="No space"):
        keep(target, vault, "www/scripts/root.exe")
    assert list((tmp_path / "vault").iterdir()) == []


def test_temporary_names_carry_the_tag(target: FolderTarget, vault: Vault) -> None:
    assert vault.temporary_name(make_action(target, "www/index.html", id_="a07")) == b".codered-tag-a07"


def test_a_record_that_could_not_be_read_back_is_refused(
    target: FolderTarget, vault: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read_many(fd: int) -> Attributes:
        many = tuple((b"user.%d" % number, b"x" * 60_000) for number in range(60))
        return replace(read_attributes(fd), xattrs=many)

    monkeypatch.setattr("codered.remediate.vault.read_attributes", read_many)
    with pytest.raises(ChangeFailed, match=r"extended attributes make a record of [0-9,]+ bytes.*not touched"):
        keep(target, vault, "www/scripts/root.exe")
    assert list((tmp_path / "vault").iterdir()) == []


def test_the_largest_record_is_read_back(
    target: FolderTarget, vault: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(target, vault, "www/scripts/root.exe")  # reading the folder gives it a new, longer access time
    backup = keep(target, vault, "www/scripts/root.exe")
    size = (tmp_path / "vault" / f"{backup}.json").stat().st_size
    monkeypatch.setattr("codered.remediate.vault._MOST_RECORD", size)
    assert vault.read_record(keep(target, vault, "www/scripts/root.exe")).action == "a01"
    monkeypatch.setattr("codered.remediate.vault._MOST_RECORD", size - 1)
    with pytest.raises(ChangeFailed, match="not touched"):
        keep(target, vault, "www/scripts/root.exe")


def test_links_are_remembered(target: FolderTarget, vault: Vault) -> None:
    folder = FolderBefore(mtime_ns=1, atime_ns=2, names="")
    path, leads = FilePath("/x"), FilePath("\\xff", b"\xff")
    link = LinkBefore(path=path, target=leads, uid=1, gid=2, mtime_ns=3, atime_ns=4, folder=folder)
    backup = vault.keep_links(make_action(target, "www/index.html"), (link,))
    assert vault.read_links(backup).links == (link,)
    with pytest.raises(ChangeFailed, match="another version"):
        vault.read_record(backup)
    with pytest.raises(ChangeFailed, match="another version"):
        vault.read_links(keep(target, vault, "www/index.html"))
