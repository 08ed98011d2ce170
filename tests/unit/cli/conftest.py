"""Words said inside the test's own process."""

import sys
from pathlib import Path

import pytest

from tests.fixtures.saying import Say, make_say
from tests.fixtures.volumes import lay_out_volume


@pytest.fixture(autouse=True)
def own_places(tmp_path: Path, rule_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CODERED_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("CODERED_CACHE", str(rule_cache))
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)


@pytest.fixture
def say(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Say:
    """Say a word: gives its exit code, stdout and stderr."""
    return make_say(monkeypatch, capsys)


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
