"""A folder of headquarters has one server."""

from pathlib import Path

import pytest

from codered.model.errors import WrongUse
from codered_hq.serving.turns import LOCK_NAME, find_address, serve_alone

HERE = "https://war.corp.example:8443"


def test_a_second_server_is_refused_until_the_first_has_ended(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    with serve_alone(tmp_path, HERE), serve_alone(other, HERE):
        what = f"{tmp_path}: a console of this headquarters is served already"
        with pytest.raises(WrongUse, match=what), serve_alone(tmp_path, HERE):
            pass
    with serve_alone(tmp_path, HERE):
        assert (tmp_path / LOCK_NAME).is_file()


def test_a_lock_that_can_not_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / LOCK_NAME).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(WrongUse, match="can't be written"), serve_alone(tmp_path, HERE):
        pass
    assert not (tmp_path / "elsewhere").exists()


def test_where_it_is_served_is_known_to_other_words_also_after_its_end(tmp_path: Path) -> None:
    assert find_address(tmp_path) == ""
    for address in (HERE, "https://[::1]:9"):  # the second is shorter
        with serve_alone(tmp_path, address):
            assert find_address(tmp_path) == address
        assert find_address(tmp_path) == address
    for strange in (b"", b"\xff", b"http://a", b"https://a/\nb", b"https://" + b"a" * 500):
        (tmp_path / LOCK_NAME).write_bytes(strange)
        assert find_address(tmp_path) == ""
    (tmp_path / LOCK_NAME).unlink()
    (tmp_path / LOCK_NAME).symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere").write_text(HERE)
    assert find_address(tmp_path) == ""
