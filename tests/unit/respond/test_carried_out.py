import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from codered.model.errors import Refused, WrongUse
from codered.respond import carried_out

SOON = datetime.now(UTC) + timedelta(hours=1)


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CODERED_STATE", str(tmp_path / "state"))
    return tmp_path / "state"


def test_a_job_is_begun_again_until_it_was_answered_and_never_after() -> None:
    assert not carried_out.is_under_way("j1", "aa")
    assert carried_out.begin("j1", "aa", SOON)
    assert carried_out.is_under_way("j1", "aa")
    assert not carried_out.is_under_way("j1", "bb")
    assert carried_out.begin("j1", "aa", SOON)  # it was broken off: it goes on
    carried_out.forget("j1")
    assert not carried_out.is_under_way("j1", "aa")
    assert carried_out.begin("j1", "aa", SOON)
    carried_out.end("j1", "aa", SOON)
    assert not carried_out.is_under_way("j1", "aa")
    assert not carried_out.begin("j1", "aa", SOON)
    with pytest.raises(Refused, match="another job of this id"):
        carried_out.begin("j1", "bb", SOON)


def test_what_was_carried_out_is_forgotten_a_year_after_its_expiry(state: Path) -> None:
    carried_out.begin("late", "aa", datetime.now(UTC) - timedelta(days=300))
    carried_out.begin("old", "aa", datetime.now(UTC) - timedelta(days=400))
    assert {path.stem for path in (state / "fleet/carried-out").glob("*.json")} == {"old", "late"}
    carried_out.begin("new", "aa", SOON)
    assert {path.stem for path in (state / "fleet/carried-out").glob("*.json")} == {"late", "new"}


def test_a_mark_that_can_not_be_read_is_no_permission(state: Path) -> None:
    carried_out.begin("j1", "aa", SOON)
    (state / "fleet/carried-out/j1.json").write_text("{")
    with pytest.raises(Refused, match="can't be told"):
        carried_out.begin("j1", "aa", SOON)
    carried_out.begin("j2", "aa", SOON)  # and keeps nobody else from working


def test_one_change_at_a_time() -> None:
    with (
        carried_out.one_at_a_time(),
        pytest.raises(Refused, match="another job that changes something"),
        carried_out.one_at_a_time(),
    ):
        pass
    with carried_out.one_at_a_time():
        pass


def test_folders_that_others_may_write_in_are_not_used(state: Path, tmp_path: Path) -> None:
    folder = carried_out.open_fleet_folder("answers")
    assert folder == state / "fleet/answers"
    assert folder.stat().st_mode & 0o777 == 0o700
    folder.chmod(0o777)
    with pytest.raises(Refused, match="others may write in this folder"):
        carried_out.open_fleet_folder("answers")
    folder.rmdir()
    (tmp_path / "elsewhere").mkdir()
    folder.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Refused, match="or it is a link"):
        carried_out.open_fleet_folder("answers")
    folder.unlink()
    folder.write_text("")
    with pytest.raises(WrongUse, match="can't be made"):
        carried_out.open_fleet_folder("answers")


def test_answers_go_after_a_week_and_files_are_written_whole(state: Path) -> None:
    folder = carried_out.open_fleet_folder("answers")
    for name, days in (("a.json", 8), ("b.json", 6), (".x.part", 8)):
        carried_out.write_private(folder / name, b"1")
        then = time.time() - days * 86400
        os.utime(folder / name, (then, then))
    carried_out.forget_answers(folder)
    assert os.listdir(folder) == ["b.json"]
    assert (folder / "b.json").stat().st_mode & 0o777 == 0o600
    with pytest.raises(WrongUse, match="can't be written"):
        carried_out.write_private(folder / "no" / "c.json", b"1")
