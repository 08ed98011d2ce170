import json
from pathlib import Path
from typing import NoReturn

import msgspec
import pytest

from codered import respond
from codered.cli.guided_steps import GuidedSteps
from codered.model.plan import Plan, seal_plan
from tests.fixtures.changing import hash_tree
from tests.fixtures.saying import Say


def stop(*_: object) -> NoReturn:
    raise KeyboardInterrupt


@pytest.fixture
def agreed(say: Say, volume: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A response that was stopped after somebody agreed and before anything was changed: the file of its plan."""
    with monkeypatch.context() as stopped:
        stopped.setattr(GuidedSteps, "apply", stop)
        assert say("respond", "--root", volume, "--yes").code == 130
    (path,) = (path for path in (tmp_path / "state/plans").iterdir() if path.name.count(".") == 1)
    return path


def read_apply(path: Path) -> tuple[str, list[str]]:
    (step,) = (step for step in json.loads(path.read_bytes())["steps"] if step["name"] == "apply")
    return step["state"], step["told"]


def test_a_staged_run_changes_nothing_of_what_was_agreed_to(
    say: Say, agreed: Path, volume: Path, tmp_path: Path
) -> None:
    before = hash_tree(volume)
    answer = say("respond", "--resume", "--staged", "-o", tmp_path / "r.json")
    assert (answer.code, hash_tree(volume)) == (1, before)
    assert read_apply(tmp_path / "r.json") == ("staged", ["Agreed to earlier; nothing was changed by this run"])
    assert "7. Restore" not in answer.out
    assert say("respond", "--resume", "--yes", "-o", tmp_path / "r.json").code == 0
    assert read_apply(tmp_path / "r.json") == ("done", ["6 changes carried out"])
    assert hash_tree(volume) != before


def test_a_staged_run_tells_what_was_begun(
    say: Say, agreed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as stopped:
        stopped.setattr("codered.cli.changes.report_outcome", stop)
        assert say("respond", "--resume").code == 130
    assert say("respond", "--resume", "--staged", "-o", tmp_path / "r.json").code == 1
    state, told = read_apply(tmp_path / "r.json")
    assert (state, told[1].partition(",")[0]) == ("staged", "An earlier run began it")
    assert say("respond", "--resume", "--yes", "-o", tmp_path / "r.json").code == 0
    assert read_apply(tmp_path / "r.json") == ("done", ["6 changes carried out by an earlier run"])


@pytest.mark.parametrize("sealed", [True, False])
def test_another_plan_in_its_place_is_refused(say: Say, agreed: Path, volume: Path, sealed: bool) -> None:
    before = hash_tree(volume)
    plan = msgspec.json.decode(agreed.read_bytes(), type=Plan)
    less = msgspec.structs.replace(plan, actions=plan.actions[:1])
    agreed.write_bytes(msgspec.json.encode(seal_plan(less) if sealed else less))
    answer = say("respond", "--resume", "--yes")
    assert (answer.code, hash_tree(volume)) == (4, before)
    assert "is not the plan that was agreed to" in answer.err


def test_stopped_in_the_middle_it_says_how_to_undo_it(say: Say, agreed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(respond, "apply", stop)
    monkeypatch.setattr(respond, "list_frozen", lambda _: (1,))
    answer = say("respond", "--resume", "--yes")
    assert answer.code == 130
    assert f"codered rollback {agreed.stem} --yes" in answer.err
    assert "stay frozen" in answer.err
    assert "codered respond --resume" in answer.err
