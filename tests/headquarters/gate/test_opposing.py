"""Two incidents that want opposite things of one machine."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from codered.model.errors import AwaitingApproval
from codered_hq.gate.asking import ask
from codered_hq.gate.models import Decision
from codered_hq.gate.opposing import find_opposite, list_holding_kinds
from codered_hq.gate.taking import take
from codered_hq.gate.voting import vote
from codered_hq.incidents.models import Incident
from codered_hq.model.action import ACTION_KINDS, ActionKind, ActionRequest, Subject
from tests.fixtures.gate_crew import ASKER, HOUR, MINUTE, NOW, declare, join, machine, wish
from tests.fixtures.rules_in_force import put_sample_in_force

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def rules(headquarters: Path) -> None:
    put_sample_in_force(headquarters)
    declare("red")
    declare("blue")


def want(incident: str, kind: ActionKind, *subjects: Subject, minutes: int = 0) -> ActionRequest:
    """What one of the two incidents wants."""
    return wish(*(subjects or (machine(1),)), kind=kind, incident=incident, at=NOW + minutes * MINUTE)


def do(*wishes: ActionRequest) -> Sequence[Decision]:
    """Ask and take them, one after the other."""
    decisions = [(ask(request, {}, ASKER), request) for request in wishes]
    for decision, request in decisions:
        take(decision, request, request.at)
    return [decision for decision, _ in decisions]


def test_releasing_what_another_incident_contains_needs_an_executive() -> None:
    held = do(want("red", "disable_port", machine(2), machine(1)))[0]
    release = want("blue", "release")
    decision = ask(release, {}, ASKER)
    assert (decision.state, decision.answer, decision.rule, decision.needs) == (
        "awaiting", "needs", "two-incidents", ["executive"],
    )  # fmt: skip
    assert decision.why == (
        f"Incident red wants the opposite of #1 (disable_port, decision {held.uid[:8]}): an executive decides between"
        " them."
    )
    with pytest.raises(AwaitingApproval, match="two-incidents"):
        take(decision, release, NOW)
    vote(decision, join("boss", "executive"), True, "the shop first", NOW)
    take(decision, release, NOW)
    assert ask(want("red", "release"), {}, ASKER).state == "allowed"
    assert ask(want("blue", "release", machine(3)), {}, ASKER).state == "allowed"
    assert ask(want("blue", "release", machine(1), minutes=24 * 60), {}, ASKER).state == "allowed"  # undone by itself


def test_what_is_taken_back_closed_a_drill_or_unused_opposes_nothing() -> None:
    do(want("red", "isolate_host"), want("red", "release", minutes=1))
    assert find_opposite(want("blue", "release"), NOW + MINUTE) is None
    assert find_opposite(want("blue", "isolate_host"), NOW + MINUTE) is None  # a release is over at once
    waiting = ask(want("red", "isolate_host", machine(4, "vital")), {}, ASKER)
    asked = want("blue", "release", machine(4))
    found = find_opposite(asked, NOW)
    assert found is not None
    assert (found.uid, found.kind, found.incident, found.machine) == (waiting.uid, "isolate_host", "red", "#4")
    assert find_opposite(asked, NOW + HOUR) is None  # it expired
    Incident.objects.filter(name="red").update(drill=True)
    assert find_opposite(asked, NOW) is None
    Incident.objects.filter(name="red").update(drill=False, closed_at=NOW)
    assert find_opposite(asked, NOW) is None


def test_both_directions_and_what_else_is_needed_stays() -> None:
    do(want("red", "roll_back"))
    ask(want("red", "release", machine(5)), {}, ASKER)
    ask(want("red", "rebuild", machine(6)), {}, ASKER)
    needed = ask(want("blue", "isolate_host", machine(5, "vital")), {}, ASKER)
    assert (needed.rule, needed.needs) == ("two-incidents", ["executive", "business"])
    found = find_opposite(want("blue", "roll_back", machine(6)), NOW)
    assert found is not None
    assert found.kind == "rebuild"
    assert find_opposite(want("blue", "rebuild"), NOW) is None  # what red rolled back is over
    never = ask(want("blue", "isolate_host", machine(5, "never_touch")), {}, ASKER)
    assert (never.state, never.rule) == ("refused", "never-touch")


def test_the_holding_kinds_are_kinds() -> None:
    kinds = list_holding_kinds()
    assert set(kinds) < set(ACTION_KINDS)
    assert {"isolate_host", "disable_port", "move_vlan", "block_address", "shut_vlan", "block_subnet"} == set(kinds)
