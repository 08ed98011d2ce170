import json
from pathlib import Path
from typing import Any, NoReturn

import pytest
from msgspec.structs import replace

from codered.cli import changes, guided_steps, proving
from codered.cli.guided_applying import apply_agreed
from codered.cli.guided_steps import GuidedSteps, may_ask
from codered.model.errors import Refused
from codered.model.plan import Plan
from codered.model.report import Report
from codered.model.response import Verification
from codered.respond.workflow import StepResult
from tests.fixtures.changing import hash_tree
from tests.fixtures.saying import Say
from tests.fixtures.volumes import SHOWN, path_below


def stop(*_: object) -> NoReturn:
    raise KeyboardInterrupt


def report_of_a_host(steps: GuidedSteps) -> Report:
    """As if the volume were a host that runs."""
    found = steps._book.response.report
    assert found is not None
    return replace(found, target=replace(found.target, offers=(*found.target.offers, "processes")))


def test_nobody_sits_in_a_test() -> None:
    assert not may_ask()


def test_steps_tell_what_came_of_them(say: Say, volume: Path, tmp_path: Path) -> None:
    assert say("respond", "--root", volume, "--yes", "-o", tmp_path / "r.json").code == 0
    steps = {step["name"]: step for step in json.loads((tmp_path / "r.json").read_bytes())["steps"]}
    assert steps["look"]["told"][0].startswith("infected: ")
    assert any("firewall" in line for line in steps["contain"]["told"])
    assert steps["restore"]["state"] == "skipped"
    assert any("close the hole" in line for line in steps["patch"]["told"])
    assert steps["verify"]["told"][0].startswith("clean: ")
    assert steps["monitor"]["state"] == "skipped"


def test_on_a_terminal_each_change_is_asked_for(say: Say, volume: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    questions: list[str] = []

    def ask(asked: object, question: str) -> None:
        questions.append(question)
        if len(questions) == 2:
            raise Refused("not confirmed; nothing was changed")

    monkeypatch.setattr("codered.cli.guiding.may_ask", lambda: True)
    monkeypatch.setattr(changes, "ask", ask)
    before = hash_tree(volume)
    assert say("respond", "--root", volume).code == 4
    assert questions == ["Collect it before anything is changed?", f"Apply these 6 changes to {volume}?"]
    assert hash_tree(volume) == before


def test_a_restored_file_names_its_source(say: Say, volume: Path, tmp_path: Path) -> None:
    good = path_below(tmp_path / "good", SHOWN[2])
    good.parent.mkdir(parents=True)
    good.write_bytes(b"as it should be")
    answer = say("respond", "--root", volume, "--restore-from", tmp_path / "good", "--yes", "-o", tmp_path / "r.json")
    steps = {step["name"]: step for step in json.loads((tmp_path / "r.json").read_bytes())["steps"]}
    assert steps["restore"]["told"] == [f"{SHOWN[2]}: from the folder {tmp_path}/good given by you"]
    assert (answer.code, steps["verify"]["code"]) == (1, 1)  # the name alone still speaks against it
    assert path_below(volume, SHOWN[2]).read_bytes() == b"as it should be"


def test_a_host_that_is_put_back_between_is_reinfected(
    say: Say, volume: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = path_below(volume, SHOWN[0]).read_bytes()

    def apply_and_put_back(plan: Plan) -> StepResult:
        result = apply_agreed(plan)
        path_below(volume, SHOWN[0]).write_bytes(body)
        return result

    monkeypatch.setattr(guided_steps, "apply_agreed", apply_and_put_back)
    answer = say("respond", "--root", volume, "--yes", "-o", tmp_path / "r.json")
    document = json.loads((tmp_path / "r.json").read_bytes())
    assert (answer.code, document["verification"]["answer"]) == (1, "reinfected")


def test_after_a_start_of_the_host_it_is_looked_at_again(
    say: Say, volume: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if the plan had removed a kernel module: the response waits, and goes on when the boot is another."""
    due = "codered.respond.verifying.list_reboot_reasons"
    with monkeypatch.context() as before:
        before.setattr(due, lambda *_: ("a module stays in the kernel",))
        answer = say("respond", "--root", volume, "--yes")
        assert answer.code == 3
        assert "Start the host anew, then: codered respond --resume" in answer.err
        assert say("respond", "--resume").code == 3
    answer = say("respond", "--resume", "-o", tmp_path / "r.json")
    assert answer.code == 0
    assert "6. Apply: done before" in answer.out
    assert json.loads((tmp_path / "r.json").read_bytes())["finished"] is True


def test_a_staged_run_does_not_watch(say: Say, volume: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As if it was stopped before the last step, on a host that runs."""
    watched: list[str] = []
    monkeypatch.setattr(guided_steps, "install_watch", lambda _, length: watched.append(length))
    with monkeypatch.context() as stopped:
        stopped.setattr(GuidedSteps, "watch", stop)
        assert say("respond", "--root", volume, "--yes", "--monitor", "1h").code == 130
    monkeypatch.setattr(GuidedSteps, "_report", report_of_a_host)
    assert say("respond", "--resume", "--staged", "-o", tmp_path / "r.json").code == 0
    assert watched == []
    document = json.loads((tmp_path / "r.json").read_bytes())
    assert (document["steps"][-1]["state"], document.get("finished")) == ("staged", None)
    assert say("respond", "--resume").code == 0
    assert watched == ["1h"]


def test_a_watch_that_is_not_there_is_no_clean_end(
    say: Say, volume: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:

    def refuse(*_: object) -> NoReturn:
        raise Refused("nothing would start the watch")

    with monkeypatch.context() as stopped:
        stopped.setattr(GuidedSteps, "watch", stop)
        assert say("respond", "--root", volume, "--yes", "--monitor", "1h").code == 130
    monkeypatch.setattr(GuidedSteps, "_report", report_of_a_host)
    monkeypatch.setattr(guided_steps, "install_watch", refuse)
    answer = say("respond", "--resume", "-o", tmp_path / "r.json")
    assert answer.code == 4
    assert "codered: Not watched: nothing would start the watch\n" in answer.err
    assert json.loads((tmp_path / "r.json").read_bytes())["code"] == 4


def test_what_is_not_certain_is_not_said_to_be_there(say: Say, volume: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    look_again = proving.look_again

    def look_in_part(*given: Any) -> Verification:
        found: Verification = look_again(*given)
        return replace(found, answer="incomplete", because="a folder could not be read")

    monkeypatch.setattr(proving, "look_again", look_in_part)
    answer = say("respond", "--root", volume, "--yes")
    assert answer.code == 3
    assert "can't be said yet" in answer.err
    assert "there is still something" not in answer.err
    assert "codered monitor" not in answer.err  # nothing runs on a volume
