"""The walk for SUID files and capabilities."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered.collect.autostart import privileged_walk
from codered.collect.autostart.privileged_walk import parse_capabilities, walk_privileged
from codered.collect.autostart.reading import Reader
from codered.collect.mounts import read_mounts
from codered.targets import open_target
from tests.fixtures.autostart_roots import make_root, write


def walk(root: Path) -> tuple[dict[bytes, privileged_walk.Privileged], Reader]:
    reader = Reader(open_target(str(root)))
    return {found.rel: found for found in walk_privileged(reader)}, reader


def test_suid_and_sgid_files_are_found_and_links_not_followed(tmp_path: Path) -> None:
    write(make_root(tmp_path), {"opt/a/suid": "", "opt/a/sgid": "", "opt/plain": "", "opt/no-x": ""})
    for name, mode in (("a/suid", 0o4755), ("a/sgid", 0o2711), ("plain", 0o755), ("no-x", 0o4644)):
        (tmp_path / "opt" / name).chmod(mode)
    (tmp_path / "opt/link").symlink_to("/usr/bin")
    found, reader = walk(tmp_path)
    assert {rel: one.mode for rel, one in found.items()} == {b"opt/a/suid": 0o4755, b"opt/a/sgid": 0o2711}
    assert reader.unread == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root sets capabilities")
def test_capabilities_are_read(tmp_path: Path) -> None:
    write(make_root(tmp_path), {"opt/x": "", "opt/y": ""}, 0o755)
    try:
        os.setxattr(tmp_path / "opt/x", "security.capability", bytes.fromhex("0100000280000000" + "00" * 12))
    except OSError as error:
        pytest.skip(f"this file system takes no capabilities: {error}")
    found, _ = walk(tmp_path)
    assert {rel: one.capabilities for rel, one in found.items()} == {b"opt/x": 1 << 7}


def test_systems_of_containers_are_left_out_and_said(tmp_path: Path) -> None:
    write(make_root(tmp_path), {"var/lib/docker/overlay2/x/diff/usr/bin/su": "", "home/ann/snap/x": ""}, 0o4755)
    found, reader = walk(tmp_path)
    assert found == {}
    assert {(item.rel, item.state) for item in reader.unread} == {
        (b"var/lib/docker", "skipped"),
        (b"home/ann/snap", "skipped"),
    }


def test_a_system_within_is_known_by_its_marks(tmp_path: Path) -> None:
    write(make_root(tmp_path), {"srv/jail/usr/bin/su": "", "srv/plain/usr/bin/su": ""}, 0o4755)
    write(tmp_path, {"srv/jail/etc/os-release": "ID=debian\n"})
    found, _ = walk(tmp_path)
    assert {rel: one.inner for rel, one in found.items()} == {
        b"srv/jail/usr/bin/su": b"usr/bin/su",
        b"srv/plain/usr/bin/su": b"",
    }


def test_a_deep_tree_and_too_many_names_are_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_root(tmp_path)
    (tmp_path / "opt" / "/".join("d" * 120)).mkdir(parents=True)
    _, reader = walk(tmp_path)
    assert any("deep" in item.why for item in reader.unread)
    monkeypatch.setattr(privileged_walk, "MOST_NAMES", 3)
    _, reader = walk(tmp_path)
    assert any("ended here" in item.why for item in reader.unread)
    write(tmp_path, {f"usr/s{number}": "" for number in range(4)}, 0o4755)
    monkeypatch.undo()
    monkeypatch.setattr(privileged_walk, "MOST_FOUND", 2)
    found, reader = walk(tmp_path)
    assert len(found) == 2
    assert any("privileged files" in item.why for item in reader.unread)


def test_file_systems_of_the_mount_table(tmp_path: Path) -> None:
    table = tmp_path / "mounts"
    table.write_bytes(b"1 2 0:1 / / rw - ext4 a rw\n3 1 0:2 / /a\\040b rw shared:1 - nfs4 s:/x rw\ngarbage\n - \n")
    assert read_mounts(str(table)) == {b"/": "ext4", b"/a b": "nfs4"}
    assert read_mounts(str(tmp_path / "none")) == {}


def test_other_file_systems_are_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(make_root(tmp_path), {"srv/share/x": ""}, 0o4755)
    table = {os.fsencode(tmp_path / "srv/share"): "nfs4"}
    monkeypatch.setattr(privileged_walk, "read_mounts", lambda: table)
    found, reader = walk(tmp_path)
    assert found == {}
    assert [(item.rel, item.state) for item in reader.unread] == [(b"srv/share", "skipped")]


@given(st.binary(max_size=40))
def test_any_attribute_gives_a_mask(value: bytes) -> None:
    assert 0 <= parse_capabilities(value) < 1 << 64
    assert parse_capabilities(value) == 0 or len(value) in (12, 20, 24)
