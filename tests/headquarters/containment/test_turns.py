"""One at a time; within itself it is nothing."""

import fcntl
from pathlib import Path

import pytest

from codered_hq.containment.turns import take_turn


def test_turns(tmp_path: Path) -> None:
    def is_free() -> bool:
        with open(tmp_path / "containing.lock", "ab") as other:
            try:
                fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            return True

    with take_turn(tmp_path):
        with take_turn(tmp_path):
            assert not is_free()
        assert not is_free()
    assert is_free()
    with pytest.raises(KeyError), take_turn(tmp_path):
        raise KeyError
    assert is_free()
