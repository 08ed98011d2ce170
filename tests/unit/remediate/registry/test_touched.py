"""What an edit touches beside what it is about is seen, to the byte."""

import pytest

from codered.model.plan import ValueState
from codered.remediate.file_state import ChangeFailed
from codered.remediate.registry import hive_edits
from codered.remediate.registry.hive_edits import edit_value, put_key, remove_key
from codered.remediate.registry.hive_file import read_from
from codered.remediate.registry.hivex import Hivex, commit_copy
from codered.remediate.registry.touched import check_touched, list_below
from codered.remediate.registry.trees import list_tree, read_state
from tests.fixtures.hive_files import key_of, read_real, write_hive
from tests.fixtures.registry_plans import dword_of, place

HIVE = write_hive(key_of({"K": {"a": 1, "b": "long enough"}, "K\\Below": {"c": b"12345"}, "Other": {"o": "more text"}}))


@pytest.mark.parametrize("other", [b"Other", "more text".encode("utf-16-le"), b"Below"])
def test_another_byte_is_seen(monkeypatch: pytest.MonkeyPatch, other: bytes) -> None:
    def spoil(writer: Hivex, fd: int) -> bytes:
        made = bytearray(commit_copy(writer, fd))
        made[HIVE.index(other)] ^= 1
        return bytes(made)

    monkeypatch.setattr(hive_edits, "commit_copy", spoil)
    with pytest.raises(ChangeFailed, match="not what was meant"):
        edit_value(HIVE, place("K", "a"), dword_of(9))
    if other != b"Below":
        with pytest.raises(ChangeFailed, match="not what was meant"):
            remove_key(HIVE, place("K"))


def test_keys_and_values_of_a_real_hive() -> None:
    real = read_real("NTUSER.DAT")
    hive = read_from(real)
    key = hive.find(("Software", "Microsoft", "Windows", "CurrentVersion"))
    assert key is not None
    where = place("Software\\Microsoft\\Windows\\CurrentVersion")
    tree = tuple(list_tree(hive, key))
    assert len(tree) == sum(1 for _ in list_below(hive, key)) > 20
    again = put_key(remove_key(real, where), where, tree)
    assert read_state(read_from(again), where) == read_state(hive, where)
    changed = edit_value(real, place("Environment", "TEMP"), ValueState(exists=False))
    with pytest.raises(ChangeFailed, match="touched other places"):
        check_touched(hive, real, changed, [key])
