import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered.model.errors import WrongUse
from codered.targets.images.raw_disk import RawDisk


def test_one_file(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"0123456789")
    disk = RawDisk((os.fsencode(path),))
    assert (disk.size, disk.descriptor >= 0, disk.read(8, 5), disk.read(10, 5)) == (10, True, b"89", b"")
    path.write_bytes(b"01")
    with pytest.raises(OSError, match="shorter"):
        disk.read(0, 10)
    disk.close()


@given(st.lists(st.binary(max_size=20), min_size=1, max_size=6), st.integers(0, 130), st.integers(0, 130))
def test_pieces_read_as_one(tmp_path_factory: pytest.TempPathFactory, pieces: list[bytes], at: int, size: int) -> None:
    folder = tmp_path_factory.mktemp("pieces")
    paths = []
    for number, data in enumerate(pieces):
        paths.append(folder / str(number))
        paths[-1].write_bytes(data)
    disk = RawDisk(tuple(map(os.fsencode, paths)))
    assert disk.size == sum(map(len, pieces))
    assert disk.read(at, size) == b"".join(pieces)[at : at + size]
    disk.close()


def test_what_was_opened_is_closed_when_a_piece_is_missing(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"a")
    before = len(os.listdir("/proc/self/fd"))
    with pytest.raises(WrongUse):
        RawDisk((os.fsencode(tmp_path / "a"), os.fsencode(tmp_path / "b")))
    assert len(os.listdir("/proc/self/fd")) == before
