import struct
from pathlib import Path

import pytest

from codered.collect.dumps.crash_dump import read_crash_dump
from codered.collect.dumps.layout import DumpLayout, Lie, Part, Segment
from codered.model.errors import WrongUse
from tests.fixtures.dump_files import PAGE, Memory, make_bitmap_dump, make_crash_dump, opened

PIECES = (Memory(0x1000, b"a" * PAGE), Memory(0x9000, b"b" * 3 * PAGE))


def read(data: bytes, folder: Path) -> tuple[DumpLayout, list[Part]]:
    with opened(folder, data) as file:
        layout = read_crash_dump(file)
        assert layout is not None
        return layout, list(layout.parts)


@pytest.mark.parametrize(("bits", "first"), [(32, 0x1000), (64, 0x2000)])
@pytest.mark.parametrize("kind", [1, 0x45474150])
def test_runs_follow_one_another(bits: int, first: int, kind: int, tmp_path: Path) -> None:
    layout, parts = read(make_crash_dump(*PIECES, bits=bits, kind=kind), tmp_path)
    assert parts == [Segment(1, first, 0x1000, PAGE), Segment(2, first + PAGE, 0x9000, 3 * PAGE)]
    assert (layout.format, layout.system) == (f"Windows crash dump, {bits} bit, complete", "windows")


@pytest.mark.parametrize(("bits", "first"), [(32, 0x2000), (64, 0x3000)])
@pytest.mark.parametrize("magic", [b"FDMP", b"SDMP"])
def test_a_bitmap_says_which_pages_follow(bits: int, first: int, magic: bytes, tmp_path: Path) -> None:
    layout, parts = read(make_bitmap_dump(*PIECES, bits=bits, magic=magic), tmp_path)
    assert parts == [Segment(1, first, 0x1000, PAGE), Segment(2, first + PAGE, 0x9000, 3 * PAGE)]
    assert layout.format == f"Windows crash dump, {bits} bit, bitmap"


def test_runs_cross_words_and_reach_the_last_page(tmp_path: Path) -> None:
    pieces = (Memory(0, b"a" * 200 * PAGE), Memory(300 * PAGE, b"b" * 84 * PAGE))
    parts = read(make_bitmap_dump(*pieces), tmp_path)[1]
    assert [(part.address, part.size) for part in parts if isinstance(part, Segment)] == [
        (0, 200 * PAGE), (300 * PAGE, 84 * PAGE)
    ]  # fmt: skip
    assert len(parts) == 2


def test_a_kernel_dump_lacks_the_processes(tmp_path: Path) -> None:
    parts = read(make_bitmap_dump(*PIECES, kind=2, magic=b"SDMP"), tmp_path)[1]
    assert parts[0] == Lie("the dump holds the kernel's memory only, that of the processes is not in it")
    assert len(parts) == 3


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (make_crash_dump(kind=4), "minidump"),
        (make_crash_dump(kind=10), "kind 10"),
        (make_crash_dump(bits=32, kind=2), "kind 2"),
    ],
)
def test_other_kinds_are_refused_with_advice(data: bytes, says: str, tmp_path: Path) -> None:
    with opened(tmp_path, data) as file, pytest.raises(WrongUse, match=f"{says}.* complete memory dump"):
        read_crash_dump(file)


def test_another_file_is_none(tmp_path: Path) -> None:
    with opened(tmp_path, b"PAGEDUMB" + bytes(8192)) as file:
        assert read_crash_dump(file) is None


@pytest.mark.parametrize("bits", [32, 64])
def test_a_cut_header_is_told(bits: int, tmp_path: Path) -> None:
    data = make_crash_dump(*PIECES, bits=bits)[:4000]
    assert read(data, tmp_path)[1] == [Lie("its header is cut off by the end of the file")]


@pytest.mark.parametrize(("bits", "at", "room"), [(32, 100, 86), (64, 136, 42)])
def test_more_runs_than_there_is_room_for(bits: int, at: int, room: int, tmp_path: Path) -> None:
    data = bytearray(make_crash_dump(*PIECES, bits=bits))
    struct.pack_into("<I", data, at, 10**9)
    parts = read(bytes(data), tmp_path)[1]
    assert parts[0] == Lie(f"it claims 1000000000 runs of memory; there is room for {room}")
    assert len(parts) == 1 + room


def test_a_header_without_runs_is_told(tmp_path: Path) -> None:
    data = bytearray(make_crash_dump())
    data[136:140] = b"PAGE"
    assert read(bytes(data), tmp_path)[1] == [Lie("its header does not say which memory is in it")]


def test_a_bitmap_without_header_is_told(tmp_path: Path) -> None:
    assert read(make_crash_dump(kind=5), tmp_path)[1] == [Lie("the header of its bitmap is not there")]


@pytest.mark.parametrize("pages", [2**64 - 1, 2**40])
def test_a_bitmap_longer_than_its_place_is_cut(pages: int, tmp_path: Path) -> None:
    data = bytearray(make_bitmap_dump(*PIECES))
    struct.pack_into("<Q", data, 0x2000 + 48, pages)
    parts = read(bytes(data), tmp_path)[1]
    assert parts[0] == Lie(f"its bitmap claims {pages} pages; there is room for {(PAGE - 56) * 8}")
    assert [part.address for part in parts if isinstance(part, Segment)] == [0x1000, 0x9000]


def test_a_count_that_differs_is_told(tmp_path: Path) -> None:
    data = bytearray(make_bitmap_dump(*PIECES))
    struct.pack_into("<Q", data, 0x2000 + 40, 10)
    assert read(bytes(data), tmp_path)[1][-1] == Lie("it claims 10 pages of memory, its bitmap has 4", 6 * PAGE)
