"""Edits in memory change what was meant and nothing beside it."""

from itertools import pairwise

import pytest

from codered.model.plan import ValueState
from codered.remediate.file_state import ChangeFailed
from codered.remediate.registry import hive_edits
from codered.remediate.registry.hive_edits import edit_value, put_key, remove_key
from codered.remediate.registry.hive_file import read_from
from codered.remediate.registry.hivex import Hivex
from codered.remediate.registry.trees import list_tree, read_state
from tests.fixtures.hive_files import key_of, read_real, write_hive
from tests.fixtures.registry_plans import dword_of, place, text_of

GONE = ValueState(exists=False)
HIVE = write_hive(key_of({"K": {"a": 1, "b": "x", "": "d"}, "K\\Below": {"c": b"123"}, "Other": {"o": 1}}), minor=5)


def tree_of(raw: bytes) -> list[object]:
    hive = read_from(raw)
    return list(list_tree(hive, hive.read_key(hive.header.root)))


def test_each_edit_and_back() -> None:
    before = tree_of(HIVE)
    gone = edit_value(HIVE, place("k", "A"), GONE)
    assert [name for name, _, _ in tree_of(gone)[1].values] == [b"b\0", b""]  # type: ignore[attr-defined]
    assert tree_of(edit_value(gone, place("K", "a"), dword_of(1)))[2:] == before[2:]
    default = edit_value(HIVE, place("K", ""), text_of("other"))
    assert read_state(read_from(default), place("K", "")) == text_of("other")
    without = remove_key(HIVE, place("K"))
    assert len(tree_of(without)) == 2
    hive = read_from(HIVE)
    key = hive.find(("K",))
    assert key is not None
    assert tree_of(put_key(without, place("K"), tuple(list_tree(hive, key))))[1:] != []
    again = put_key(without, place("K"), tuple(list_tree(hive, key)))
    assert read_state(read_from(again), place("K")) == read_state(hive, place("K"))
    steps = [read_from(raw).header.sequence for raw in (HIVE, gone, edit_value(gone, place("K", "b"), GONE))]
    assert all(later[0] == earlier[0] + 1 == later[1] for earlier, later in pairwise(steps))


def test_what_is_refused() -> None:
    real = read_real("SYSTEM-win7")
    cases = (
        (real, place("ControlSet001\\Control\\Session Manager\\AppCompatCache", "X"), dword_of(1), "16,344 bytes"),
        (HIVE, place("None", "x"), dword_of(1), "not there"),
        (write_hive(key_of({"K": {"A\0B": 1, "c": 2}})), place("K", "c"), GONE, "no text"),
        (write_hive(key_of({"K": {"a": 1}}), sequence=(3, 2)), place("K", "a"), GONE, "sequence numbers"),
    )
    for raw, where, becomes, why in cases:
        with pytest.raises(ChangeFailed, match=why):
            edit_value(raw, where, becomes)
    with pytest.raises(ChangeFailed, match="the key above"):
        put_key(HIVE, place("None\\X"), ())
    odd = write_hive(key_of({"K": {"A\0B": 1, "c": 2}, "O\0dd": {"x": 1}}))
    assert len(tree_of(edit_value(odd, place("K", "A\0B"), GONE))) == 3
    assert len(tree_of(remove_key(odd, place("O\0dd")))) == 2


def test_a_library_that_does_something_else_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    real = Hivex.set_values
    monkeypatch.setattr(Hivex, "set_values", lambda self, cell, values: real(self, cell, values[:1]))
    with pytest.raises(ChangeFailed, match="not what was meant"):
        edit_value(HIVE, place("K", "a"), dword_of(9))
    monkeypatch.setattr(Hivex, "set_values", real)
    monkeypatch.setattr(hive_edits, "commit_copy", lambda _writer, _fd: HIVE)
    with pytest.raises(ChangeFailed, match="not the hive that was meant"):
        edit_value(HIVE, place("K", "a"), dword_of(9))
