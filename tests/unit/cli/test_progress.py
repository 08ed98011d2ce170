import io

import pytest

from codered.cli import progress
from codered.cli.progress import show_progress
from codered.scan import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_without_a_terminal_a_line_comes_at_times(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with show_progress() as tell:
        tell(Progress(files=1))
        assert capsys.readouterr() == ("", "")
        monkeypatch.setattr(progress, "SECONDS_BETWEEN_LINES", 0.0)
        tell(Progress(files=1200, bytes=5_000_000, findings=2))
    assert capsys.readouterr() == ("", "codered: 1,200 files, 5 MB, 2 found so far\n")


def test_a_watch_tells_its_time_left_and_what_it_found_at_once(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with show_progress() as tell:
        tell(Progress(place="the network", seconds_left=50.0, alarms=("confirmed: x: a scan",)))
        monkeypatch.setattr(progress, "SECONDS_BETWEEN_LINES", 0.0)
        tell(Progress(place="the network", seconds_left=45.2, alarms=("confirmed: x: a scan",), findings=1))
    found, hint, left = capsys.readouterr().err.splitlines()
    assert found == "codered: LIVE: confirmed: x: a scan"
    assert "codered contain on" in hint
    assert left == "codered: the network: 45 s left, 1 found so far"


def sit_at_a_terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    made = Terminal()
    monkeypatch.setattr("sys.stderr", made)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "120")
    return made


def test_on_a_terminal_counts_are_drawn_and_wiped_away(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = sit_at_a_terminal(monkeypatch)
    with show_progress() as tell:
        assert terminal.getvalue() == ""  # the workers are forked before anything draws
        tell(Progress(place="web roots"))
        tell(Progress(files=1234, bytes=5_000_000, files_known=2000, walked=True, findings=2, place="web roots"))
    shown = terminal.getvalue()
    assert "web roots" in shown
    assert "1,234 files" in shown
    assert "2 found" in shown
    assert shown.endswith("\x1b[2K")  # the line is erased, and only the report stays


def test_on_a_terminal_a_watch_shows_its_time_left(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = sit_at_a_terminal(monkeypatch)
    with show_progress() as tell:
        tell(Progress(place="the network", seconds_left=42.0))
    assert "42 s left" in terminal.getvalue()
    assert "files" not in terminal.getvalue()


def test_a_scan_that_ends_before_it_began_draws_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = sit_at_a_terminal(monkeypatch)
    with show_progress():
        pass
    assert terminal.getvalue() == ""


def test_an_error_ends_the_display(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = sit_at_a_terminal(monkeypatch)

    def fail() -> None:
        with show_progress() as tell:
            tell(Progress())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert "\x1b[?25h" in terminal.getvalue()  # the cursor is back


def test_a_hostile_place_draws_nothing_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = sit_at_a_terminal(monkeypatch)
    with show_progress() as tell:
        tell(Progress(place="/a\x1b[2J\n[red]\u202eb[/"))
    assert "\x1b[2J" not in terminal.getvalue()
    assert "\u202e" not in terminal.getvalue()
    assert "[red]" in terminal.getvalue()
