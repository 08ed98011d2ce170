"""The verbs on a running registry, which a stand-in plays here: the real one is tried inside Windows."""

import os
from pathlib import Path

import pytest

from codered.model.paths import FilePath
from codered.model.plan import Action, ActionKind, KeyState, RegistryPlace, ValueState
from codered.model.target import TargetInfo
from codered.remediate.file_state import ChangeFailed
from codered.remediate.registry import live_verbs, verbs
from codered.remediate.registry.trees import NO_KEY, NO_VALUE, KeptKey, look_at_key
from codered.remediate.registry.writer import open_writer
from codered.remediate.vault import Vault
from tests.fixtures.changing import FolderTarget
from tests.fixtures.registry_plans import dword_of

PLACE = RegistryPlace(hive="HKLM\\SOFTWARE", key="K", value="v")
KEY = RegistryPlace(hive="HKLM\\SOFTWARE", key="K")
TREE = (KeptKey(0, b"K\0", 0, ((b"v\0", 4, b"\1\0\0\0"),)),)


class LiveTarget(FolderTarget):
    @property
    def info(self) -> TargetInfo:
        return TargetInfo(kind="live_windows", root="")


class Memory:
    """A registry of one key with one value."""

    def __init__(self) -> None:
        self.value = dword_of(1)
        self.tree: tuple[KeptKey, ...] = TREE

    def read_state(self, place: RegistryPlace) -> ValueState | KeyState:
        return self.read_value(place)

    def read_value(self, _: RegistryPlace) -> ValueState:
        return self.value

    def read_tree(self, _: RegistryPlace) -> tuple[KeptKey, ...]:
        return self.tree

    def set_value(self, _: RegistryPlace, becomes: ValueState) -> None:
        self.value = becomes

    def delete_value(self, _: RegistryPlace) -> None:
        self.value = NO_VALUE

    def delete_key(self, _: RegistryPlace) -> None:
        self.tree = ()

    def put_key(self, _: RegistryPlace, tree: tuple[KeptKey, ...]) -> None:
        self.tree = tree


def test_each_kind_and_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    memory, target, vault = Memory(), LiveTarget(tmp_path), Vault(os.fsencode(tmp_path), "t")
    monkeypatch.setattr(live_verbs, "open_writer", lambda _: memory)
    kinds: tuple[tuple[ActionKind, RegistryPlace, ValueState | None], ...] = (
        ("set_value", PLACE, dword_of(0)), ("delete_value", PLACE, None), ("delete_key", KEY, None),
    )  # fmt: skip
    for kind, where, sets in kinds:
        before = look_at_key(TREE) if kind == "delete_key" else dword_of(1)
        action = Action(id="a01", kind=kind, path=FilePath("K"), expects=before, because="", registry=where, sets=sets)
        assert verbs.state(action, target) == before
        backup = verbs.back_up(action, target, vault)
        verbs.change(action, target, vault, backup)
        assert verbs.state(action, target) == verbs.outcome(action)
        with pytest.raises(ChangeFailed, match="not as the plan expects"):
            verbs.back_up(action, target, vault)
        assert bool(verbs.undo(action, target, vault, backup)) == (kind == "delete_key")
        assert verbs.state(action, target) == before
    memory.tree = ()
    assert live_verbs.state(action, target) == NO_KEY
    vault.close()


def test_without_a_writer_it_is_said(tmp_path: Path) -> None:
    with pytest.raises(ChangeFailed, match="no running registry"):
        open_writer(FolderTarget(tmp_path))
