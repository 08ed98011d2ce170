import os
import signal
from pathlib import Path
from unittest.mock import Mock

import pytest
from msgspec.structs import replace

from codered.model.errors import Refused, RolledBack
from codered.model.plan import ProcessState
from codered.remediate.actions import stop_process
from codered.remediate.applying import apply_plan, roll_back
from codered.remediate.file_state import ChangeFailed
from codered.remediate.processes import end_process, is_stopped, look_again
from codered.remediate.running import Run, Step
from tests.fixtures.changing import FolderTarget, make_action
from tests.fixtures.children import (
    SHELL,
    STUBBORN,
    SUPERVISOR,
    Children,
    LiveTarget,
    is_over,
    make_live_plan,
    make_stop,
    wait_until,
)


def start_supervised(children: Children) -> tuple[ProcessState, ProcessState, Path]:
    """A child, the shell that starts it again whenever it ends, and the child's program."""
    program = children.make_program("worm")
    shell = children.start(SHELL, "-c", SUPERVISOR, "supervisor", program)
    wait_until(lambda: len(children.find(program)) == 1)
    return children.read(children.find(program)[0]), shell, program


def test_who_ignores_a_polite_end_is_gone(children: Children, live: LiveTarget, case: Path) -> None:
    stubborn = children.start(SHELL, "-c", STUBBORN)
    steps: list[Step] = []
    outcome = apply_plan(make_live_plan(live, make_stop(stubborn, SHELL)), live, case, steps.append)
    assert is_over(stubborn)
    assert (outcome.done, outcome.held) == (("a01",), ())
    assert [step.event for step in steps] == ["held", "begun", "verified"]


def test_a_supervisor_in_the_plan_ends_with_its_child(children: Children, live: LiveTarget, case: Path) -> None:
    child, shell, program = start_supervised(children)
    plan = make_live_plan(
        live,
        make_stop(child, program),
        make_stop(shell, SHELL, "a02"),
        make_action(live, f"programs/{program.name}", id_="a03"),
    )
    assert apply_plan(plan, live, case).held == ()
    assert is_over(child)
    assert is_over(shell)
    assert children.find(program) == []
    assert not program.exists()


def test_who_is_started_again_for_ever_ends_held(children: Children, live: LiveTarget, case: Path) -> None:
    child, shell, program = start_supervised(children)
    plan = make_live_plan(live, make_stop(child, program))
    outcome = apply_plan(plan, live, case)
    (held,) = outcome.held
    assert is_over(child)
    assert children.find(program) == [held.pid]
    assert (held.action, held.where, held.parent) == ("a01", str(program), shell.pid)
    assert children.read(held.pid).state == "held"
    assert children.read(shell.pid).state == "running"
    again = apply_plan(plan, live, case)
    assert again.already
    assert [children.read(item.pid).state for item in again.held] == ["held"]
    outcome = roll_back(plan, live, case)
    assert [item.action for item in outcome.not_undoable] == ["a01"]
    assert [children.read(pid).state for pid in children.find(program)] == ["running"]


def test_a_program_that_is_quarantined_is_not_started_again(children: Children, live: LiveTarget, case: Path) -> None:
    child, _, program = start_supervised(children)
    plan = make_live_plan(live, make_stop(child, program), make_action(live, f"programs/{program.name}", id_="a02"))
    assert apply_plan(plan, live, case).held == ()
    assert children.find(program) == []


def test_a_failure_lets_everything_go_on(
    children: Children, live: LiveTarget, case: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first of two ends before the second fails: that can't be undone; the other one goes on."""
    program = children.make_program("worm")
    first, second = children.start(program, "60"), children.start(program, "59")
    plan = make_live_plan(live, make_stop(first, program), make_stop(second, program, "a02"))

    def fail(process: ProcessState) -> None:
        if process.pid == second.pid:
            raise ChangeFailed("it does not end")
        end_process(process)

    monkeypatch.setattr(stop_process, "end_process", fail)
    steps: list[Step] = []
    with pytest.raises(RolledBack, match="everything done before was undone, but for 1 that had been ended"):
        apply_plan(plan, live, case, steps.append)
    assert is_over(first)
    wait_until(lambda: look_again(second).state == "running")
    assert [step.event for step in steps] == [
        "held", "held", "begun", "verified", "begun", "failed", "undone", "stays", "released",
    ]  # fmt: skip


def test_a_rollback_does_not_wake_who_was_stopped_before(
    children: Children, live: LiveTarget, case: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even if the run that held it was interrupted, and another one held it again."""
    program = children.make_program("worm")
    stopped, running = children.start(program, "60"), children.start(program, "59")
    os.kill(stopped.pid, signal.SIGSTOP)
    wait_until(lambda: is_stopped(stopped))
    plan = make_live_plan(live, make_stop(stopped, program), make_stop(running, program, "a02"))
    with monkeypatch.context() as patched:
        patched.setattr(Run, "_do", Mock(side_effect=KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            apply_plan(plan, live, case)
    assert is_stopped(running)
    with monkeypatch.context() as patched:
        patched.setattr(stop_process, "end_process", Mock(side_effect=ChangeFailed("it does not end")))
        steps: list[Step] = []
        with pytest.raises(RolledBack):
            apply_plan(plan, live, case, steps.append)
    wait_until(lambda: not is_stopped(running))
    assert is_stopped(stopped)
    told = {step.note for step in steps if step.event == "released"}
    assert told == {
        f"process {stopped.pid} stays stopped, as it was before", f"process {running.pid} goes on",
    }  # fmt: skip


def test_who_ended_before_is_done(children: Children, live: LiveTarget, case: Path) -> None:
    program = children.make_program("worm")
    process = children.start(program, "60")
    plan = make_live_plan(live, make_stop(process, program))
    children.end(process)
    steps: list[Step] = []
    assert apply_plan(plan, live, case, steps.append).done == ("a01",)
    assert [(step.event, step.note) for step in steps] == [("verified", "it had ended before")]
    assert roll_back(plan, live, case).not_undoable == ()


def test_another_program_in_its_place_is_refused(children: Children, live: LiveTarget, case: Path) -> None:
    process = children.start(SHELL, "-c", STUBBORN)
    plan = make_live_plan(live, make_stop(replace(process, sha256="0" * 64), SHELL))
    with pytest.raises(Refused, match=r"1 of 1 things are not as the plan expects.*it runs another program now"):
        apply_plan(plan, live, case)
    assert look_again(process).state == "running"


def test_who_runs_this_tool_is_refused(live: LiveTarget, case: Path, children: Children) -> None:
    plan = make_live_plan(live, make_stop(children.read(os.getppid()), SHELL))
    with pytest.raises(Refused, match="it is never touched: it runs this tool"):
        apply_plan(plan, live, case)


def test_two_actions_for_one_process_are_refused(children: Children, live: LiveTarget, case: Path) -> None:
    process = children.start(SHELL, "-c", STUBBORN)
    plan = make_live_plan(live, make_stop(process, SHELL), make_stop(process, SHELL, "a02"))
    with pytest.raises(Refused, match="two actions are for the same process"):
        apply_plan(plan, live, case)


def test_an_offline_root_has_no_processes(children: Children, root: Path, case: Path) -> None:
    process = children.start(SHELL, "-c", STUBBORN)
    target = FolderTarget(root)
    with pytest.raises(Refused, match="only on the running host itself"):
        apply_plan(make_live_plan(target, make_stop(process, SHELL)), target, case)


def test_thirty_at_once(children: Children, live: LiveTarget, case: Path) -> None:
    program = children.make_program("worm")
    many = [children.start(program, "60") for _ in range(30)]
    plan = make_live_plan(live, *(make_stop(item, program, f"a{number}") for number, item in enumerate(many)))
    assert len(apply_plan(plan, live, case).done) == 30
    assert all(is_over(item) for item in many)
