from pathlib import Path

from codered.model.errors import ExitCode
from tests.fixtures.saying import Say


def test_the_words_of_rescue_are_told(say: Say) -> None:
    answer = say("rescue", "--help")
    assert answer.code == ExitCode.CLEAN
    assert "build" in answer.out
    assert "result" in answer.out
    assert say("rescue", "build").code == ExitCode.WRONG_USE


def test_only_the_booted_medium_carries_a_plan_out(say: Say) -> None:
    answer = say("rescue", "run")
    assert answer.code == ExitCode.WRONG_USE
    assert "only the booted medium does this" in answer.err


def test_what_is_no_medium_has_no_result(say: Say, tmp_path: Path) -> None:
    answer = say("rescue", "result", tmp_path / "none")
    assert answer.code == ExitCode.WRONG_USE
    assert "no such file or device" in answer.err
