import os
import time
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from codered.collect.copied_trees import forget_account_changes, forget_changes, forget_key_changes, is_copied
from codered.model.paths import FilePath
from codered.model.persistence import Account, AuthorizedKey, Autostart
from codered.targets import open_target

DAYS = 86_400


def lay_out(root: Path, ages: dict[str, float]) -> None:
    """A root whose places were written so many days ago, and unpacked now."""
    (root / "usr/bin").mkdir(parents=True)
    (root / "var/lib/dpkg").mkdir(parents=True)
    (root / "etc").mkdir()
    for name in ("etc/passwd", "etc/hostname", "var/lib/dpkg/status"):
        (root / name).write_text("x\n")
    for name, age in ages.items():
        os.utime(root / name, (time.time() - age * DAYS,) * 2)


@pytest.mark.parametrize(
    ("ages", "copied"),
    [
        ({"etc/passwd": 300, "usr/bin": 20}, True),
        ({"etc/passwd": 1.5}, True),
        ({"etc/passwd": 0.5}, False),
        ({}, False),  # installed today
    ],
)
def test_an_unpacked_tree_keeps_the_times_of_writing_only(tmp_path: Path, ages: dict[str, float], copied: bool) -> None:
    lay_out(tmp_path, ages)
    assert is_copied(open_target(str(tmp_path))) is copied


def test_too_few_places_tell_nothing(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/passwd").write_text("x\n")
    os.utime(tmp_path / "etc/passwd", (0, 0))
    assert not is_copied(open_target(str(tmp_path)))


def test_this_host_has_times_of_its_own() -> None:
    assert not is_copied(open_target())


def test_what_is_forgotten() -> None:
    now, path = datetime.now(UTC), FilePath("/etc/x")
    (entry,) = forget_changes((Autostart(kind="cron", path=path, changed=now),))
    assert entry.changed is None
    account = Account(name="a", path=path, line=1, uid=0, gid=0, text=b"a", changed=date(2026, 1, 1), file_changed=now)
    (left,) = forget_account_changes((account,))
    assert (left.changed, left.file_changed) == (account.changed, None)
    (key,) = forget_key_changes(
        (AuthorizedKey(account="a", path=path, line=1, text=b"k", file_changed=now, pair_changed=now),)
    )
    assert (key.file_changed, key.pair_changed) == (None, None)
