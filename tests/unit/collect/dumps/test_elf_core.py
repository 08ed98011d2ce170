import struct
from pathlib import Path

import pytest

from codered.collect.dumps.elf_core import MOST_HEADERS, read_elf_core
from codered.collect.dumps.layout import DumpLayout, Lie, Omission, Part, Segment
from codered.model.errors import WrongUse
from tests.fixtures.dump_files import Memory, make_elf, opened

PIECES = (Memory(0x1000, b"a" * 50), Memory(0xFFF0_0000, b"b" * 70))


def read(data: bytes, folder: Path) -> tuple[DumpLayout, list[Part]]:
    with opened(folder, data) as file:
        layout = read_elf_core(file)
        assert layout is not None
        return layout, list(layout.parts)


@pytest.mark.parametrize(("bits", "first"), [(64, 64 + 2 * 56), (32, 52 + 2 * 32)])
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("virtual", [False, True])
def test_segments(bits: int, first: int, order: str, virtual: bool, tmp_path: Path) -> None:
    layout, parts = read(make_elf(*PIECES, bits=bits, order=order, virtual=virtual), tmp_path)
    assert parts == [Segment(1, first, 0x1000, 50), Segment(2, first + 50, 0xFFF0_0000, 70)]
    assert layout.addresses == ("virtual" if virtual else "physical")
    assert layout.format == f"ELF core, {bits} bit, {'little' if order == '<' else 'big'} endian"


def test_physical_memory_may_start_at_0(tmp_path: Path) -> None:
    layout, parts = read(make_elf(Memory(0, b"a")), tmp_path)
    assert (layout.addresses, parts) == ("physical", [Segment(1, 120, 0, 1)])


def test_another_file_is_none_and_a_program_is_refused(tmp_path: Path) -> None:
    with opened(tmp_path, b"\x7fEL") as file:
        assert read_elf_core(file) is None
    with opened(tmp_path, make_elf(kind=2)) as file, pytest.raises(WrongUse, match="no core dump"):
        read_elf_core(file)


@pytest.mark.parametrize("data", [b"\x7fELF", b"\x7fELF\x02\x07" + bytes(90), make_elf()[:63], make_elf(bits=32)[:51]])
def test_a_header_that_is_cut_or_odd_is_told(data: bytes, tmp_path: Path) -> None:
    assert read(data, tmp_path)[1] == [Lie("its ELF header is cut off or of no known class")]


def test_memory_that_was_left_out_is_told(tmp_path: Path) -> None:
    data = bytearray(make_elf(Memory(0x1000, b"a" * 50)))
    struct.pack_into("<Q", data, 64 + 40, 1050)
    why = "named in its headers, but left out by whoever made the dump"
    assert read(bytes(data), tmp_path)[1] == [Segment(1, 120, 0x1000, 50), Omission(why, 1000)]


def test_headers_that_are_not_there_are_told(tmp_path: Path) -> None:
    data = bytearray(make_elf(Memory(0x1000, b"a")))
    struct.pack_into("<H", data, 56, 900)
    lie = Lie("the headers of segment 2 and all after it (it claims 900) are not there")
    assert read(bytes(data), tmp_path)[1] == [lie, Segment(1, 120, 0x1000, 1)]
    struct.pack_into("<Q", data, 32, 2**64 - 1)
    assert read(bytes(data), tmp_path)[1] == [
        Lie("the headers of segment 1 and all after it (it claims 900) are not there")
    ]


def test_headers_that_are_too_small_are_told(tmp_path: Path) -> None:
    data = bytearray(make_elf(Memory(0x1000, b"a")))
    struct.pack_into("<H", data, 54, 0)
    assert read(bytes(data), tmp_path)[1] == [Lie("it claims segment headers of 0 bytes, which is too small")]


def test_the_count_may_stand_in_the_first_section_header(tmp_path: Path) -> None:
    data = bytearray(make_elf(Memory(0x1000, b"a")))
    sections = len(data)
    struct.pack_into("<Q", data, 40, sections)
    struct.pack_into("<H", data, 56, 0xFFFF)
    counted = bytes(data) + bytes(44) + struct.pack("<I", 1) + bytes(16)
    assert read(counted, tmp_path)[1] == [Segment(1, 120, 0x1000, 1)]
    many = bytes(data) + bytes(44) + struct.pack("<I", 2**32 - 1) + bytes(16)
    told = f"it claims {2**32 - 1} segments; those after number {MOST_HEADERS} are left out"
    assert read(many, tmp_path)[1][0] == Lie(told)
