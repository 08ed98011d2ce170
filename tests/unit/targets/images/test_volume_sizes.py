import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered.targets.images.raw_disk import RawDisk
from codered.targets.images.volume_sizes import _HEAD, measure_volume
from tests.fixtures.ntfs_volumes import MIB, make_ntfs, run


def test_what_real_volumes_say_of_themselves(tmp_path: Path) -> None:
    def measure(path: Path, kind: str) -> int:
        return measure_volume(RawDisk((os.fsencode(path),)), 0, kind)

    assert measure(make_ntfs(tmp_path / "n", 8 * MIB), "NTFS") == 8 * MIB
    (tmp_path / "e").write_bytes(bytes(8 * MIB))
    run("mke2fs", "-q", "-t", "ext4", str(tmp_path / "e"))
    assert measure(tmp_path / "e", "ext") == 8 * MIB
    (tmp_path / "short").write_bytes(b"short")
    assert measure(tmp_path / "short", "NTFS") == measure(tmp_path / "e", "LUKS") == 0


class Bytes:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.size = len(data)

    def read(self, offset: int, size: int) -> bytes:
        return self.data[offset : offset + size]

    def close(self) -> None:
        pass


@pytest.mark.parametrize("kind", ["NTFS", "exFAT", "FAT", "ext"])
@given(data=st.binary(max_size=_HEAD))
def test_any_bytes_give_a_number(kind: str, data: bytes) -> None:
    assert measure_volume(Bytes(data.ljust(_HEAD, b"\xff")), 0, kind) >= 0
