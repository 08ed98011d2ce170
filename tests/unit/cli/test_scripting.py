import json
from pathlib import Path

import msgspec
import pytest

from codered.model.errors import ExitCode
from tests.fixtures.saying import Say
from tests.fixtures.script_plans import codered2_actions, make_plan


@pytest.fixture(autouse=True)
def _own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CODERED_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("CODERED_CACHE", str(tmp_path / "cache"))


def test_a_plan_becomes_a_folder_that_can_be_checked(say: Say, tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_bytes(msgspec.json.encode(make_plan(*codered2_actions())))
    answer = say("script", tmp_path / "plan.json", "--for", "iis5", "-o", tmp_path / "out", "--json")
    assert answer.code == ExitCode.CLEAN, answer.err
    told = json.loads(answer.out)
    assert "clean.vbs" in told["files"]
    assert [step["step"] for step in told["script"]["steps"]] == ["file"] * 2 + ["value"] * 3 + ["metabase"] * 4
    assert say("script", "--check", tmp_path / "out").code == ExitCode.CLEAN
    (tmp_path / "out" / "undo.cmd").write_text("")
    answer = say("script", "--check", tmp_path / "out", "--json")
    assert answer.code == ExitCode.FOUND
    assert json.loads(answer.out)["wrong"] == ["undo.cmd: was changed"]


def test_prebuilt_scripts_of_one_pack(say: Say, tmp_path: Path) -> None:
    answer = say("script", "--prebuilt", "iis4", "--packs", "codered2", "-o", tmp_path / "out")
    assert answer.code == ExitCode.CLEAN
    assert "C:\\explorer.exe" in answer.out
    assert "by hand: codered2: worm-in-memory" in answer.out
    assert "REGEDIT4" in (tmp_path / "out" / "clean.reg").read_text()


@pytest.mark.parametrize(
    "words", [(), ("x",), ("--for", "iis5"), ("--prebuilt", "iis5"), ("x", "--for", "iis5", "--check", "y")]
)
def test_unclear_words_are_wrong_use(say: Say, words: tuple[str, ...]) -> None:
    assert say("script", *words).code == ExitCode.WRONG_USE
