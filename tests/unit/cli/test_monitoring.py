from collections.abc import Callable
from pathlib import Path

import pytest

from codered.cli.monitoring import parse_length
from codered.model.errors import WrongUse
from tests.fixtures.command import Answer


@pytest.mark.parametrize(("text", "seconds"), [("90s", 90), ("30m", 1800), ("72h", 259200), ("7d", 604800), ("0s", 0)])
def test_lengths(text: str, seconds: int) -> None:
    assert parse_length(text, "--for") == seconds


@pytest.mark.parametrize("text", ["", "72", "h", "-1h", "1.5h", "1 h", "367d", "99999999999s", "1h\n", "１h"])
def test_what_is_no_length_is_refused(text: str) -> None:
    with pytest.raises(WrongUse, match="no length of time"):
        parse_length(text, "--for")


def test_a_short_watch_of_a_quiet_folder(say: Callable[..., Answer], tmp_path: Path) -> None:
    (tmp_path / "quiet").mkdir()
    answer = say("monitor", "--for", "1s", "--only", tmp_path / "quiet", "--json", "-o", tmp_path / "report.txt")
    assert answer.code in (0, 1)  # what runs on this host is judged too
    assert '"codered/monitor-report/1"' in answer.out
    assert "Watch host of" in (tmp_path / "report.txt").read_text()
    assert "host: over" in say("monitor", "status").out
