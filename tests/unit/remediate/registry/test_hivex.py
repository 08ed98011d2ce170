"""The library that writes: its copy, and what it lacks."""

import ctypes
import os

import pytest

from codered.model.registry import RegistryValue
from codered.remediate.file_state import ChangeFailed
from codered.remediate.registry import hivex
from codered.remediate.registry.hive_file import read_from
from tests.fixtures.hive_files import key_of, write_hive

HIVE = write_hive(key_of({"K": {"a": 1}}))


def test_a_key_and_its_values_are_added() -> None:
    hive = read_from(HIVE)
    key = hive.find(("K",))
    assert key is not None
    values = (RegistryValue("é☃", 3, bytes(9)), RegistryValue("", 1, b""))
    with hivex.opened_copy(HIVE) as (writer, fd):
        writer.set_values(writer.add_key(key.cell, "Neu"), values)
        made = hivex.commit_copy(writer, fd)
    after = read_from(made)
    added = after.find(("K", "neu"))
    assert added is not None
    assert after.values(added) == values


def test_what_it_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ChangeFailed, match="can't open this hive: it is damaged"), hivex.opened_copy(b"regf" * 2000):
        pass
    with hivex.opened_copy(HIVE) as (writer, _), pytest.raises(ChangeFailed, match="can't change"):
        writer.delete_key(12)
    for name in ("a\0b", "\ud800"):
        with pytest.raises(ChangeFailed, match="no text"):
            hivex.encode_name(name)

    def fail(_: int) -> None:
        raise OSError(9, "closed")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fstat", fail)
        with pytest.raises(ChangeFailed, match="standard input"), hivex.opened_copy(HIVE):
            pass


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(2, "none")

    monkeypatch.setattr(ctypes, "CDLL", fail)
    hivex._load.cache_clear()
    with pytest.raises(ChangeFailed, match="install libhivex0"), hivex.opened_copy(HIVE):
        pass
    hivex._load.cache_clear()
