"""The file version of a Windows program, read from its version resource. Every number in the file is hostile."""

import struct
from collections.abc import Callable
from typing import Any, NamedTuple

ReadAt = Callable[[int, int], bytes]
"""Reads at an offset (bytes) as many bytes as are there, at most the asked number."""

MOST_SECTIONS = 96  # what Windows itself loads
MOST_ENTRIES = 4096  # of one resource folder
MOST_INFO = 64 << 10  # bytes of a version resource
_VERSION_RESOURCE = 16
_FOLDER = 1 << 31
_MAGIC = b"\xbd\x04\xef\xfe"
_RESOURCES = {0x10B: 96 + 2 * 8, 0x20B: 112 + 2 * 8}  # where in the optional header of PE32, PE32+


class ProgramVersion(NamedTuple):
    """`version` is VS_FIXEDFILEINFO's file version as four numbers with dots; `linked` the linker's seconds since the
    epoch (0 = not set).
    """

    version: str
    linked: int


class _Section(NamedTuple):
    address: int
    span: int
    raw: int
    size: int


def read_program_version(read: ReadAt) -> ProgramVersion | None:
    """The version of a PE file of 32 or 64 bits; None if it is no PE file or says none."""
    try:
        return _read(read)
    except (struct.error, _NotThere):
        return None


class _NotThere(Exception):
    """What a number in the file points to is not in it."""


def _read(read: ReadAt) -> ProgramVersion | None:
    if read(0, 2) != b"MZ":
        return None
    (header,) = _unpack("<I", read, 60)
    signature, _, count, linked, _, _, optional_size, _ = _unpack("<4sHHIIIHH", read, header)
    if signature != b"PE\0\0":
        return None
    optional = header + 24
    (magic,) = _unpack("<H", read, optional)
    place = _RESOURCES.get(magic)
    if place is None or place + 8 > optional_size:
        return None
    resources, _ = _unpack("<II", read, optional + place)
    sections = _read_sections(read, optional + optional_size, min(count, MOST_SECTIONS))
    start = _find_offset(sections, resources)
    version = _read_fixed_info(read, sections, _find_leaf(read, start))
    return ProgramVersion(version, linked) if version else None


def _read_sections(read: ReadAt, start: int, count: int) -> list[_Section]:
    sections = []
    for number in range(count):
        span, address, size, raw = _unpack("<IIII", read, start + 40 * number + 8)
        sections.append(_Section(address, span, raw, size))
    return sections


def _find_offset(sections: list[_Section], address: int) -> int:
    """Where in the file the bytes for an address in memory lie."""
    for section in sections:
        if section.address <= address < section.address + max(section.span, section.size):
            within = address - section.address
            if within >= section.size:
                break
            return section.raw + within
    raise _NotThere


def _find_leaf(read: ReadAt, start: int) -> int:
    """The data entry of the first version resource: type, name and language, three folders and never more."""
    folder = _find_entry(read, start, _VERSION_RESOURCE)
    for _ in range(2):
        if not folder & _FOLDER:
            break
        folder = _find_entry(read, start + (folder & ~_FOLDER), None)
    if folder & _FOLDER:
        raise _NotThere
    return start + folder


def _find_entry(read: ReadAt, at: int, wanted: int | None) -> int:
    """What the entry of this id points to; of the first one where any will do."""
    named, numbered = _unpack("<HH", read, at + 12)
    count = min(named + numbered, MOST_ENTRIES)
    data = read(at + 16, 8 * count)
    for name, target in struct.iter_unpack("<II", data[: len(data) & ~7]):
        if wanted in (None, name):
            return int(target)
    raise _NotThere


def _read_fixed_info(read: ReadAt, sections: list[_Section], leaf: int) -> str:
    address, size = _unpack("<II", read, leaf)
    info = read(_find_offset(sections, address), min(size, MOST_INFO))
    at = info.find(_MAGIC)
    if at < 0:
        return ""
    high, low = struct.unpack_from("<8xII", info, at)
    return f"{high >> 16}.{high & 0xFFFF}.{low >> 16}.{low & 0xFFFF}"


def _unpack(form: str, read: ReadAt, at: int) -> tuple[Any, ...]:
    return struct.unpack(form, read(at, struct.calcsize(form)))
