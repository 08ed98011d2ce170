import struct

import pytest

from codered.collect.registry.hive_cells import BrokenCell, Cells, ValueCell, decode_name
from tests.fixtures.hive_files import key_of, write_hive
from tests.fixtures.opened_hives import bytes_of

HIVE = write_hive(key_of({f"K{number}": {"v": number} for number in range(9)}))
ROOT = int.from_bytes(HIVE[36:40], "little")


def cells_of(data: bytes, minor: int = 5) -> Cells:
    return Cells(bytes_of(data), minor)


def test_keys_lists_and_values() -> None:
    cells = cells_of(HIVE)
    root = cells.read_key(ROOT)
    assert (root.is_root, root.key_count, root.name) == (True, 9, "ROOT")
    keys = [cells.read_key(offset) for offset in cells.list_keys(root)]
    assert [(key.name, key.parent, key.is_root) for key in keys] == [(f"K{n}", ROOT, False) for n in range(9)]
    values = [cells.read_value(offset) for key in keys for offset in cells.list_values(key)]
    assert [cells.read_data(value)[0].number() for value in values] == list(range(9))
    assert cells.end == len(HIVE) - 4096


@pytest.mark.parametrize("form", [b"li", b"lh", b"lf", b"ri"])
def test_every_form_of_list(form: bytes) -> None:
    data = bytearray(HIVE)
    offset = int.from_bytes(HIVE[4096 + ROOT + 32 :][:4], "little")
    at = 4096 + offset + 4
    entries = [data[at + 4 + number * 8 :][:4] for number in range(9)]
    width = 4 if form in (b"li", b"ri") else 8
    if form == b"ri":  # two lists of 4 keys each, in the free space at the end
        free = (len(data) - 512) & ~7
        for number in range(2):
            place = free + number * 64
            four = b"".join(bytes(entry) for entry in entries[number * 4 : number * 4 + 4])
            data[place : place + 24] = struct.pack("<i2sH", -24, b"li", 4) + four
            entries[number] = bytearray(struct.pack("<I", place - 4096))
        entries = entries[:2]
    listed = b"".join(bytes(entry).ljust(width, b"\0") for entry in entries)
    data[at : at + 4 + len(listed)] = struct.pack("<2sH", form, len(entries)) + listed
    cells = cells_of(bytes(data))
    names = [cells.read_key(each).name for each in cells.list_keys(cells.read_key(ROOT))]
    assert names == [f"K{number}" for number in range(8 if form == b"ri" else 9)]


@pytest.mark.parametrize("offset", [0, 33, 31, 0xFFFFFFFF, 1 << 20, len(HIVE) - 4096])
def test_cells_out_of_the_hive(offset: int) -> None:
    with pytest.raises(BrokenCell, match="out of the hive"):
        cells_of(HIVE).content(offset, 4)


def test_what_a_cell_is_not() -> None:
    cells = cells_of(HIVE)
    with pytest.raises(BrokenCell, match="no value"):
        cells.read_value(ROOT)
    with pytest.raises(BrokenCell, match="no key"):
        cells.read_key(32)
    name = HIVE.index(b"K3") - 4
    longer = cells_of(HIVE[:name] + b"\xff\x00" + HIVE[name + 2 :])
    with pytest.raises(BrokenCell, match="longer than its cell"):
        longer.read_key(name - 72 - 4 - 4096)
    with pytest.raises(BrokenCell, match="no list"):
        list(cells.list_keys(cells.read_key(ROOT)._replace(key_list=ROOT)))
    with pytest.raises(BrokenCell, match="ends after"):
        list(cells.list_values(cells.read_key(ROOT)._replace(value_list=ROOT, value_count=1 << 30)))


def test_data_no_more_than_asked_for() -> None:
    data = write_hive(key_of({"K": {"v": b"x" * 5000}}))
    cells = cells_of(data)
    (key,) = (
        cells.read_key(offset) for offset in cells.list_keys(cells.read_key(int.from_bytes(data[36:40], "little")))
    )
    (value,) = (cells.read_value(offset) for offset in cells.list_values(key))
    read, why = cells.read_data(value, 10)
    assert (read.data, why) == (b"x" * 10, "only 10 of 5000 bytes of its data were read")
    read, why = cells.read_data(value._replace(size=1 << 30))
    assert "cut short" in why
    assert read.data.startswith(b"x" * 5000)
    assert len(read.data) < 6000
    inline = ValueCell("v", 3, 1 << 31 | 1, 0xAABBCC01)
    assert cells.read_data(inline) == (cells.read_data(inline)[0], "")
    assert cells.read_data(inline)[0].data == b"\x01"
    assert cells.read_data(inline._replace(size=1 << 31))[0].data == b""


def test_names() -> None:
    assert decode_name(b"\xe9\0a", is_narrow=True) == "\xe9\0a"
    assert decode_name(b"\x00\xd8a\x00\x00", is_narrow=False) == "\ud800a"
