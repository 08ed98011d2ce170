"""Programs that are gone from their path, with the records of a made-up root."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from codered.collect.autostart.reading import Reader
from codered.collect.packages import PackageDatabase
from codered.model.paths import FilePath
from codered.model.process import Executable, ProcessesSeen
from codered.scan.upgraded import mark_upgraded
from codered.targets import open_target
from tests.fixtures.autostart_roots import make_root, own, write
from tests.fixtures.running import make_process

NOW = datetime.now(UTC)
BEFORE, LATER = NOW - timedelta(hours=1), NOW + timedelta(hours=1)


def is_upgraded(root: Path, started: datetime | None, path: str = "/usr/sbin/thing", **flags: bool) -> bool:
    exe = Executable(path=FilePath(path), **({"deleted": True, "replaced": True} | flags))  # type: ignore[arg-type]
    process = make_process(70, exe=exe, started=started)
    seen = ProcessesSeen(processes=(process, make_process(71)))
    marked = mark_upgraded(seen, PackageDatabase(Reader(open_target(str(root))))).processes
    assert marked[1] == seen.processes[1]
    assert marked[0].exe is not None
    return marked[0].exe.upgraded


def test_a_package_that_was_written_since_explains_it(tmp_path: Path) -> None:
    root = make_root(tmp_path)
    own(root, "thing:amd64", {"usr/sbin/thing": "new"})
    assert is_upgraded(root, BEFORE)
    assert not is_upgraded(root, LATER)
    assert not is_upgraded(root, None)
    assert not is_upgraded(root, BEFORE, "/usr/sbin/other")


@pytest.mark.parametrize("flags", [{"deleted": False}, {"memfd": True}, {"foreign": True}])
def test_what_an_upgrade_never_leaves_behind(tmp_path: Path, flags: dict[str, bool]) -> None:
    root = make_root(tmp_path)
    own(root, "thing", {"usr/sbin/thing": "new"})
    assert not is_upgraded(root, BEFORE, "/usr/sbin/thing", **flags)


def test_a_list_whose_time_was_set_forward_explains_nothing(tmp_path: Path) -> None:
    root = make_root(tmp_path)
    own(root, "thing", {"usr/sbin/thing": "new"})
    ahead = (LATER + timedelta(days=1)).timestamp()
    os.utime(root / "var/lib/dpkg/info/thing.list", (ahead, ahead))
    assert not is_upgraded(root, LATER)


def test_without_records_nothing_is_said(tmp_path: Path) -> None:
    write(tmp_path, {"etc/x": "x"})
    assert not is_upgraded(tmp_path, BEFORE)
