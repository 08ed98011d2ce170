"""Changing a running registry, here one that is only told of; tests/windows/test_live_registry_changes.py has one."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from codered.model.plan import KeyState, RegistryPlace, ValueState
from codered.remediate.file_state import ChangeFailed
from codered.remediate.registry import live
from codered.remediate.registry.live import LiveWriter
from codered.remediate.registry.trees import NO_KEY, NO_VALUE

Keys = dict[str, dict[str, tuple[int, bytes]]]
TOP = "HKLM\\SOFTWARE\\Worm"


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> Keys:
    """A registry of this test: values by the full names of keys."""
    told: Keys = {"HKLM\\SOFTWARE": {}, TOP: {"b": (1, b"x\0"), "A": (3, b"")}, TOP + "\\in": {"c": (4, b"\1")}}
    names: list[str] = []

    @contextmanager
    def opened_key(path: str, *, write: bool = False, make: bool = False) -> Iterator[int]:
        if path not in told and not (make and write):
            raise FileNotFoundError(2, "no such key")
        told.setdefault(path, {})
        names.append(path)
        yield len(names) - 1

    def list_keys(key: int) -> list[tuple[str, int]]:
        return [(path.rpartition("\\")[2], 7) for path in told if path.rpartition("\\")[0] == names[key]]

    def remove_key(key: int, name: str) -> None:
        assert not any(path.startswith(f"{names[key]}\\{name}\\") for path in told), "keys are below it"
        del told[f"{names[key]}\\{name}"]

    monkeypatch.setattr(live, "opened_key", opened_key)
    monkeypatch.setattr(live, "list_keys", list_keys)
    monkeypatch.setattr(live, "list_values", lambda key: [(name, *each) for name, each in told[names[key]].items()])
    monkeypatch.setattr(live, "write_value", lambda key, value: told[names[key]].update({value[0]: value[1:]}))
    monkeypatch.setattr(live, "remove_value", lambda key, name: told[names[key]].pop(name))
    monkeypatch.setattr(live, "remove_key", remove_key)
    return told


def place(value: str | None = None) -> RegistryPlace:
    return RegistryPlace(hive="HKLM\\SOFTWARE", key="Worm", value=value)


def test_a_value(keys: Keys) -> None:
    writer, new = LiveWriter(), ValueState(exists=True, type=4, data=b"\0\0\0\0")
    assert writer.read_state(place("B")) == ValueState(exists=True, type=1, data=b"x\0")
    writer.set_value(place("b"), new)
    assert keys[TOP]["b"] == (4, b"\0\0\0\0")
    writer.delete_value(place("b"))
    assert writer.read_value(place("b")) == NO_VALUE


def test_a_value_that_something_guards_is_told(keys: Keys, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "write_value", lambda _key, _value: None)
    assert keys
    with pytest.raises(ChangeFailed, match="something guards it"):
        LiveWriter().set_value(place("b"), ValueState(exists=True, type=4, data=b"\1"))


def test_a_key_goes_from_below_and_comes_back(keys: Keys) -> None:
    writer, before = LiveWriter(), {path: dict(values) for path, values in keys.items()}
    tree, state = writer.read_tree(place()), writer.read_state(place())
    assert isinstance(state, KeyState)
    assert (state.keys, state.values) == (2, 3)
    writer.delete_key(place())
    assert set(keys) == {"HKLM\\SOFTWARE"}
    assert writer.read_state(place()) == NO_KEY
    assert writer.read_tree(place()) == ()
    writer.put_key(place(), tree)
    assert keys == before
    assert writer.read_state(place()) == state


def test_a_link_of_the_registry_is_left_to_people(keys: Keys) -> None:
    keys[TOP + "\\in"]["SymbolicLinkValue"] = (6, b"\\\0")
    with pytest.raises(ChangeFailed, match="a link of the registry"):
        LiveWriter().delete_key(place())
    assert TOP in keys
