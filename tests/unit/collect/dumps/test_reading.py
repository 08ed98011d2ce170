import errno
import os
from pathlib import Path

import pytest

from codered.collect.dumps.reading import SMALL_HOLE, find_data, is_sparse, read_range
from tests.fixtures.dump_files import opened

END = 8 << 20


def sparse(folder: Path, *ranges: tuple[int, int]) -> Path:
    path = folder / "sparse"
    with path.open("wb") as file:
        file.truncate(END)
        for start, size in ranges:
            file.seek(start)
            file.write(b"x" * size)
    return path


def test_holes_are_left_out_and_small_ones_are_not(tmp_path: Path) -> None:
    path = sparse(tmp_path, (1 << 20, 4096), ((1 << 20) + 8192, 4096), (4 << 20, 4096))
    descriptor = os.open(path, os.O_RDONLY)
    try:
        assert is_sparse(descriptor)
        assert list(find_data(descriptor, 0, END)) == [(1 << 20, (1 << 20) + 12288), (4 << 20, (4 << 20) + 4096)]
        assert list(find_data(descriptor, (1 << 20) + 100, 2 << 20)) == [((1 << 20) + 100, (1 << 20) + 12288)]
        assert list(find_data(descriptor, 5 << 20, END)) == []
        assert list(find_data(descriptor, 2 << 20, 3 << 20)) == []
        assert SMALL_HOLE > 4096
    finally:
        os.close(descriptor)


def test_where_holes_can_not_be_told_everything_is_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_descriptor: int, _at: int, _how: int) -> int:
        raise OSError(errno.EINVAL, "no")

    with opened(tmp_path, b"x" * 100) as file:
        assert not is_sparse(file.descriptor)
        monkeypatch.setattr(os, "lseek", refuse)
        assert list(find_data(file.descriptor, 10, 60)) == [(10, 60)]


def test_a_range_is_read_whole_or_to_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with opened(tmp_path, bytes(range(100))) as file:
        assert read_range(file.descriptor, 10, 20) == bytes(range(10, 20))
        assert read_range(file.descriptor, 90, 200) == bytes(range(90, 100))
        assert read_range(file.descriptor, 500, 600) == b""
        whole = os.pread
        monkeypatch.setattr(os, "pread", lambda descriptor, size, at: whole(descriptor, min(size, 7), at))
        assert read_range(file.descriptor, 10, 60) == bytes(range(10, 60))
