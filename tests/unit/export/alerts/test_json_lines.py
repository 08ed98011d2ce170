import os
import resource
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from codered.export.alerts.json_lines import JsonLines
from codered.model.errors import WrongUse
from codered.model.monitoring import MonitorEvent
from codered.model.paths import path_from_bytes

EVENT = MonitorEvent(
    time=datetime(2026, 3, 1, tzinfo=UTC), kind="found", story="a\nb\x1b", path=path_from_bytes(b"/x\xff")
)


def test_a_line_an_alert(tmp_path: Path) -> None:
    path = tmp_path / "alerts"
    way = JsonLines(str(path))
    way.send(EVENT)
    path.rename(tmp_path / "rotated")
    way.send(EVENT)
    for name in ("alerts", "rotated"):
        (line,) = (tmp_path / name).read_bytes().splitlines()
        assert msgspec.json.decode(line, type=MonitorEvent) == EVENT
        assert (tmp_path / name).stat().st_mode & 0o777 == 0o600
    way.close()


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "link").symlink_to(tmp_path / "else")
    for name in ("fifo", "link", "no/such", "."):
        with pytest.raises(WrongUse, match="can't be written"):
            JsonLines(str(tmp_path / name))
    assert not (tmp_path / "else").exists()


def test_what_fails_later_is_told(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    way = JsonLines(str(tmp_path / "in/alerts"))
    (tmp_path / "in/alerts").unlink()
    (tmp_path / "in").rmdir()
    way.send(EVENT)
    assert "1 alerts not written: No such file" in way.troubles()[0]
    assert way.troubles() == ()


def test_a_line_that_a_full_disk_cut_off_is_told_and_the_next_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "alerts"
    way = JsonLines(str(path))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20, before[1]))
    try:
        way.send(EVENT)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert way.troubles() == (f"{path}: 1 alerts not written: only a part of it could be written",)
    way.send(EVENT)
    assert way.troubles() == ()
    cut, whole = path.read_bytes().splitlines()
    assert len(cut) == 20
    assert msgspec.json.decode(whole, type=MonitorEvent) == EVENT
