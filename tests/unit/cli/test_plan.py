from pathlib import Path

import msgspec
import pytest

from codered.model.plan import Plan
from tests.fixtures.saying import Say
from tests.fixtures.volumes import SHOWN


def test_a_plan_is_shown_saved_and_changes_nothing(say: Say, report: Path, volume: Path, tmp_path: Path) -> None:
    before = sorted(volume.rglob("*"))
    answer = say("plan", report, "-o", tmp_path / "plan.json")
    assert answer.code == 0
    assert answer.out.startswith("PLAN: 6 changes")
    assert all(shown in answer.out for shown in SHOWN)
    assert answer.err == (
        f"codered: saved as {tmp_path}/plan.json\ncodered: review it, then: codered apply {tmp_path}/plan.json\n"
    )
    assert sorted(volume.rglob("*")) == before


def test_a_plan_as_json_is_the_saved_plan(say: Say, report: Path, tmp_path: Path) -> None:
    answer = say("plan", report, "--json", "-o", tmp_path / "plan.json")
    plan = msgspec.json.decode(answer.out, type=Plan)
    assert msgspec.json.decode((tmp_path / "plan.json").read_bytes(), type=Plan) == plan
    assert {action.shown for action in plan.actions} == set(SHOWN)


def test_what_is_not_asked_for_is_left_out(say: Say, report: Path) -> None:
    assert say("plan").code == 2
    assert say("plan", report, "nonsense").code == 2


@pytest.mark.parametrize("option", ["--keyring", "--baseline", "--restore-from", "--packages", "--lists"])
def test_a_source_that_is_not_there_is_told(say: Say, report: Path, tmp_path: Path, option: str) -> None:
    answer = say("plan", report, option, tmp_path / "none", "-o", tmp_path / "plan.json")
    assert answer.code == 2
    assert str(tmp_path / "none") in answer.err
    assert not (tmp_path / "plan.json").exists()


def test_where_known_good_files_come_from(say: Say, report: Path, tmp_path: Path) -> None:
    known = ("--packages", tmp_path, "--packages", tmp_path, "--lists", tmp_path, "--offline")
    assert say("plan", report, *known, "-o", tmp_path / "plan.json").code == 0
