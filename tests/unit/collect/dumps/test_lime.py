import struct
from pathlib import Path

import pytest

from codered.collect.dumps.layout import DumpLayout, Lie, Segment
from codered.collect.dumps.lime import read_lime
from codered.model.errors import WrongUse
from tests.fixtures.dump_files import Memory, make_lime, opened


def read(data: bytes, folder: Path) -> DumpLayout:
    with opened(folder, data) as file:
        layout = read_lime(file)
        assert layout is not None
        return DumpLayout(layout.format, iter(list(layout.parts)), layout.addresses, layout.system)


def header(start: int, end: int, magic: bytes = b"EMiL", version: int = 1) -> bytes:
    return struct.pack("<4sIQQQ", magic, version, start, end, 0)


def test_ends_are_inclusive(tmp_path: Path) -> None:
    layout = read(make_lime(Memory(0x1000, b"a" * 100), Memory(0x10_0000, b"b")), tmp_path)
    assert list(layout.parts) == [Segment(1, 32, 0x1000, 100), Segment(2, 164, 0x10_0000, 1)]
    assert layout.system == "linux"


def test_another_file_is_none(tmp_path: Path) -> None:
    with opened(tmp_path, b"EMi") as file:
        assert read_lime(file) is None


def test_another_version_is_refused(tmp_path: Path) -> None:
    with opened(tmp_path, header(0, 1, version=2)) as file, pytest.raises(WrongUse, match=r"version 2.*avml-convert"):
        read_lime(file)


def test_a_claim_beyond_the_file_ends_the_walk(tmp_path: Path) -> None:
    assert list(read(header(0, 2**64 - 1) + b"x", tmp_path).parts) == [Segment(1, 32, 0, 2**64)]


@pytest.mark.parametrize(
    ("second", "lie"),
    [
        (header(0, 0)[:31], Lie("the header of segment 2 is cut off by the end of the file", 31)),
        (header(0, 0, b"LIME"), Lie("no header of segment 2 where one must be, at byte 33 of the file")),
        (header(0, 0, version=7), Lie("no header of segment 2 where one must be, at byte 33 of the file")),
        (header(5, 4), Lie("segment 2 claims to end (0x4) before it starts (0x5)")),
    ],
    ids=["cut", "magic", "version", "backwards"],
)
def test_what_can_not_be_is_told(second: bytes, lie: Lie, tmp_path: Path) -> None:
    assert list(read(make_lime(Memory(0, b"a")) + second, tmp_path).parts) == [Segment(1, 32, 0, 1), lie]
