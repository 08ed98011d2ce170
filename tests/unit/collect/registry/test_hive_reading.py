"""Hives are read as others read them, and a hostile one makes nobody hang, crash or believe it."""

import io
import struct
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyregf
import pytest
from dissect.regf import RegistryHive
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from codered.collect.registry.hive_reading import MOST_DEPTH, HiveFile
from codered.collect.registry.namespace import UnreadHive
from codered.model.registry import RegistryValue
from tests.fixtures.hive_files import Key, key_of, read_real, write_hive
from tests.fixtures.opened_hives import open_anything, open_data, open_file, read_all

NEVER = datetime(1, 1, 1, tzinfo=UTC)
SMALL = write_hive(key_of({"A\\B": {"text": "x", "": "unnamed"}, "A\\C": {"n": 7}, "D": {"big": bytes(20_000)}}))


def find_key(hive: bytes, name: bytes) -> int:
    """Where in the file the `nk` of a key is."""
    at = hive.index(name) - 76
    while hive[at : at + 2] != b"nk":
        at = hive.index(name, at + 77) - 76
    return at


def patched(hive: bytes, at: int, form: str, *numbers: int) -> bytes:
    data = bytearray(hive)
    struct.pack_into(form, data, at, *numbers)
    return bytes(data)


@pytest.mark.parametrize("name", ["SYSTEM-win7", "NTUSER.DAT"])
def test_real_hives_as_libregf_and_dissect_read_them(tmp_path: Path, name: str) -> None:
    data = read_real(name)
    hive = open_data(tmp_path, data)
    found = read_all(hive)
    assert (hive.seen.state, list(hive.unread())) == ("clean", [])
    other = pyregf.file()
    other.open_file_object(io.BytesIO(data))
    waiting: list[tuple[tuple[str, ...], Any]] = [((), other.get_root_key())]
    keys = 0
    while waiting:
        parts, key = waiting.pop()
        keys += 1
        # Names and types only: it gives other data for values of one byte, and cuts text at its end.
        named = sorted((each.name or "", each.type) for each in key.values)
        assert sorted((each.name, each.type) for each in found[parts]) == named, parts
        waiting += [((*parts, inner.name), inner) for inner in key.sub_keys]
    assert keys == len(found)
    third, compared = RegistryHive(io.BytesIO(data)), 0
    for parts in list(found)[:: len(found) // 400]:
        oracle = third.open("\\".join(parts))
        assert [inner.name for inner in oracle.subkeys()] == list(hive.subkeys(parts))
        assert abs((hive.written(parts) or NEVER) - oracle.timestamp) < timedelta(milliseconds=1)  # it counts in floats
        values: list[Any] = list(oracle.values())
        wanted = [("" if each.name == "(Default)" else each.name, each.type, each.data) for each in values]
        assert [(each.name, each.type, each.data) for each in found[parts]] == wanted
        compared += len(values)
    assert compared > 200


def test_every_value_hivexregedit_exports_is_there(tmp_path: Path) -> None:
    hive = open_data(tmp_path, read_real("NTUSER.DAT"))
    command = ["hivexregedit", "--export", "--prefix", "X", str(tmp_path / "HIVE"), "\\"]
    text = subprocess.run(command, capture_output=True, check=True, timeout=60).stdout.decode("utf-8", "replace")
    sections = [line for line in text.splitlines() if line.startswith("[")]
    found = read_all(hive)
    assert len(sections) == len(found)
    assert {line[3:-1].strip("\\") for line in sections} == {"\\".join(parts) for parts in found}
    lines = sum(line.startswith(('"', "@=")) for line in text.splitlines())
    assert lines == sum(len(values) for values in found.values())


@pytest.mark.parametrize("minor", [2, 3, 4, 5, 6])
def test_every_version(tmp_path: Path, minor: int) -> None:
    data = write_hive(key_of({"A\\B": {"t": "text", "n": 5, "big": b"z" * 40_000}}), "x", minor)
    hive = open_data(tmp_path, data)
    assert {value.name: value.text() for value in hive.values(["a", "b"])} == {"t": "text", "n": "5", "big": ""}
    big = hive.value(["A", "B"], "BIG")
    assert big == RegistryValue("big", 3, b"z" * 40_000)
    assert hive.written(["a"]) == datetime(2012, 12, 14, 23, 6, 40, tzinfo=UTC)
    assert (hive.exists(["a", "b"]), hive.exists(["a", "x"]), hive.subkeys(["x"]), hive.values(["x"])) == (
        True, False, (), ())  # fmt: skip
    assert (hive.value(["x"], "y"), hive.written(["x"]), hive.value(["a", "b"], "none")) == (None, None, None)


def test_data_in_pieces(tmp_path: Path) -> None:
    """Longer data lie in pieces from version 1.4 on."""
    data, wanted = bytearray(write_hive(key_of({"A": {"v": b"V" * 20_000}, "Z": {"room": bytes(60_000)}}))), b""
    at = data.index(b"vk")
    room = (data.index(bytes(50_000)) + 4096) & ~4095
    pieces = (b"1" * 16344, b"2" * 3656)
    for number, piece in enumerate(pieces):
        place = room + 64 + number * 16384
        struct.pack_into("<i", data, place, -(16344 + 8))
        data[place + 4 : place + 4 + len(piece)] = piece
        struct.pack_into("<I", data, room + 36 + number * 4, place - 4096)
        wanted += piece
    struct.pack_into("<i2sHI", data, room, -16, b"db", 2, room + 32 - 4096)
    struct.pack_into("<i", data, room + 32, -16)
    struct.pack_into("<I", data, at + 8, room - 4096)
    hive = open_data(tmp_path, bytes(data))
    assert hive.value(["A"], "v") == RegistryValue("v", 3, wanted)
    assert list(hive.unread()) == []


def test_names_that_others_cut_are_whole(tmp_path: Path) -> None:
    root = key_of({"Run": {"a\0b": "hidden", "plain": "seen"}, "R\0n": {}, "\xe9T\xc9": {"\xc9": 1}})
    hive = open_data(tmp_path, write_hive(root))
    assert set(hive.subkeys([])) == {"Run", "R\0n", "\xe9T\xc9"}
    assert hive.value(["run"], "A\0B") == RegistryValue("a\0b", 1, "hidden\0".encode("utf-16-le"))
    assert hive.value(["\xc9t\xe9"], "\xe9") is not None


def test_lone_surrogates_stay(tmp_path: Path) -> None:
    data = write_hive(key_of({"abcd": {}}))
    at = find_key(data, b"abcd")
    data = patched(data, at + 2, "<H", 0)[: at + 76] + b"\x00\xd8a\x00" + data[at + 80 :]
    hive = open_data(tmp_path, data)
    assert hive.subkeys([]) == ("\ud800a",)
    assert hive.exists(["\ud800A"])


def test_a_key_that_is_its_own_ancestor(tmp_path: Path) -> None:
    at = find_key(SMALL, b"B")
    root = int.from_bytes(SMALL[36:40], "little")
    root_list = int.from_bytes(SMALL[4096 + root + 4 + 28 :][:4], "little")
    # B lists what the root lists: A, whose child it is.
    data = patched(patched(SMALL, at + 20, "<I", 2), at + 28, "<I", root_list)
    hive = open_data(tmp_path, data)
    assert set(read_all(hive, 10)) == {(), ("A",), ("A", "B"), ("A", "C"), ("D",)}
    assert any("not its parent" in why for _, why in hive.unread())


def test_a_list_that_holds_itself(tmp_path: Path) -> None:
    root = int.from_bytes(SMALL[36:40], "little")
    listed = int.from_bytes(SMALL[4096 + root + 4 + 28 :][:4], "little")
    data = patched(SMALL, 4096 + listed + 4, "<2sHII", *(b"ri", 2, listed, listed))  # type: ignore[arg-type]
    hive = open_data(tmp_path, data)
    assert len(read_all(hive, 10)) == 5, "the keys were not searched for"
    assert hive.seen.state == "carved"


@pytest.mark.parametrize("size", [0, -8, 8, 0x7FFFFFF8, -0x7FFFFFF8, -1])
def test_sizes_of_cells_that_lie(tmp_path: Path, size: int) -> None:
    hive = open_data(tmp_path, patched(SMALL, find_key(SMALL, b"B") - 4, "<i", size))
    found = read_all(hive, 10)
    assert ("A", "C") in found
    assert ("A", "B") not in found
    assert list(hive.unread())


@pytest.mark.parametrize(("field", "form", "number"), [
    (20, "<I", 0xFFFFFFFF), (28, "<I", 0xFFFFFFF0), (28, "<I", 0), (36, "<I", 0xFFFFFFFF), (40, "<I", 0x10),
    (16, "<I", 0xFFFFFFFF), (72, "<H", 0xFFFF),
])  # fmt: skip
def test_fields_of_a_key_that_lie(tmp_path: Path, field: int, form: str, number: int) -> None:
    hive = open_data(tmp_path, patched(SMALL, find_key(SMALL, b"A") + field, form, number))
    assert ("D",) in read_all(hive, 20)


def test_data_that_are_not_there_and_data_that_are_too_long(tmp_path: Path) -> None:
    at = SMALL.index(b"vk")
    hive = open_data(tmp_path / "a", patched(SMALL, at + 4, "<II", 0x7FFFFFFF, 0x20))
    read_all(hive)
    assert any("of its data" in why or "cut short" in why for _, why in hive.unread())
    hive = open_data(tmp_path / "b", patched(SMALL, at + 4, "<II", 0x80000009, 0x20))
    read_all(hive)
    assert any("can't be where it says" in why for _, why in hive.unread())


def test_deep_keys_end(tmp_path: Path) -> None:
    deep = Key({"bottom": 1}, {})
    for _ in range(MOST_DEPTH + 80):
        deep = Key({}, {"k": deep})
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(5000)  # for the writer
    data = write_hive(deep)
    sys.setrecursionlimit(limit)
    hive = open_data(tmp_path, data)
    assert hive.exists(["k"] * MOST_DEPTH)
    assert not hive.exists(["k"] * (MOST_DEPTH + 1))
    assert any("deeper than" in why for _, why in hive.unread())


def test_two_keys_of_one_name_and_names_nobody_opens(tmp_path: Path) -> None:
    data = write_hive(key_of({"AAA": {"v": 1}, "AAB": {"v": 2}, "x/y": {}}))
    at, slash = find_key(data, b"AAB") + 76, find_key(data, b"x/y") + 77
    hive = open_data(tmp_path, data[:at] + b"aaa" + data[at + 3 : slash] + b"\\" + data[slash + 1 :])
    assert hive.subkeys([]) == ("AAA",)
    reasons = " ".join(why for _, why in hive.unread())
    assert "two keys of this name" in reasons
    assert "no program can open" in reasons


def test_hive_that_changes_while_it_is_read(tmp_path: Path) -> None:
    hive = open_data(tmp_path, SMALL)
    (tmp_path / "HIVE").write_bytes(b"")
    assert hive.values(["A", "B"]) in ((), hive.values(["A", "B"]))
    assert any("written to while it was read" in why for _, why in hive.unread())


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_bytes_end_without_an_error(tmp_path: Path, data: st.DataObject) -> None:
    hive = bytearray(SMALL[: data.draw(st.integers(0, len(SMALL)))])
    for _ in range(data.draw(st.integers(0, 8)) if hive else 0):
        at = data.draw(st.integers(0, min(len(hive), 6000) - 1))
        number = data.draw(st.sampled_from([0, 1, 0x20, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, at, 4096]))
        hive[at : at + 4] = number.to_bytes(4, "little")
    opened = open_anything(tmp_path, bytes(hive))
    if isinstance(opened, UnreadHive):
        assert opened.why
    else:
        assert isinstance(opened, HiveFile)
        read_all(opened, 1000)
        assert len(list(opened.unread())) < 60


def test_no_file_and_no_hive(tmp_path: Path) -> None:
    (tmp_path / "HIVE").mkdir(parents=True)
    folder = open_file(tmp_path)
    assert isinstance(folder, UnreadHive)
    assert folder.seen.state == "unreadable"
