"""`codered self-check` on Windows: every answer is given, and what works on Linux alone is said so."""

from pathlib import Path

import pytest

from codered.self_check.checking import check_self


def test_each_check_is_answered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CODERED_STATE", str(tmp_path / "state"))
    found = check_self()
    states = {check.subject: check.state for check in found.checks}
    assert (found.count("wrong"), states["packs"], states["state folder"]) == (0, "good", "good")
    assert {states[subject] for subject in ("examples", "memory", "removal and undo", "containment")} == {"absent"}
    assert all(check.told and (check.advice or check.state == "good") for check in found.checks)
    assert not (tmp_path / "state").exists()
