"""Reading a hive cell by cell, as the check on what is written: strict where a change depends on it, and nothing of the
library that writes is in it. A hive is hostile: sizes, offsets and counts in it may lie, and what lies is refused.
"""

import struct
from collections.abc import Callable, Iterator
from typing import NamedTuple

from codered.model.registry import RegistryValue, fold_name
from codered.remediate.file_state import ChangeFailed

BASE = 4096
NOTHING = 0xFFFFFFFF
MOST_DATA = 64 << 20
_MOST_CELL = 64 << 20
_MOST_HEAD = 1 << 17
_GLANCE = 256  # bytes of a cell that are read with its size
_MOST_LIST = 1 << 20
_MOST_NAME = 32_766
_MOST_CHILDREN = 1 << 18
_MOST_VALUES = 1 << 16
_SEGMENT = 16_344
_LINK = 0x10
_DIRECT = (b"lf", b"lh", b"li")

ReadBytes = Callable[[int, int], bytes]


class Header(NamedTuple):
    """What the first page says: sequence numbers (unequal = not written to the end), version 1.`minor`, the root key's
    cell, how many bytes of bins there are, and whether its checksum is right.
    """

    sequence: tuple[int, int]
    minor: int
    root: int
    bins: int
    whole: bool


class KeyCell(NamedTuple):
    """A key: its cell, name, when it was written (FILETIME), where its lists are, and whether it is a link."""

    cell: int
    name: str
    written: int
    children: int
    child_list: int
    values: int
    value_list: int
    parent: int
    is_link: bool = False


class HiveFile:
    """An open hive. `read(size, offset)` gives its bytes."""

    def __init__(self, read: ReadBytes, size: int) -> None:
        """Raises ChangeFailed if it is no hive, or ends before its bins do."""
        self._read = read
        raw = read(512, 0)
        if len(raw) < 512 or raw[:4] != b"regf":
            raise ChangeFailed("it is no registry hive")
        first, second = struct.unpack_from("<II", raw, 4)
        major, minor = struct.unpack_from("<II", raw, 20)
        root, bins = struct.unpack_from("<II", raw, 36)
        if major != 1 or not 2 <= minor <= 6:
            raise ChangeFailed(f"it is a hive of version {major}.{minor}, which this version does not know")
        if bins % BASE or BASE + bins > size:
            raise ChangeFailed("the hive is cut short: restore it from a backup")
        whole = struct.unpack_from("<I", raw, 508)[0] == sum_header(raw)
        self.header = Header((first, second), minor, root, bins, whole)

    def find(self, path: tuple[str, ...]) -> KeyCell | None:
        """The key of these names below the root, in any case. Raises ChangeFailed."""
        here = self.read_key(self.header.root)
        for name in path:
            wanted = fold_name(name)
            found = next((child for child in self.children(here) if fold_name(child.name) == wanted), None)
            if found is None:
                return None
            here = found
        return here

    def read_key(self, cell: int) -> KeyCell:
        """Raises ChangeFailed if there is no key in this cell."""
        raw = self._cell(cell, _MOST_HEAD)
        if raw[:2] != b"nk" or len(raw) < 76:
            raise ChangeFailed("the hive is damaged: a key is not where it should be")
        flags, written = struct.unpack_from("<HQ", raw, 2)
        parent, children = struct.unpack_from("<II", raw, 16)
        (child_list,) = struct.unpack_from("<I", raw, 28)
        values, value_list = struct.unpack_from("<II", raw, 36)
        (length,) = struct.unpack_from("<H", raw, 72)
        name = _decode_name(raw[76:], length, compressed=bool(flags & 0x20))
        is_link = bool(flags & _LINK)
        return KeyCell(cell, name, written, children, child_list, values, value_list, parent, is_link)

    def children(self, key: KeyCell) -> Iterator[KeyCell]:
        """The keys right below it, in the hive's order. Raises ChangeFailed."""
        if key.children > _MOST_CHILDREN:
            raise ChangeFailed("the hive is damaged: a key claims more keys than there can be")
        count = 0
        for cell in self._list_cells(key.child_list) if key.children else ():
            count += 1
            if count > key.children:
                raise ChangeFailed("the hive is damaged: a list of keys is longer than its key says")
            yield self.read_key(cell)
        if count != key.children:
            raise ChangeFailed("the hive is damaged: a list of keys is shorter than its key says")

    def values(self, key: KeyCell, most: int = MOST_DATA) -> tuple[RegistryValue, ...]:
        """All values of a key. Raises ChangeFailed, also if they have more than `most` bytes."""
        if not key.values:
            return ()
        if key.values > _MOST_VALUES:
            raise ChangeFailed("the hive is damaged: a key claims more values than there can be")
        raw = self._cell(key.value_list, 4 * key.values)
        if len(raw) < 4 * key.values:
            raise ChangeFailed("the hive is damaged: a list of values is too short")
        found = []
        for cell in struct.unpack_from(f"<{key.values}I", raw):
            found.append(self._read_value(cell, most))
            most -= len(found[-1].data)  # all of them may claim the same bytes
        return tuple(found)

    def spans(self, key: KeyCell) -> Iterator[range]:
        """Where in the file lies what an edit of the key may change: its cell, those of its class, lists, values and
        data, and how its security is counted and linked. Raises ChangeFailed.
        """
        yield self._span(key.cell)
        raw = self._cell(key.cell, _MOST_HEAD)
        security, class_name = struct.unpack_from("<II", raw, 44)
        if class_name != NOTHING and raw[74:76] != b"\0\0":
            yield self._span(class_name)
        if security != NOTHING:
            yield range(BASE + security, BASE + security + 20)
            links = self._cell(security, 12)[4:]
            yield from (range(BASE + cell + 8, BASE + cell + 16) for cell in _read_numbers(links, 2))
        if key.children:
            yield self._span(key.child_list)
            raw = self._cell(key.child_list, _MOST_LIST)
            if raw[:2] == b"ri":
                yield from map(self._span, _read_numbers(raw[4:], struct.unpack_from("<H", raw, 2)[0]))
        if key.values:
            yield self._span(key.value_list)
            for cell in _read_numbers(self._cell(key.value_list), key.values):
                yield self._span(cell)
                size, place = struct.unpack_from("<II", self._cell(cell, _MOST_HEAD), 4)
                if size and not size & 0x80000000:
                    yield self._span(place)

    def _span(self, cell: int) -> range:
        self._cell(cell, 0)
        (size,) = struct.unpack("<i", self._read(4, BASE + cell))
        return range(BASE + cell, BASE + cell - size)

    def _read_value(self, cell: int, most: int) -> RegistryValue:
        raw = self._cell(cell, _MOST_HEAD)
        if raw[:2] != b"vk" or len(raw) < 20:
            raise ChangeFailed("the hive is damaged: a value is not where it should be")
        length, size, place, kind, flags = struct.unpack_from("<HIIIH", raw, 2)
        name = _decode_name(raw[20:], length, compressed=bool(flags & 1))
        return RegistryValue(name, kind, self._read_data(raw, size, place, most))

    def _read_data(self, raw: bytes, size: int, place: int, most: int) -> bytes:
        if size & 0x80000000:
            if (size & 0x7FFFFFFF) > 4:
                raise ChangeFailed("the hive is damaged: a value's size can't be")
            return raw[8 : 8 + (size & 7)]
        if size > most:
            raise ChangeFailed(f"a value of {size:,} bytes is more than the {most:,} that are read")
        if not size:
            return b""
        data = self._cell(place)
        if size > _SEGMENT and self.header.minor > 3 and data[:2] == b"db":
            data = self._join_segments(data, size)
        if len(data) < size:
            raise ChangeFailed("the hive is damaged: a value's data is shorter than it says")
        return data[:size]

    def _join_segments(self, raw: bytes, size: int) -> bytes:
        if len(raw) < 8:
            raise ChangeFailed("the hive is damaged: a value's pieces can't be")
        count, place = struct.unpack_from("<HI", raw, 2)
        listed = self._cell(place, 4 * count)
        if count != -(-size // _SEGMENT) or len(listed) < 4 * count:
            raise ChangeFailed("the hive is damaged: a value's pieces can't be")
        return b"".join(self._cell(cell, _SEGMENT) for cell in struct.unpack_from(f"<{count}I", listed))

    def _list_cells(self, cell: int) -> Iterator[int]:
        raw = self._cell(cell, _MOST_LIST)
        if raw[:2] != b"ri":
            yield from _read_list(raw)
            return
        (count,) = struct.unpack_from("<H", raw, 2)
        if len(raw) < 4 + 4 * count:
            raise ChangeFailed("the hive is damaged: a list of keys is too short")
        for inner in struct.unpack_from(f"<{count}I", raw, 4):
            yield from _read_list(self._cell(inner, _MOST_LIST))

    def _cell(self, cell: int, most: int = _MOST_CELL) -> bytes:
        """The content of a cell that is in use, of a longer one the first `most` bytes."""
        if cell % 8 or not 32 <= cell < self.header.bins:
            raise ChangeFailed("the hive is damaged: an offset leads out of it")
        glance = self._read(_GLANCE, BASE + cell)  # one read is enough for nearly all of them
        (size,) = struct.unpack("<i", glance[:4].ljust(4, b"\0"))
        if size >= 0 or -size % 8 or cell - size > self.header.bins or -size > _MOST_CELL:
            raise ChangeFailed("the hive is damaged: a cell's size can't be")
        wanted = min(-size - 4, most)
        raw = glance[4 : 4 + wanted] if 4 + wanted <= len(glance) else self._read(wanted, BASE + cell + 4)
        if len(raw) != wanted:
            raise ChangeFailed("the hive is cut short: restore it from a backup")
        return raw


def sum_header(raw: bytes) -> int:
    """The checksum that belongs into the first page."""
    total = 0
    for (word,) in struct.iter_unpack("<I", raw[:508]):
        total ^= word
    return {0: 1, NOTHING: NOTHING - 1}.get(total, total)


def read_from(data: bytes) -> HiveFile:
    """A hive in memory. Raises ChangeFailed."""
    return HiveFile(lambda size, at: data[at : at + size], len(data))


def _read_list(raw: bytes) -> tuple[int, ...]:
    if raw[:2] not in _DIRECT:
        raise ChangeFailed("the hive is damaged: a list of keys is of no known form")
    (count,) = struct.unpack_from("<H", raw, 2)
    step = 1 if raw[:2] == b"li" else 2
    if len(raw) < 4 + 4 * step * count:
        raise ChangeFailed("the hive is damaged: a list of keys is too short")
    return struct.unpack_from(f"<{count * step}I", raw, 4)[::step]


def _read_numbers(raw: bytes, count: int) -> tuple[int, ...]:
    if len(raw) < 4 * count:
        raise ChangeFailed("the hive is damaged: a list is too short")
    return struct.unpack_from(f"<{count}I", raw)


def _decode_name(raw: bytes, length: int, *, compressed: bool) -> str:
    if length > min(len(raw), _MOST_NAME * 2):
        raise ChangeFailed("the hive is damaged: a name is longer than its cell")
    return raw[:length].decode("latin-1") if compressed else raw[: length & ~1].decode("utf-16-le", "surrogatepass")
