import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from codered.cli import drilling
from codered.drill import DrillStep, HostDrill

GOOD = DrillStep("Plan", "codered plan r.json", "line\n\x1b[2Jodd\n", 0, "")
BAD = DrillStep("Apply", "codered apply p.json", "", 4, "exit code 4, must be 0")


@pytest.fixture
def drill(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[DrillStep]:
    """The steps that the drill gives; its folder is made in `tmp_path`."""
    steps: list[DrillStep] = []

    def run(self: HostDrill) -> Iterator[DrillStep]:
        self.volume.mkdir()
        (self.volume / "x").touch()
        yield from steps

    monkeypatch.setattr(HostDrill, "run", run)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return steps


def test_a_drill_that_passes(drill: list[DrillStep], capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    drill.append(GOOD)
    assert drilling.run_host_drill(keep=False, quiet=False) == 0
    shown = capsys.readouterr().out
    assert "\x1b" not in shown
    for part in ("1. Plan\n\n$ codered plan r.json\nline\n\\x1b[2Jodd\n", "→ 1. Plan: exit code 0, as it must be\n"):
        assert part in shown
    assert re.search("tree hash: [0-9a-f]{64}\n", shown)
    assert re.search(r"\nThe drill PASSED in \d+\.\d s\n\Z", shown)
    assert list(tmp_path.iterdir()) == []


def test_a_drill_that_fails(drill: list[DrillStep], capsys: pytest.CaptureFixture[str]) -> None:
    drill += [GOOD, BAD]
    assert drilling.run_host_drill(keep=False, quiet=True) == 1
    shown = capsys.readouterr().out
    assert "$ codered" not in shown
    assert "2. Apply: exit code 4, NOT as it must be: exit code 4, must be 0\nThe drill FAILED" in shown


def test_its_folder_can_be_kept(drill: list[DrillStep], capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    drill.append(GOOD)
    drilling.run_host_drill(keep=True, quiet=True)
    (folder,) = tmp_path.iterdir()
    assert (folder / "volume/x").exists()
    assert capsys.readouterr().out.endswith(f"; its folder is {folder}\n")


def test_a_drill_that_ends_early_leaves_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def run(self: HostDrill) -> Iterator[DrillStep]:
        self.volume.mkdir()
        yield GOOD
        raise KeyboardInterrupt

    monkeypatch.setattr(HostDrill, "run", run)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with pytest.raises(KeyboardInterrupt):
        drilling.run_host_drill(keep=False, quiet=True)
    assert list(tmp_path.iterdir()) == []
