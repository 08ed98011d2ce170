"""The demonstration's folder: begun anew each time, never somebody's real headquarters."""

import os
from pathlib import Path

import pytest

from codered.model.errors import Refused, WrongUse
from codered_hq.config import is_exercise
from codered_hq.serving.demos import open_demo_folder


@pytest.fixture(autouse=True)
def kept_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """What it sets for its process ends with the test."""
    monkeypatch.setenv("CODERED_HQ", os.environ["CODERED_HQ"])
    monkeypatch.setenv("CODERED_HQ_DATABASE", "postgresql://war:secret@db.example/real")


def test_it_is_an_exercise_of_its_own(tmp_path: Path) -> None:
    with open_demo_folder() as folder:
        assert folder == tmp_path / "state" / "demo"
        assert os.environ["CODERED_HQ"] == str(folder)
        assert "CODERED_HQ_DATABASE" not in os.environ  # the real one would be written
        assert is_exercise()
        (folder / "headquarters.sqlite3").write_text("old")
        with pytest.raises(WrongUse, match="is served already"), open_demo_folder():
            pass
    with open_demo_folder() as folder:
        assert [path.name for path in folder.iterdir()] == ["headquarters.toml"]


@pytest.mark.parametrize("text", ['name = "real"\n', 'exercise = ""\n', ""])
def test_what_is_no_demonstration_stays(tmp_path: Path, text: str) -> None:
    place = tmp_path / "state" / "demo"
    place.mkdir(parents=True)
    (place / "headquarters.toml").write_text(text)
    with pytest.raises(Refused, match="stays as it is"), open_demo_folder():
        pass
    assert (place / "headquarters.toml").read_text() == text


def test_one_that_was_ended_while_it_began_begins_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    state = tmp_path / "state"
    (state / "demo").mkdir(parents=True)  # as an older one left it
    (state / ".demo-begins").mkdir()
    (state / ".demo-begins" / "headquarters.toml").write_text("")
    with open_demo_folder() as folder:
        (folder / "drills").mkdir()
        (folder / "drills" / "headquarters.toml").write_text("")
        (folder / "away").symlink_to(tmp_path)
    assert [path.name for path in state.glob("*demo*") if path.is_dir()] == ["demo"]

    def end(_place: Path) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Path, "rmdir", end)
        with pytest.raises(KeyboardInterrupt), open_demo_folder():
            pass
    with open_demo_folder() as folder:
        assert [path.name for path in folder.iterdir()] == ["headquarters.toml"]
    assert state.is_dir(), "what a link leads to stays"


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    with open_demo_folder() as folder:
        pass
    folder.rename(tmp_path / "elsewhere")
    folder.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Refused), open_demo_folder():
        pass
    assert (tmp_path / "elsewhere" / "headquarters.toml").exists()


def test_a_state_folder_that_cannot_be_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("CODERED_STATE", str(tmp_path / "file"))
    with pytest.raises(WrongUse, match="can't be made"), open_demo_folder():
        pass
