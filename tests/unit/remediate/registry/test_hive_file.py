"""Hives are read as other readers do, and hostile ones refused."""

import io
import struct

import pytest
from dissect.regf import regf
from hypothesis import given, settings
from hypothesis import strategies as st

from codered.remediate.file_state import ChangeFailed
from codered.remediate.registry.hive_file import HiveFile, KeyCell, read_from, sum_header
from codered.remediate.registry.trees import list_tree
from tests.fixtures.hive_files import key_of, read_real, seal_header, write_hive

SMALL = write_hive(
    key_of({"A\\B": {"x": 1, "long": bytes(100), "": "default"}, "A\\C": {"many": ["a", "b"]}, "D": {}}), minor=5
)


def walk(hive: HiveFile, key: KeyCell) -> dict[str, list[tuple[str, int]]]:
    """Some levels of keys with their values."""
    return {child.name: [(each.name, each.type) for each in hive.values(child)] for child in hive.children(key)}


def read_all(raw: bytes) -> int:
    """How many keys there are."""
    hive = read_from(raw)
    return len(list(list_tree(hive, hive.read_key(hive.header.root))))


def test_a_real_hive_as_dissect_reads_it() -> None:
    raw = read_real("SYSTEM-win7")
    hive, other = read_from(raw), regf.RegistryHive(io.BytesIO(raw))
    assert hive.header.whole
    assert hive.header.sequence == (13983, 13983)
    for path in ("ControlSet001\\Services", "controlset001\\CONTROL", "Select"):
        key = hive.find(tuple(path.split("\\")))
        assert key is not None
        assert list(walk(hive, key)) == [child.name for child in other.open(path).subkeys()]
    big = "ControlSet001\\Control\\Session Manager\\AppCompatCache"
    key = hive.find(tuple(big.split("\\")))
    assert key is not None
    data = {each.name: each.data for each in hive.values(key)}["AppCompatCache"]
    assert len(data) > 16_344
    assert data == next(each.value for each in other.open(big).values() if each.name == "AppCompatCache")
    assert hive.find(("ControlSet001", "None")) is None


def test_what_lies_is_refused() -> None:
    def put(offset: int, data: bytes) -> bytes:
        return SMALL[:offset] + data + SMALL[offset + len(data) :]

    root = 4096 + struct.unpack_from("<I", SMALL, 36)[0] + 4
    for bad in (
        b"", SMALL[:511], put(0, b"MZ"), SMALL[:5000], put(20, b"\2"), put(36, struct.pack("<I", 7)),
        put(root + 20, struct.pack("<I", 99)), put(root + 20, struct.pack("<I", 1 << 30)), put(root, b"xx"),
        put(root - 4, struct.pack("<i", 64)), put(root - 4, struct.pack("<i", -1 << 30)),
        put(root + 72, struct.pack("<H", 60_000)), put(root + 28, struct.pack("<I", 0xFFFFFFF0)),
    ):  # fmt: skip
        with pytest.raises(ChangeFailed):
            read_all(bad)
    assert sum_header(SMALL) == struct.unpack_from("<I", SMALL, 508)[0]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(SMALL) - 4), st.binary(min_size=1, max_size=4)), min_size=1, max_size=6))
def test_whatever_is_in_it(edits: list[tuple[int, bytes]]) -> None:
    raw = bytearray(SMALL)
    for at, data in edits:
        raw[at : at + len(data)] = data
    try:
        found = read_all(seal_header(bytes(raw[:4096])) + bytes(raw[4096:]))
    except ChangeFailed:
        return
    assert 1 <= found <= 64
