"""One at a time; within itself it is nothing."""

import fcntl
import threading
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


def test_another_thread_is_somebody_else(tmp_path: Path) -> None:
    seen: list[bool] = []

    def look() -> None:
        with take_turn(tmp_path, wait=False) as free:
            seen.append(free)

    def look_from_outside() -> None:
        thread = threading.Thread(target=look)
        thread.start()
        thread.join(60)

    with take_turn(tmp_path):
        look_from_outside()
    look_from_outside()
    assert seen == [False, True]
