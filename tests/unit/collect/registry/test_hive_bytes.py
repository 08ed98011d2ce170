import os

import pytest

from codered.collect.registry.hive_bytes import HiveBytes
from codered.engine.hives.hive_header import MOST
from tests.fixtures.opened_hives import bytes_of

DATA = bytes(range(256)) * 300  # 76 800: four blocks and a part


def test_reads_within_and_across_blocks() -> None:
    raw = bytes_of(DATA)
    for at, count in ((0, 10), (16_380, 8), (16_384, 16_384), (10, 70_000), (76_790, 100), (80_000, 5), (0, 1 << 20)):
        assert raw.read(at, count) == DATA[at : at + count], (at, count)
    assert (raw.size, raw.file_size, raw.troubles, raw.has_changed()) == (len(DATA), len(DATA), [], False)


def test_what_is_laid_over_is_read_and_the_file_stays() -> None:
    descriptor = os.memfd_create("x")
    os.write(descriptor, DATA)
    raw = HiveBytes(descriptor)
    assert raw.read(16_380, 4) == DATA[16_380:16_384]  # the block is known already
    raw.lay_over(16_382, b"ABCDEF")
    raw.lay_over(4096, b"Z" * 9000)
    wanted = bytearray(DATA)
    wanted[16_382:16_388] = b"ABCDEF"
    wanted[4096:13_096] = b"Z" * 9000
    assert raw.read(0, len(DATA)) == bytes(wanted)
    raw.grow(90_000)
    raw.lay_over(80_000, b"beyond")
    assert raw.read(79_998, 10) == b"\0\0beyond\0\0"
    assert len(raw.read(0, 1 << 20)) == 90_000
    assert os.pread(descriptor, 1 << 20, 0) == DATA
    raw.grow(MOST + 1)
    assert raw.size == MOST


def test_a_file_that_changes_or_can_no_longer_be_read(tmp_path: pytest.TempPathFactory) -> None:
    descriptor = os.memfd_create("x")
    os.write(descriptor, DATA)
    raw = HiveBytes(descriptor)
    os.ftruncate(descriptor, 10)
    assert raw.read(0, 20) == DATA[:10] + bytes(10)
    assert raw.has_changed()
    folder = HiveBytes(os.open("/", os.O_RDONLY))
    assert set(folder.read(0, 4096)) <= {0}
    assert "can't be read" in folder.troubles[0]


def test_a_sparse_file_of_4_gib_costs_no_memory() -> None:
    descriptor = os.memfd_create("x")
    os.ftruncate(descriptor, 4 << 30)
    raw = HiveBytes(descriptor)
    assert (raw.file_size, raw.size) == (4 << 30, MOST)
    assert raw.read(MOST - 4, 8) == bytes(4)
