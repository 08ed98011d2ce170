"""Two who want the same file."""

import os
from pathlib import Path

import pytest

from codered.system.locks import lock_whole


def test_the_second_is_told_at_once(tmp_path: Path) -> None:
    one, other = (os.open(tmp_path / "lock", os.O_RDWR | os.O_CREAT) for _ in range(2))
    try:
        lock_whole(one)
        with pytest.raises(BlockingIOError):
            lock_whole(other)
        os.close(one)
        lock_whole(other)
    finally:
        os.close(other)
