"""Words said inside the test's own process."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from codered.cli import main
from tests.fixtures.command import Answer
from tests.fixtures.volumes import lay_out_volume

Say = Callable[..., Answer]


@pytest.fixture(autouse=True)
def own_places(tmp_path: Path, rule_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CODERED_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("CODERED_CACHE", str(rule_cache))
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)


@pytest.fixture
def say(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Say:
    """Say a word: gives its exit code, stdout and stderr."""

    def run(*words: str | Path) -> Answer:
        capsys.readouterr()
        monkeypatch.setattr(sys, "argv", ["codered", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
        shown = capsys.readouterr()
        assert isinstance(ended.value.code, int)
        return Answer(int(ended.value.code), shown.out, shown.err)

    return run


@pytest.fixture
def volume(tmp_path: Path) -> Path:
    return lay_out_volume(tmp_path / "volume")


@pytest.fixture
def report(say: Say, volume: Path, tmp_path: Path) -> Path:
    """A saved report of the infected volume."""
    path = tmp_path / "report.json"
    assert say("scan", "--root", volume, "-o", path).code == 1
    return path


@pytest.fixture
def plan(say: Say, report: Path, tmp_path: Path) -> Path:
    """A saved plan for it."""
    path = tmp_path / "plan.json"
    assert say("plan", report, "-o", path).code == 0
    return path
