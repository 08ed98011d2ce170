from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from codered.cli.watches import show_places, show_status, stop
from codered.model.errors import ExitCode, WrongUse
from codered.model.monitoring import Gap, Heartbeat, MonitorState, Orders, WatchedPlace
from codered.monitor.keeping import Keeping

STATE = MonitorState(
    orders=Orders(name="a", seconds=60.0), tool="1", host="h", started=datetime(2026, 3, 1, tzinfo=UTC)
)


@pytest.fixture
def monitors(tmp_path: Path) -> Path:
    kept = Keeping(tmp_path, "a")
    kept.open()
    kept.write(STATE)
    kept.close()
    return tmp_path


def keep(monitors: Path, *, alarming: bool = False, seconds_ago: float = 19 * 3600, gaps: bool = False) -> Keeping:
    """A watch as a kill left it so long ago."""
    kept = Keeping(monitors, "a")
    kept.open()
    when = datetime.now(UTC) - timedelta(seconds=seconds_ago)
    counts = {"reinfected": 1, "alarming": 1} if alarming else {}
    kept.write(Heartbeat(time=when, boot="another", up=1.0, elapsed=30.0, pid=1, counts=counts))
    if gaps:
        kept.write(replace(STATE, gaps=(Gap(since=when, until=when, why="down"),)))
    return kept


def test_an_unfinished_watch_is_shown_and_can_be_ended(monitors: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert show_status(monitors, (), as_json=False) == ExitCode.INCOMPLETE
    assert capsys.readouterr().out == "a: not running, unfinished, 0 of 60 s\n"
    show_status(monitors, ("a",), as_json=True)
    assert '"over": false' in capsys.readouterr().out
    assert stop(monitors, "a") == ExitCode.INCOMPLETE
    out = capsys.readouterr().out
    assert "Never watched" in out
    assert "Nothing came back" not in out
    assert "cut short" in out
    assert "the watch did not run" in out
    state = Keeping(monitors, "a").read_state()
    assert state is not None
    assert (state.ended is not None, len(state.gaps)) == (True, 1)


def test_a_killed_watch_is_not_clean(monitors: Path, capsys: pytest.CaptureFixture[str]) -> None:
    keep(monitors).close()
    assert show_status(monitors, ("a",), as_json=False) == ExitCode.INCOMPLETE
    assert show_status(monitors, (), as_json=True) == ExitCode.INCOMPLETE
    out = capsys.readouterr().out
    assert "Not running." in out
    assert "the watch did not run" in out
    assert stop(monitors, "a") == ExitCode.INCOMPLETE
    report = Keeping(monitors, "a").read_report()
    assert report is not None
    assert (report.seconds, len(report.gaps)) == (30.0, 1)
    assert report.gaps[0].until - report.gaps[0].since > timedelta(hours=18)
    assert show_status(monitors, (), as_json=False) == ExitCode.INCOMPLETE


def test_what_came_back_is_answered_while_it_runs_and_after(monitors: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kept = keep(monitors, alarming=True)
    assert show_status(monitors, ("a",), as_json=False) == ExitCode.FOUND
    assert show_status(monitors, (), as_json=False) == ExitCode.FOUND
    assert "running, 30 of 60 s; something came back" in capsys.readouterr().out
    kept.close()
    assert show_status(monitors, (), as_json=False) == ExitCode.FOUND
    assert stop(monitors, "a") == ExitCode.FOUND


def test_a_watch_that_runs_and_saw_nothing_is_clean(monitors: Path) -> None:
    kept = keep(monitors)
    assert show_status(monitors, ("a",), as_json=False) == ExitCode.CLEAN
    assert show_status(monitors, (), as_json=False) == ExitCode.CLEAN
    kept.close()


def test_a_watch_that_runs_and_had_a_gap_is_incomplete(monitors: Path) -> None:
    kept = keep(monitors, gaps=True)
    assert show_status(monitors, ("a",), as_json=False) == ExitCode.INCOMPLETE
    kept.close()


def test_an_unknown_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match="no watch has this name"):
        stop(tmp_path, "a")
    with pytest.raises(WrongUse, match="no watch has this name"):
        show_status(tmp_path, ("a",), as_json=False)


def test_places_are_escaped(capsys: pytest.CaptureFixture[str]) -> None:
    show_places((WatchedPlace(what="w", rel=b"a\x1b\xff", deep=True),), as_json=False)
    assert capsys.readouterr().out.startswith("w: /a\\x1b\\xff and below\n")


def test_one_bad_watch_does_not_hide_the_others(monitors: Path, capsys: pytest.CaptureFixture[str]) -> None:
    keep(monitors, alarming=True).close()
    (monitors / "bad").mkdir()
    (monitors / "bad/state.json").write_text("{")
    (monitors / "typo").mkdir()
    (monitors / "typo/lock").touch()
    assert show_status(monitors, (), as_json=False) == ExitCode.FOUND
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("a: not running, unfinished, 30 of 60 s")
    assert second.startswith("bad: can't be told: ")
    assert "is damaged" in second
    (monitors / "a/state.json").unlink()
    assert show_status(monitors, (), as_json=True) == ExitCode.INCOMPLETE
    assert "no watch has this name" in capsys.readouterr().out
