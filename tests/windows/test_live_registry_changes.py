"""Changing the running registry byte for byte; links of the registry are made on a real Windows only."""

import sys
import winreg
from collections.abc import Iterator

import pytest

from codered.model.plan import KeyState, RegistryPlace, ValueState
from codered.remediate.registry.live import LiveWriter
from codered.remediate.registry.trees import NO_KEY, NO_VALUE
from codered.system.windows_registry import list_values, opened_key, write_value

assert sys.platform == "win32"
KEY = "SOFTWARE\\CodeRedChanges"
ODD = (
    ("", winreg.REG_SZ, b"d\0e\0\0\0"), ("short number", winreg.REG_DWORD, b"\x01"), ("no end", winreg.REG_SZ, b"x\0"),
    ("odd", winreg.REG_EXPAND_SZ, b"x\0\0"), ("none", winreg.REG_NONE, b""), ("own", 0x7777, b"\0\xff" * 5000),
    ("after end", winreg.REG_MULTI_SZ, b"a\0\0\0\0\0b\0"),
)  # fmt: skip


def place(below: str = "", value: str | None = None) -> RegistryPlace:
    return RegistryPlace(hive="HKLM\\SOFTWARE", key="CodeRedChanges" + below, value=value)


@pytest.fixture
def writer() -> Iterator[LiveWriter]:
    """A key with odd values and keys below it; it goes again."""
    for below in ("", "\\One", "\\One\\Two", "\\three"):
        with opened_key(f"HKLM\\{KEY}{below}", write=True, make=True) as key:
            for value in ODD:
                write_value(key, value)
    made = LiveWriter()
    try:
        yield made
    finally:
        made.delete_key(place())


def test_values_byte_for_byte(writer: LiveWriter) -> None:
    for name, kind, data in ODD:
        before = ValueState(exists=True, type=kind, data=data)
        assert writer.read_value(place("", name.upper())) == before
        other = ValueState(exists=True, type=winreg.REG_BINARY, data=b"\0other")
        writer.set_value(place("", name), other)
        assert writer.read_value(place("", name)) == other
        writer.delete_value(place("", name))
        assert writer.read_value(place("", name)) == NO_VALUE
        writer.set_value(place("", name), before)
    with opened_key(f"HKLM\\{KEY}") as key:
        assert sorted(list_values(key)) == sorted(ODD)
    assert writer.read_value(place("\\no such key", "x")) == NO_VALUE


def test_a_key_with_all_below_it_goes_and_comes_back(writer: LiveWriter) -> None:
    tree, before = writer.read_tree(place()), writer.read_state(place())
    assert isinstance(before, KeyState)
    assert (before.keys, before.values) == (4, 4 * len(ODD))
    assert [key.name.decode("utf-16-le") for key in tree] == ["CodeRedChanges", "One", "Two", "three"]
    writer.delete_key(place())
    assert writer.read_state(place()) == NO_KEY
    writer.put_key(place(), tree)
    assert writer.read_state(place()) == before
    writer.delete_key(place("\\One"))  # half of it is gone, as after a crash
    writer.put_key(place(), tree)
    assert writer.read_state(place()) == before
