import os
from pathlib import Path

import pytest
from msgspec.structs import replace

from codered.remediate.actions import ACTIONS, stop_process
from codered.remediate.file_state import ChangeFailed
from codered.remediate.processes import hold_process
from codered.remediate.vault import Vault
from tests.fixtures.children import SHELL, STUBBORN, Children, LiveTarget, is_over, make_stop


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    (tmp_path / "vault").mkdir()
    return Vault(os.fsencode(tmp_path / "vault"), "20261122-120000-abc123")


def test_the_five_verbs(children: Children, live: LiveTarget, vault: Vault) -> None:
    process = children.start(SHELL, "-c", STUBBORN)
    action = make_stop(process, SHELL)
    assert stop_process.state(action, live) == process
    hold_process(process)
    backup = stop_process.back_up(action, live, vault)
    assert backup.startswith("a01-")
    stop_process.change(action, live, vault, backup)
    assert is_over(process)
    assert stop_process.state(action, live) == stop_process.outcome(action)
    assert "can't be brought back" in stop_process.undo(action, live, vault, backup)


def test_another_program_under_the_same_identity_is_refused(children: Children, live: LiveTarget, vault: Vault) -> None:
    process = children.start(SHELL, "-c", STUBBORN)
    action = make_stop(replace(process, sha256="0" * 64), SHELL)
    with pytest.raises(ChangeFailed, match="it runs another program now"):
        stop_process.back_up(action, live, vault)


def test_it_is_listed() -> None:
    assert ACTIONS["stop_process"] is stop_process
