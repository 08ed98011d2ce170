"""Headquarters of the test's own, and its words said inside the test's own process."""

import sys
from pathlib import Path

import pytest

from tests.fixtures.ovs_switches import ovs_switch  # noqa: F401 - one switch for the whole session
from tests.fixtures.saying import Say, make_say


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
    return make_say(monkeypatch, capsys)
