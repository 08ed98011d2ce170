"""A disk that is full: before, while a file is copied to the vault, while the journal is written. Real small disks."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from codered.model.errors import NotRolledBack, Refused, RolledBack
from codered.model.plan import Plan
from codered.remediate.applying import apply_plan, roll_back
from tests.fixtures.changing import FolderTarget, hash_tree, make_action, make_sealed_plan

MEGABYTE = 1 << 20


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """An 8 MiB disk of its own."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=8m,mode=700", "small", str(folder)]
    done = subprocess.run(mount, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"this test needs root and mount(8) with tmpfs: {done.stderr}"
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@pytest.fixture
def target(tmp_path: Path) -> FolderTarget:
    root = tmp_path / "root"
    root.mkdir()
    for number in range(3):
        (root / f"file{number}").write_bytes(os.urandom(MEGABYTE))
    return FolderTarget(root)


def plan_all(target: FolderTarget) -> Plan:
    names = sorted(os.listdir(target.info.root))
    return make_sealed_plan(target, *(make_action(target, name, id_=f"a{n:02}") for n, name in enumerate(names, 1)))


def fill(disk: Path, leave: int) -> Path:
    """Fill the disk but for some bytes."""
    figures = os.statvfs(disk)
    filler = disk / "filler"
    filler.write_bytes(b"x" * max(0, figures.f_bavail * figures.f_frsize - leave))
    return filler


def make_many(tmp_path: Path) -> FolderTarget:
    """So many files that the lines about them do not fit into the journal's last block."""
    root = tmp_path / "many"
    root.mkdir()
    for number in range(12):
        (root / f"file{number:02}").write_bytes(b"small")
    return FolderTarget(root)


def case_on(disk: Path) -> Path:
    return disk / "cases" / "20261122-120000-abc123"


def test_too_little_space_is_refused_with_the_numbers(disk: Path, target: FolderTarget) -> None:
    root = Path(target.info.root)
    before = hash_tree(root)
    filler = fill(disk, 4 * MEGABYTE)
    with pytest.raises(Refused, match=r"the vault needs 6,291,456 bytes and its disk has [\d,]+; nothing was touched"):
        apply_plan(plan_all(target), target, case_on(disk))
    assert hash_tree(root) == before
    filler.unlink()
    assert len(apply_plan(plan_all(target), target, case_on(disk)).done) == 3


def test_no_space_at_all_is_refused(disk: Path, target: FolderTarget) -> None:
    before = hash_tree(Path(target.info.root))
    fill(disk, 0)
    with pytest.raises(Refused, match="nothing was touched"):
        apply_plan(plan_all(target), target, case_on(disk))
    assert hash_tree(Path(target.info.root)) == before


@pytest.mark.parametrize("at", [1, 2, 3])
def test_a_disk_that_fills_up_meanwhile_rolls_back(
    disk: Path, target: FolderTarget, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    """Another program's file takes the rest of the disk while the content number `at` is copied."""
    root = Path(target.info.root)
    before, plan = hash_tree(root), plan_all(target)
    real, big = os.write, 0

    def write(fd: int, data: bytes) -> int:
        nonlocal big
        big += len(data) > MEGABYTE // 2
        if big == at and not (disk / "filler").exists():
            fill(disk, 0)
        return real(fd, data)

    monkeypatch.setattr(os, "write", write)
    with pytest.raises(RolledBack, match=rf"file{at - 1}: No space left on device; everything done before was undone"):
        apply_plan(plan, target, case_on(disk))
    monkeypatch.undo()
    assert hash_tree(root) == before
    (disk / "filler").unlink()
    assert len(apply_plan(plan, target, case_on(disk)).done) == 3
    roll_back(plan, target, case_on(disk))
    assert hash_tree(root) == before


def test_rollback_on_a_full_disk_uses_the_ballast(disk: Path, tmp_path: Path) -> None:
    target = make_many(tmp_path)
    before, plan = hash_tree(tmp_path / "many"), plan_all(target)
    apply_plan(plan, target, case_on(disk))
    assert (case_on(disk) / "ballast").exists()
    fill(disk, 0)
    assert len(roll_back(plan, target, case_on(disk)).undone) == 12
    assert not (case_on(disk) / "ballast").exists()
    assert hash_tree(tmp_path / "many") == before


def test_target_and_vault_on_one_full_disk(disk: Path) -> None:
    root = disk / "root"
    root.mkdir()
    (root / "file").write_bytes(os.urandom(MEGABYTE // 2))
    target = FolderTarget(root)
    before, plan = hash_tree(root), plan_all(target)
    apply_plan(plan, target, case_on(disk))
    fill(disk, 0)
    roll_back(plan, target, case_on(disk))
    assert hash_tree(root) == before


def test_a_journal_that_cannot_be_written_at_all(disk: Path, tmp_path: Path) -> None:
    target = make_many(tmp_path)
    before, plan = hash_tree(tmp_path / "many"), plan_all(target)
    apply_plan(plan, target, case_on(disk))
    (case_on(disk) / "ballast").unlink()
    filler = fill(disk, 0)
    with pytest.raises(
        NotRolledBack, match=r"the journal can't be written: No space left on device; .* still in place"
    ):
        roll_back(plan, target, case_on(disk))
    filler.unlink()
    roll_back(plan, target, case_on(disk))
    assert hash_tree(tmp_path / "many") == before
