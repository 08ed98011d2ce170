"""The cells of a hive: keys, lists of keys, values and their data, each checked before it is believed."""

import struct
from collections.abc import Iterator
from typing import NamedTuple

from codered.collect.registry.hive_bytes import HiveBytes
from codered.engine.hives.hive_header import BINS_AT
from codered.model.registry import RegistryValue

MOST_DATA = 16 << 20
"""Bytes of a value's data that are read at most."""
_MOST_VALUES = 100_000
_MOST_KEYS = 2_000_000
_KEY = struct.Struct("<2sHQIIIIIIII28xHH")
_VALUE = struct.Struct("<2sHIIIHH")
_INLINE = 1 << 31
_BIG = 16344  # data that is longer lies in pieces of this size, from version 1.4 on
_KEY_HEAD, _VALUE_HEAD = 76, 20
_LIST_DEPTH = 4
_ENTRY_SIZES = {b"lf": 8, b"lh": 8, b"li": 4, b"ri": 4}


class BrokenCell(ValueError):
    """A cell that is not what it should be, in words for the user."""


class KeyCell(NamedTuple):
    """A key: where its cell is, its name (may hold anything), where its lists are; `written` is a FILETIME."""

    offset: int
    name: str
    flags: int
    written: int
    parent: int
    key_count: int
    key_list: int
    value_count: int
    value_list: int

    @property
    def is_root(self) -> bool:
        """Whether it says that it is the hive's root."""
        return bool(self.flags & 4)


class ValueCell(NamedTuple):
    """A value without its data: `size` with its highest bit set means that `place` holds the data itself."""

    name: str
    type: int
    size: int
    place: int


class Cells:
    """The cells of one hive, by their offsets from the first bin."""

    def __init__(self, raw: HiveBytes, minor: int) -> None:
        self._raw = raw
        self._minor = minor

    @property
    def end(self) -> int:
        """No cell reaches beyond this offset."""
        return self._raw.size - BINS_AT

    def content(self, offset: int, most: int) -> bytes:
        """The first `most` bytes of a cell that is in use. Raises BrokenCell."""
        if offset & 7 or not 32 <= offset <= self.end - 8:
            raise BrokenCell(f"a cell at {offset:#x} is out of the hive")
        raw = self._raw.read(BINS_AT + offset, most + 4)
        size = -int.from_bytes(raw[:4], "little", signed=True)
        if size < 8:
            raise BrokenCell(f"the cell at {offset:#x} is not in use")
        if size > self.end - offset:
            raise BrokenCell(f"the cell at {offset:#x} says {size} bytes, more than the hive has")
        return raw[4:size]

    def read_key(self, offset: int) -> KeyCell:
        """The key whose cell is there. Raises BrokenCell."""
        raw = self.content(offset, _KEY_HEAD + 84)
        if len(raw) < _KEY_HEAD or raw[:2] != b"nk":
            raise BrokenCell(f"the cell at {offset:#x} is no key")
        _, flags, written, _, parent, keys, _, key_list, _, values, value_list, length, _ = _KEY.unpack_from(raw)
        if length > len(raw) - _KEY_HEAD:
            raw = self.content(offset, _KEY_HEAD + length)
            if length > len(raw) - _KEY_HEAD:
                raise BrokenCell(f"the name of the key at {offset:#x} is longer than its cell")
        name = decode_name(raw[_KEY_HEAD : _KEY_HEAD + length], bool(flags & 0x20))
        return KeyCell(offset, name, flags, written, parent, keys, key_list, values, value_list)

    def list_keys(self, key: KeyCell) -> Iterator[int]:
        """The offsets of its sub-keys, each once, as far as its lists can be read. Raises BrokenCell."""
        if key.key_count == 0:
            return
        seen: set[int] = set()
        for offset in self._walk_list(key.key_list, _LIST_DEPTH, set()):
            if offset not in seen:
                seen.add(offset)
                yield offset
            if len(seen) >= _MOST_KEYS:
                raise BrokenCell(f"more than {_MOST_KEYS} sub-keys")

    def _walk_list(self, offset: int, depth: int, seen: set[int]) -> Iterator[int]:
        if offset in seen:  # a list within itself, or twice in one
            raise BrokenCell(f"the list at {offset:#x} is listed twice")
        seen.add(offset)
        head = self.content(offset, 4)
        width = _ENTRY_SIZES.get(head[:2])
        if width is None or len(head) < 4:
            raise BrokenCell(f"the cell at {offset:#x} is no list of keys")
        count = int.from_bytes(head[2:4], "little")
        raw = self.content(offset, 4 + count * width)[4:]
        entries = [int.from_bytes(raw[at : at + 4], "little") for at in range(0, len(raw) - 3, width)]
        if head[:2] != b"ri":
            yield from entries
        elif depth:
            for inner in entries:
                yield from self._walk_list(inner, depth - 1, seen)
        if len(entries) < count:
            raise BrokenCell(f"the list at {offset:#x} is cut short")

    def list_values(self, key: KeyCell) -> Iterator[int]:
        """The offsets of its values. Raises BrokenCell."""
        count = min(key.value_count, _MOST_VALUES)
        if not count:
            return
        raw = self.content(key.value_list, 4 * count)
        for (offset,) in struct.iter_unpack("<I", raw[: len(raw) & ~3]):
            yield offset
        if len(raw) < 4 * count or count < key.value_count:
            raise BrokenCell(f"its list of values ends after {len(raw) // 4} of {key.value_count}")

    def read_value(self, offset: int) -> ValueCell:
        """The value whose cell is there, without its data. Raises BrokenCell."""
        raw = self.content(offset, _VALUE_HEAD + 64)
        if len(raw) < _VALUE_HEAD or raw[:2] != b"vk":
            raise BrokenCell(f"the cell at {offset:#x} is no value")
        _, length, size, place, kind, flags, _ = _VALUE.unpack_from(raw)
        if length > len(raw) - _VALUE_HEAD:
            raw = self.content(offset, _VALUE_HEAD + length)
        return ValueCell(decode_name(raw[_VALUE_HEAD : _VALUE_HEAD + length], bool(flags & 1)), kind, size, place)

    def read_data(self, cell: ValueCell, most: int = MOST_DATA) -> tuple[RegistryValue, str]:
        """The value with its data, or the first `most` bytes of it, and what is wrong with it ("" = nothing)."""
        if cell.size & _INLINE:
            count = cell.size ^ _INLINE
            data = cell.place.to_bytes(4, "little")[:count]
            return RegistryValue(cell.name, cell.type, data), "its data can't be where it says" if count > 4 else ""
        wanted, why = min(cell.size, most), ""
        held = bytearray()
        try:
            for piece in self._data_pieces(cell, wanted):
                held += piece
        except BrokenCell as error:
            why = str(error)
        if not why and len(held) < wanted:
            why = f"its data are cut short: {len(held)} of {cell.size} bytes"
        elif not why and wanted < cell.size:
            why = f"only {wanted} of {cell.size} bytes of its data were read"
        return RegistryValue(cell.name, cell.type, bytes(held[:wanted])), why

    def _data_pieces(self, cell: ValueCell, wanted: int) -> Iterator[bytes]:
        if not wanted:
            return
        if self._minor < 4 or cell.size <= _BIG:
            yield self.content(cell.place, wanted)
            return
        head = self.content(cell.place, 8)
        if head[:2] != b"db" or len(head) < 8:
            yield self.content(cell.place, wanted)
            return
        count = min(int.from_bytes(head[2:4], "little"), -(-wanted // _BIG))
        places = self.content(int.from_bytes(head[4:8], "little"), 4 * count)
        for (place,) in struct.iter_unpack("<I", places[: len(places) & ~3]):
            yield self.content(place, _BIG)


def decode_name(raw: bytes, is_narrow: bool) -> str:
    """A name as it lies there, one byte or two a character; lone surrogates stay what they are."""
    if is_narrow:
        return raw.decode("latin-1")
    return raw[: len(raw) & ~1].decode("utf-16-le", "surrogatepass")
