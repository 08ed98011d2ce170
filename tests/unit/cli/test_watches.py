from datetime import UTC, datetime
from pathlib import Path

import pytest

from codered.cli.watches import show_places, show_status, stop
from codered.model.errors import WrongUse
from codered.model.monitoring import MonitorState, Orders, WatchedPlace
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


def test_an_unfinished_watch_is_shown_and_can_be_ended(monitors: Path, capsys: pytest.CaptureFixture[str]) -> None:
    show_status(monitors, (), as_json=False)
    assert capsys.readouterr().out == "a: not running, unfinished, 0 of 60 s\n"
    show_status(monitors, ("a",), as_json=True)
    assert '"over": false' in capsys.readouterr().out
    assert stop(monitors, "a") == 0
    assert "Nothing came back." in capsys.readouterr().out
    state = Keeping(monitors, "a").read_state()
    assert state is not None
    assert state.ended is not None


def test_an_unknown_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match="no watch has this name"):
        stop(tmp_path, "a")
    with pytest.raises(WrongUse, match="no watch has this name"):
        show_status(tmp_path, ("a",), as_json=False)


def test_places_are_escaped(capsys: pytest.CaptureFixture[str]) -> None:
    show_places((WatchedPlace(what="w", rel=b"a\x1b\xff", deep=True),), as_json=False)
    assert capsys.readouterr().out.startswith("w: /a\\x1b\\xff and below\n")
