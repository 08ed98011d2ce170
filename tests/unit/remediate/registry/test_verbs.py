"""The verbs find the hive of an offline target."""

import os
from pathlib import Path

from codered.model.plan import ValueState
from codered.remediate.actions import ACTIONS
from codered.remediate.registry import verbs
from codered.remediate.vault import Vault
from tests.fixtures.changing import FolderTarget
from tests.fixtures.registry_plans import ROOTS, act, lay_hive, place


def test_all_verbs_on_a_hive(tmp_path: Path) -> None:
    (tmp_path / "root").mkdir()
    hive = lay_hive(tmp_path / "root")
    old, target = hive.read_bytes(), FolderTarget(tmp_path / "root")
    (tmp_path / "vault").mkdir()
    vault = Vault(os.fsencode(tmp_path / "vault"), "t")
    action = act(target, "delete_value", place(ROOTS, "/c"))
    backup = verbs.back_up(action, target, vault)
    assert hive.read_bytes() == old
    verbs.change(action, target, vault, backup)
    assert verbs.state(action, target) == verbs.outcome(action) == ValueState(exists=False)
    assert verbs.undo(action, target, vault, backup) == ""
    assert hive.read_bytes() == old
    assert all(ACTIONS[kind].says.endswith("can be undone") for kind in ("set_value", "delete_value"))
    vault.close()
