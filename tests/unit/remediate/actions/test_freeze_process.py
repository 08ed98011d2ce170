import os
import signal
from pathlib import Path

import pytest
from msgspec.structs import replace

from codered.model.firewall import FirewallOrder
from codered.model.plan import Plan, ProcessState
from codered.model.process import ProcessId
from codered.remediate.actions import ACTIONS, freeze_process
from codered.remediate.applying import Step, apply_plan, list_held, roll_back
from codered.remediate.file_state import ChangeFailed
from codered.remediate.plan_containment import make_containment_plan
from codered.remediate.processes import hold_process, is_stopped, release_process
from codered.remediate.vault import Vault
from tests.fixtures.children import SHELL, STUBBORN, Children, LiveTarget

# A worm with children that look like it: they are not to be ended.
_FAMILY = "sh -c 'sleep 60' & trap '' TERM; i=0; while [ $i -lt 600 ]; do sleep 0.1; i=$((i+1)); done"


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    (tmp_path / "vault").mkdir()
    return Vault(os.fsencode(tmp_path / "vault"), "20261122-120000-abc123")


def plan_freeze(live: LiveTarget, *processes: ProcessState) -> Plan:
    named = [ProcessId(process.pid, process.start) for process in processes]
    return make_containment_plan(live.info, "freeze_process", FirewallOrder(), "a test", processes=named)


def test_the_five_verbs(children: Children, live: LiveTarget, vault: Vault) -> None:
    process = children.start(SHELL, "-c", STUBBORN)
    (action,) = plan_freeze(live, process).actions
    assert freeze_process.state(action, live) == process
    backup = freeze_process.back_up(action, live, vault)
    freeze_process.change(action, live, vault, backup)
    assert freeze_process.state(action, live) == freeze_process.outcome(action)
    assert freeze_process.undo(action, live, vault, backup) == ""
    assert children.read(process.pid).state == "running"
    other = replace(action, expects=replace(process, sha256="0" * 64))
    with pytest.raises(ChangeFailed, match="another program"):
        freeze_process.back_up(other, live, vault)


def test_it_stays_frozen_after_the_run_and_goes_on_when_it_is_undone(
    children: Children, live: LiveTarget, case: Path
) -> None:
    steps: list[Step] = []
    process, other = children.start(SHELL, "-c", _FAMILY), children.start(SHELL, "-c", _FAMILY)
    plan = plan_freeze(live, process)
    outcome = apply_plan(plan, live, case, steps.append)
    assert (outcome.done, outcome.held) == (("a01",), ())
    assert [step.event for step in steps] == ["held", "begun", "verified"]
    assert is_stopped(process)
    os.kill(process.pid, signal.SIGCONT)  # nobody wakes it by a signal
    assert is_stopped(process) or freeze_process.BY_SIGNAL in [step.note for step in steps]
    assert children.read(other.pid).state == "running"
    assert [one.pid for one in list_held(plan, case)] == [process.pid]
    again = apply_plan(plan, live, case)
    assert (again.already, again.held) == (True, ())
    undone = roll_back(plan, live, case)
    assert (undone.undone, undone.not_undoable) == (("a01",), ())
    assert children.read(process.pid).state == "running"


def test_one_that_stood_still_before_stays_so(children: Children, live: LiveTarget, case: Path) -> None:
    process = children.start(SHELL, "-c", STUBBORN)
    hold_process(process)
    plan = plan_freeze(live, children.read(process.pid))
    apply_plan(plan, live, case)
    assert list_held(plan, case) == ()  # nothing that a rollback would let go on
    roll_back(plan, live, case)
    assert is_stopped(process)
    release_process(process)


def test_one_that_ended_meanwhile_is_no_failure(children: Children, live: LiveTarget, case: Path) -> None:
    process = children.start(SHELL, "-c", STUBBORN)
    plan = plan_freeze(live, process)
    apply_plan(plan, live, case)
    children.end(process)
    outcome = roll_back(plan, live, case)
    assert (outcome.undone, outcome.not_undoable) == (("a01",), ())


def test_one_that_does_not_stand_still_is_a_failure(
    children: Children, live: LiveTarget, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    process = children.start(SHELL, "-c", STUBBORN)
    (action,) = plan_freeze(live, process).actions
    monkeypatch.setattr(freeze_process, "hold_process", lambda _: False)
    with pytest.raises(ChangeFailed, match="does not stand still"):
        freeze_process.change(action, live, vault, "")


def test_it_is_listed() -> None:
    assert ACTIONS["freeze_process"] is freeze_process
