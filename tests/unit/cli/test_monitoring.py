from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from codered.cli import monitoring
from codered.model.errors import Refused
from codered.model.monitoring import MonitorState, Orders
from codered.monitor.keeping import Keeping
from tests.fixtures.command import Answer


def test_a_short_watch_of_a_quiet_folder(say: Callable[..., Answer], tmp_path: Path) -> None:
    (tmp_path / "quiet").mkdir()
    answer = say("monitor", "--for", "1s", "--only", tmp_path / "quiet", "--json", "-o", tmp_path / "report.txt")
    assert answer.code in (0, 1)  # what runs on this host is judged too
    assert '"codered/monitor-report/1"' in answer.out
    assert "Watch host of" in (tmp_path / "report.txt").read_text()
    assert "host: over" in say("monitor", "status").out


@pytest.mark.parametrize("words", [("--syslog", "foo"), ("--webhook", "ftp://x"), ("--jsonl", "/dev/full")])
def test_a_wrong_address_leaves_no_watch_behind(say: Callable[..., Answer], tmp_path: Path, words: list[str]) -> None:
    assert say("monitor", "--for", "1s", *words).code == 2
    assert not (tmp_path / "state/monitors").exists()


def test_where_nobody_would_start_it_no_watch_is_kept(
    say: Callable[..., Answer], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: object) -> None:
        raise Refused("no systemd")

    monkeypatch.setattr(monitoring, "check_boots", refuse)
    assert say("monitor", "--install").code == 4
    assert not (tmp_path / "state/monitors").exists()


def begin(folder: Path, **orders: str) -> None:
    """An unfinished watch, as a kill leaves it."""
    keeping = Keeping(folder / "state/monitors", "host")
    keeping.open()
    wanted = Orders(name="host", seconds=1.0, only_paths=True, paths=(str(folder / "quiet"),), **orders)  # type: ignore[arg-type]
    keeping.write(MonitorState(orders=wanted, tool="1", host="h", started=datetime.now(UTC)))
    keeping.close()


def test_a_kept_watch_that_can_not_run_names_its_cure(say: Callable[..., Answer], tmp_path: Path) -> None:
    (tmp_path / "quiet").mkdir()
    begin(tmp_path, syslog="foo")
    answer = say("monitor", "--only", tmp_path / "quiet")
    assert answer.code == 2
    assert "no syslog address" in answer.err
    assert "`codered monitor stop host`" in answer.err


def test_what_a_watch_that_goes_on_does_not_take_is_said(say: Callable[..., Answer], tmp_path: Path) -> None:
    (tmp_path / "quiet").mkdir()
    begin(tmp_path)
    answer = say("monitor", "--only", tmp_path / "quiet", "--for", "2s", "--jsonl", tmp_path / "alerts")
    assert "goes on with the unfinished watch host as it was begun; --for, --jsonl" in answer.err
    assert answer.code != 2


@pytest.mark.parametrize("words", [("--jsonl", "/x"), ("--for", "5s"), ("--on-finding", "contain"), ("--name", "b")])
def test_a_resumed_watch_takes_no_other_orders(say: Callable[..., Answer], tmp_path: Path, words: list[str]) -> None:
    begin(tmp_path)
    answer = say("monitor", "--resume", "host", *words)
    assert (answer.code, answer.err.count("\n")) == (2, 1)
    assert f"{words[0]}: a watch that goes on is as it was begun" in answer.err


def test_a_name_that_no_watch_has_leaves_no_folder(say: Callable[..., Answer], tmp_path: Path) -> None:
    for words in (("stop", "nope"), ("status", "nope"), ("--resume", "nope")):
        assert say("monitor", *words).code == 2
    assert not (tmp_path / "state/monitors").exists()
