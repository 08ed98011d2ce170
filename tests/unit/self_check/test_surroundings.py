"""The state folder, the clock and the packs of this host."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from codered.packs.loading import find_shipped_packs
from codered.self_check import surroundings
from codered.self_check.surroundings import (
    check_clock,
    check_packs,
    check_state_folder,
    read_clocks,
    read_made,
    tell_age,
)


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "state"
    monkeypatch.setenv("CODERED_STATE", str(folder))
    monkeypatch.delenv("CODERED_PACKS", raising=False)
    return folder


def test_a_state_folder_that_is_not_there_yet_is_not_made(state: Path) -> None:
    found = check_state_folder()
    assert found.state == "good"
    assert "not there yet" in found.told
    assert not state.exists()


def test_a_private_folder_is_good_and_an_open_one_wrong(state: Path) -> None:
    state.mkdir(mode=0o700)
    assert check_state_folder().state == "good"
    state.chmod(0o755)
    found = check_state_folder()
    assert (found.state, found.told) == ("wrong", f"{state} is not ours alone")
    assert "chmod 700" in found.advice


def test_a_folder_of_somebody_else_is_wrong(state: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give a folder away")
    state.mkdir(mode=0o700)
    os.chown(state, 1234, 1234)
    assert check_state_folder().state == "wrong"


def test_a_file_in_its_place_is_wrong(state: Path) -> None:
    state.write_text("")
    assert check_state_folder().state == "wrong"


def test_a_full_disk_is_wrong(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    state.mkdir(mode=0o700)
    monkeypatch.setattr(surroundings, "measure_free", lambda _: 5 << 20)
    found = check_state_folder()
    assert (found.state, found.told) == ("wrong", f"{state} has 5 MiB left")


def test_a_clock_before_the_tool_is_wrong() -> None:
    now = read_clocks()
    assert check_clock(now[0] - 60, now).state == "good"
    assert check_clock(now[0] + 3600, now).state == "wrong"


@pytest.mark.parametrize("by", [-3600.0, 3600.0])
def test_a_clock_that_is_set_meanwhile_is_wrong(by: float) -> None:
    now = read_clocks()
    found = check_clock(0, (now[0] - by, now[1]))
    assert found.state == "wrong"
    assert f"it was set by {by:+.1f} s" in found.told


def test_a_clock_that_runs_backwards_is_wrong() -> None:
    now = read_clocks()
    assert check_clock(0, (now[0], now[1] + 60)).state == "wrong"


def test_when_the_tool_was_made_is_the_time_of_its_files(tmp_path: Path) -> None:
    (tmp_path / "codered").mkdir()
    assert read_made(tmp_path) == 0.0
    (tmp_path / "codered" / "__init__.py").write_text("")
    os.utime(tmp_path / "codered" / "__init__.py", (7, 7))
    assert read_made(tmp_path) == 7.0


def test_shipped_packs_are_whole(state: Path) -> None:
    found, packs = check_packs()
    assert (found.state, found.group) == ("good", "trust")
    assert f"{len(packs)} packs as shipped with the tool" in found.told


def test_damaged_installed_packs_are_wrong(state: Path) -> None:
    (state / "packs").mkdir(parents=True, mode=0o700)
    (state / "packs" / "current").write_text("nonsense")
    found, packs = check_packs()
    assert found.state == "wrong"
    assert "the installed packs are damaged" in found.told
    assert packs


def test_packs_that_nobody_signed_are_unchecked(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CODERED_PACKS", str(find_shipped_packs()))
    assert check_packs()[0].state == "unchecked"
    monkeypatch.setenv("CODERED_PACKS", str(state))
    assert check_packs()[0].state == "wrong"


def test_an_old_set_is_told() -> None:
    now = datetime(2026, 6, 1, tzinfo=UTC)
    assert tell_age((now - timedelta(days=89)).isoformat(), now) == ""
    assert tell_age((now - timedelta(days=100)).isoformat(), now) == "; that is 100 days ago"
    assert tell_age("no time", now) == ""
    assert tell_age("2026-01-01", now) == ""
