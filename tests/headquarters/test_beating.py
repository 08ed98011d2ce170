"""The worker's sign of life."""

import os
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from codered_hq.beating import NAME, Beat, beat, find_beat, find_hanging, find_start, is_alive

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)


def test_it_is_alive_until_its_next_pass_is_overdue(tmp_path: Path) -> None:
    assert find_beat(tmp_path) is None
    assert not is_alive(None, NOW)
    said = Beat(at=NOW, pause=5.0, pid=1, failed={"notices": "no route"})
    beat(tmp_path, said)
    assert find_beat(tmp_path) == msgspec.structs.replace(said, start=find_start(1))
    assert [path.name for path in tmp_path.iterdir()] == [NAME]
    assert is_alive(said, NOW + timedelta(seconds=70))
    assert not is_alive(said, NOW + timedelta(seconds=80))


def test_a_part_that_takes_long_is_no_death() -> None:
    gone = subprocess.Popen(["/bin/true"])
    gone.wait()
    later, mine = NOW + timedelta(minutes=20), find_start(os.getpid())
    assert mine > 0
    assert is_alive(Beat(at=NOW, pause=5.0, pid=os.getpid(), start=mine, doing="fleet"), later)
    assert not is_alive(Beat(at=NOW, pause=5.0, pid=os.getpid(), start=mine), later)
    assert not is_alive(Beat(at=NOW, pause=5.0, pid=gone.pid, doing="fleet"), later)


def test_another_process_with_its_number_is_not_it() -> None:
    other = Beat(at=NOW, pause=5.0, pid=os.getpid(), start=find_start(os.getpid()) - 1, doing="fleet")
    assert not is_alive(other, NOW + timedelta(minutes=20))
    assert find_hanging(other, NOW + timedelta(hours=1)) == ""


def test_a_worker_that_hangs_is_said_to() -> None:
    said = Beat(at=NOW, pause=5.0, pid=os.getpid(), start=find_start(os.getpid()), doing="fleet")
    assert find_hanging(said, NOW + timedelta(minutes=20)) == ""
    assert not is_alive(said, NOW + timedelta(minutes=31))
    assert find_hanging(said, NOW + timedelta(minutes=31)) == "at fleet for 31 min"


def test_what_is_no_beat_or_a_link_is_none(tmp_path: Path) -> None:
    (tmp_path / NAME).write_text("{")
    assert find_beat(tmp_path) is None
    (tmp_path / NAME).unlink()
    (tmp_path / "real").write_text("{}")
    (tmp_path / NAME).symlink_to("real")
    assert find_beat(tmp_path) is None
