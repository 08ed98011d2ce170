import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered.collect.windows.pe_version import ProgramVersion, ReadAt, read_program_version
from tests.fixtures.windows_roots import make_versioned

WINE = Path("/usr/lib/x86_64-linux-gnu/wine/x86_64-windows")
PROGRAM = make_versioned((5, 0, 2195, 1600))


def reader(data: bytes) -> ReadAt:
    return lambda offset, size: data[offset : offset + size]


def put(data: bytes, at: int, form: str, *values: int) -> bytes:
    new = bytearray(data)
    struct.pack_into(form, new, at, *values)
    return bytes(new)


def header_of(data: bytes) -> int:
    return int(struct.unpack_from("<I", data, 60)[0])


def test_the_version_and_the_linkers_time() -> None:
    assert read_program_version(reader(PROGRAM)) == ProgramVersion("5.0.2195.1600", 0)
    linked = put(PROGRAM, header_of(PROGRAM) + 8, "<I", 990_662_400)
    assert read_program_version(reader(linked)) == ProgramVersion("5.0.2195.1600", 990_662_400)


@pytest.mark.parametrize("name", ["kernel32.dll", "ntdll.dll", "user32.dll"])
def test_real_programs_of_64_bits(name: str) -> None:
    found = read_program_version(reader((WINE / name).read_bytes()))
    assert found is not None
    assert [part.isdigit() for part in found.version.split(".")] == [True] * 4


def test_what_is_no_program_or_says_no_version() -> None:
    optional = header_of(PROGRAM) + 24
    for data in (
        b"",
        b"MZ",
        b"\x7fELF" + bytes(200),
        PROGRAM[:100],
        PROGRAM[: optional + 40],
        PROGRAM.replace(b"PE\0\0", b"NE\0\0"),
        put(PROGRAM, optional, "<H", 0x107),  # another kind of optional header
        put(PROGRAM, optional + 96 + 16, "<I", 0),  # no resources
        put(PROGRAM, optional + 96 + 16, "<I", 0xFFFFFFF0),  # resources at no section
        put(PROGRAM, 60, "<I", 0xFFFFFFFF),
        PROGRAM.replace(b"\xbd\x04\xef\xfe", bytes(4)),
    ):
        assert read_program_version(reader(data)) is None


def test_resources_that_lead_back_to_themselves_end() -> None:
    start = PROGRAM.index(b".rsrc")
    raw = int(struct.unpack_from("<I", PROGRAM, start + 20)[0])
    asked: list[int] = []

    def read(offset: int, size: int) -> bytes:
        asked.append(size)
        return looping[offset : offset + size]

    looping = put(PROGRAM, raw + 16 + 4, "<I", 0x80000000)  # the type's folder is the first folder again
    looping = put(looping, raw + 12, "<HH", 0xFFFF, 0xFFFF)  # which claims to have 131,070 entries
    assert read_program_version(read) is None
    assert len(asked) < 20
    assert max(asked) <= 64 << 10


def test_a_table_of_sections_that_lies_is_read_no_further_than_windows_does() -> None:
    asked: list[int] = []

    def read(offset: int, size: int) -> bytes:
        asked.append(size)
        return lying[offset : offset + size].ljust(size, b"\0")

    lying = put(PROGRAM, header_of(PROGRAM) + 6, "<H", 0xFFFF)
    lying = put(lying, PROGRAM.index(b".rsrc") + 12, "<I", 0x7000)
    assert read_program_version(read) is None
    assert len(asked) < 110


@given(at=st.integers(0, len(PROGRAM) - 4), value=st.integers(0, 2**32 - 1), cut=st.integers(0, len(PROGRAM)))
def test_no_number_in_it_breaks_the_reader(at: int, value: int, cut: int) -> None:
    read_program_version(reader(put(PROGRAM, at, "<I", value)))
    read_program_version(reader(PROGRAM[:cut]))
