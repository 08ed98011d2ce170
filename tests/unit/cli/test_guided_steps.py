import json
from pathlib import Path

import pytest

from codered.cli import changes
from codered.cli.guided_steps import may_ask
from codered.model.errors import Refused
from tests.fixtures.changing import hash_tree
from tests.fixtures.volumes import SHOWN, path_below
from tests.unit.cli.conftest import Say


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
    carry_out = changes.carry_out

    def carry_out_and_put_back(*given: object, **more: object) -> int:
        code = carry_out(*given, **more)  # type: ignore[arg-type]
        path_below(volume, SHOWN[0]).write_bytes(body)
        return code

    monkeypatch.setattr(changes, "carry_out", carry_out_and_put_back)
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
