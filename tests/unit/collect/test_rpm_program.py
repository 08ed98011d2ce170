import os
from pathlib import Path

import pytest

from codered.collect import rpm_program
from codered.collect.rpm_program import NO_PROGRAM, TOO_LARGE, UNREADABLE, RpmTrouble, ask_rpm, find_database
from codered.targets.offline_root import OfflineRoot
from tests.fixtures.package_roots import build_rpm, install_rpm


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "root"
    install_rpm(folder, build_rpm(tmp_path))
    return folder


def ask(root: Path) -> bytes:
    target = OfflineRoot(str(root))
    place = find_database(target)
    assert place is not None
    return ask_rpm(target, place, r"%{NAME}\n")


def test_the_database_of_a_root_is_asked_and_left_as_it_is(root: Path) -> None:
    folder = root / "var/lib/rpm"
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert ask(root) == b"tiny\n"
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_settings_of_the_target_are_not_obeyed(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mark = tmp_path / "mark"
    (root / ".rpmmacros").write_text(f"%_dbpath %(touch {mark})\n")
    monkeypatch.setenv("HOME", str(root))
    assert ask(root) == b"tiny\n"
    assert not mark.exists()


def test_a_damaged_database_is_said(root: Path) -> None:
    for name in ("rpmdb.sqlite-wal", "rpmdb.sqlite-shm"):
        (root / "var/lib/rpm" / name).unlink(missing_ok=True)
    (root / "var/lib/rpm/rpmdb.sqlite").write_bytes(b"SQLite format 3\0" + os.urandom(5000))
    with pytest.raises(RpmTrouble) as trouble:
        ask(root)
    assert str(trouble.value) == UNREADABLE


def test_one_that_is_too_large_is_not_copied(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rpm_program, "MOST_BYTES", 1000)
    with pytest.raises(RpmTrouble) as trouble:
        ask(root)
    assert str(trouble.value) == TOO_LARGE


def test_without_the_program_it_says_so(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rpm_program, "_PLACES", "/nowhere")
    with pytest.raises(RpmTrouble) as trouble:
        ask(root)
    assert str(trouble.value) == NO_PROGRAM


def test_a_link_is_no_database(root: Path) -> None:
    file = root / "var/lib/rpm/rpmdb.sqlite"
    file.rename(root / "elsewhere")
    file.symlink_to(root / "elsewhere")
    assert find_database(OfflineRoot(str(root))) is None
