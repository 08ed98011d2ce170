"""`codered self-check` as it is typed."""

from pathlib import Path

from tests.fixtures.command import Desk


def test_release_and_key_stand_together(tmp_path: Path) -> None:
    (tmp_path / "release.json").write_text("{}")
    answer = Desk(tmp_path, tmp_path / "cache").run("self-check", "--release", "release.json")
    assert answer.code == 2
    assert "--release and --key stand together" in answer.err


def test_a_missing_release_is_wrong_use(tmp_path: Path) -> None:
    answer = Desk(tmp_path, tmp_path / "cache").run("self-check", "--release", "none.json", "--key", "none.pem")
    assert (answer.code, answer.out) == (2, "")
