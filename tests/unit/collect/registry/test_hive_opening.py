"""The state of a hive's file, and what is said of it. (Logs: test_transaction_logs.)"""

import os
from pathlib import Path

import pytest

from codered.collect.registry.namespace import UnreadHive
from tests.fixtures.hive_files import key_of, write_hive
from tests.fixtures.hive_logs import with_header
from tests.fixtures.opened_hives import ROOT, open_anything, open_data, open_file

HIVE = write_hive(key_of({"A": {"v": 1}}))


def test_clean_hive_and_where_it_is(tmp_path: Path) -> None:
    hive = open_data(tmp_path, HIVE)
    assert (hive.seen.root, hive.seen.state, hive.seen.notes, hive.seen.shown) == (ROOT, "clean", (), "C:\\HIVE")
    assert hive.seen.path is not None
    assert hive.seen.path.to_bytes() == os.fsencode(tmp_path / "HIVE")


@pytest.mark.parametrize("data", [with_header(HIVE, (3, 2)), HIVE[:60] + b"!" + HIVE[61:]])
def test_dirty_hive_is_read_and_said(tmp_path: Path, data: bytes) -> None:
    hive = open_data(tmp_path, data)
    assert hive.seen.state == "dirty"
    assert hive.exists(["a"])
    assert any("not finished" in why for _, why in hive.unread())


@pytest.mark.parametrize(
    ("data", "why"), [(b"", "empty"), (b"regf", "cut short"), (bytes(9000), "does not start"), (b"MZ" * 9000, "no key")]
)
def test_what_is_no_hive(tmp_path: Path, data: bytes, why: str) -> None:
    hive = open_anything(tmp_path, data)
    assert isinstance(hive, UnreadHive)
    assert why in hive.why
    assert hive.seen.state == "unreadable"
    assert hive.seen.notes


def test_older_copy_is_named(tmp_path: Path) -> None:
    (tmp_path / "regback").mkdir()
    (tmp_path / "regback" / "Hive").write_bytes(HIVE)
    hive = open_anything(tmp_path, b"")
    assert isinstance(hive, UnreadHive)
    assert "an older copy lies at C:\\regback\\Hive" in hive.why


def test_folders_links_and_giants(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to("/etc/passwd")
    os.mkfifo(tmp_path / "fifo")
    with (tmp_path / "giant").open("wb") as giant:
        giant.truncate(4 << 30)
    for name, why in {
        "folder": "opened",
        "link": "opened",
        "fifo": "opened",
        "none": "opened",
        "giant": "more than",
    }.items():
        hive = open_file(tmp_path, name)
        assert isinstance(hive, UnreadHive), name
        assert why in hive.why, name


def test_a_hive_shorter_than_it_says(tmp_path: Path) -> None:
    big = write_hive(key_of({"A": {"v": 1}, "B": {"v": bytes(30_000)}}))
    hive = open_data(tmp_path, big[:12_000])
    assert any(f"cut short: 12000 bytes of {len(big)}" in why for _, why in hive.unread())
