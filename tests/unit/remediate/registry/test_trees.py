"""States of values and keys."""

import pytest

from codered.model.plan import RegistryPlace
from codered.model.registry import RegistryValue
from codered.remediate.file_state import ChangeFailed
from codered.remediate.registry import trees
from codered.remediate.registry.hive_file import read_from
from codered.remediate.registry.trees import (
    NO_KEY,
    NO_VALUE,
    decode_name,
    encode_name,
    list_tree,
    look_at_value,
    name_path,
    name_value,
    read_state,
)
from tests.fixtures.hive_files import key_of, write_hive
from tests.fixtures.registry_plans import place

HIVE = read_from(write_hive(key_of({"A\\B": {"x": 1}, "A\\C\\D": {"y": "t"}})))


def test_names_of_any_kind() -> None:
    for name in ("", "plain", "a\0b", "\ud800x"):
        assert decode_name(encode_name(name)) == name
    odd = RegistryPlace(hive="H", key="?", value="?", key_raw=encode_name("A\\\ud800"), value_raw=encode_name("\0"))
    assert (name_path(odd), name_value(odd)) == (("A", "\ud800"), "\0")
    assert name_path(place("")) == ()
    with pytest.raises(ChangeFailed):
        name_value(place("A"))


def test_states(monkeypatch: pytest.MonkeyPatch) -> None:
    state = read_state(HIVE, place("a"))
    assert (state.exists, getattr(state, "keys", 0), getattr(state, "values", 0)) == (True, 4, 2)
    assert read_state(HIVE, place("none")) == NO_KEY
    assert read_state(HIVE, place("none", "x")) == NO_VALUE == read_state(HIVE, place("A", "x"))
    key = HIVE.find(("A",))
    assert key is not None
    assert [(item.depth, decode_name(item.name)) for item in list_tree(HIVE, key)] == [
        (0, "A"), (1, "B"), (1, "C"), (2, "D"),
    ]  # fmt: skip
    with pytest.raises(ChangeFailed, match="too many to be changed"):
        look_at_value([RegistryValue("x", 3, bytes((1 << 20) + 1))], "X")
    monkeypatch.setattr(trees, "_MOST_KEYS", 2)
    with pytest.raises(ChangeFailed, match="more than 2 keys"):
        list(list_tree(HIVE, key))
