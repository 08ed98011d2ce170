from pathlib import Path

from codered.model.plan import ProcessState
from codered.remediate.applying import apply_plan, roll_back
from codered.remediate.running import Step
from tests.fixtures.changing import make_action
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


def test_thirty_at_once(children: Children, live: LiveTarget, case: Path) -> None:
    program = children.make_program("worm")
    many = [children.start(program, "60") for _ in range(30)]
    plan = make_live_plan(live, *(make_stop(item, program, f"a{number}") for number, item in enumerate(many)))
    assert len(apply_plan(plan, live, case).done) == 30
    assert all(is_over(item) for item in many)
