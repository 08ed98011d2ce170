from pathlib import Path

from codered.remediate.actions import ACTIONS, kill_process
from codered.remediate.applying import apply_plan
from codered.remediate.running import Step
from tests.fixtures.children import SHELL, STUBBORN, Children, LiveTarget, is_over, make_live_plan, make_stop


def test_it_ends_without_being_frozen(children: Children, live: LiveTarget, case: Path) -> None:
    process = children.start(SHELL, "-c", STUBBORN)
    steps: list[Step] = []
    apply_plan(make_live_plan(live, make_stop(process, SHELL, kind="kill_process")), live, case, steps.append)
    assert is_over(process)
    assert [step.event for step in steps] == ["begun", "verified"]


def test_it_is_listed() -> None:
    assert ACTIONS["kill_process"] is kill_process
