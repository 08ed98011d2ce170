"""A folder of headquarters has one server."""

from pathlib import Path

import pytest

from codered.model.errors import WrongUse
from codered_hq.serving.turns import LOCK_NAME, serve_alone


def test_a_second_server_is_refused_until_the_first_has_ended(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    with serve_alone(tmp_path), serve_alone(other):
        what = f"{tmp_path}: a console of this headquarters is served already"
        with pytest.raises(WrongUse, match=what), serve_alone(tmp_path):
            pass
    with serve_alone(tmp_path):
        assert (tmp_path / LOCK_NAME).is_file()


def test_a_lock_that_can_not_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / LOCK_NAME).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(WrongUse, match="can't be written"), serve_alone(tmp_path):
        pass
    assert not (tmp_path / "elsewhere").exists()
