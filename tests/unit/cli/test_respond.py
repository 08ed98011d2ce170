from pathlib import Path

from tests.fixtures.saying import Say


def test_its_options_reach_the_guide(say: Say, volume: Path, tmp_path: Path) -> None:
    good = tmp_path / "good"
    good.mkdir()
    assert say("respond", "--root", volume, volume).code == 2
    answer = say("respond", "--root", volume, "--restore-from", good, "--yes")
    assert answer.code == 0
    assert "9. Verify" in answer.out


def test_a_path_that_is_not_there(say: Say, tmp_path: Path) -> None:
    answer = say("respond", tmp_path / "none")
    assert (answer.code, answer.out) == (2, "")
