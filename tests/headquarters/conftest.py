"""Headquarters of the test's own, and its words said inside the test's own process."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from codered.cli import main
from tests.fixtures.command import Answer

Say = Callable[..., Answer]


@pytest.fixture(autouse=True)
def headquarters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a headquarters that nobody has used yet; no test reaches the machine's own."""
    folder = tmp_path / "hq"
    monkeypatch.setenv("CODERED_HQ", str(folder))
    monkeypatch.setenv("CODERED_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("CODERED_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("CODERED_HQ_DATABASE", raising=False)
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    return folder


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
