"""Decisions for people and programs."""

from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from codered_hq.gate.asking import ask
from codered_hq.gate.showing import list_waiting, may_vote, view_decision
from codered_hq.gate.voting import vote
from codered_hq.ledger.writing import enter
from tests.fixtures.gate_crew import MINUTE, NOW, join, machine, prove_asker, wish
from tests.fixtures.rules_in_force import put_sample_in_force


@pytest.mark.django_db
def test_what_waits_who_is_missing_and_how_long_it_holds(headquarters: Path) -> None:
    put_sample_in_force(headquarters)
    boss, owner, other = join("boss", "executive"), join("owner", "business"), join("other", "scribe")
    later = ask(wish(machine(1, "vital"), at=NOW + MINUTE), {}, prove_asker())
    first = ask(replace(wish(machine(2, "vital"), *map(machine, range(3, 40))), at=NOW - MINUTE), {}, prove_asker())
    allowed = ask(wish(machine(50)), {}, prove_asker())
    assert [decision.uid for decision in list_waiting(NOW)] == [later.uid, first.uid]  # the clock only grows
    assert list_waiting(NOW, "red") == ()
    vote(first, boss, True, "go", NOW + 2 * MINUTE)
    view = view_decision(first, NOW + 3 * MINUTE, 5)
    assert (view.missing, view.needs, view.seconds_left) == (("business",), ("executive", "business"), 28 * 60)
    assert (len(view.machines), view.machine_count, view.machines[0]) == (5, 38, "host-2")
    assert [(each.person, each.yes, each.why, each.signed) for each in view.votes] == [("boss", True, "go", True)]
    people = [speaker.person for speaker in (boss, owner, other)]
    assert [may_vote(person, first, NOW) for person in people if person] == [False, True, False]
    assert (view_decision(allowed, NOW).missing, view_decision(allowed, NOW).state) == ((), "allowed")
    enter("action", "x", "y", NOW + 60 * MINUTE)
    assert list_waiting(NOW) == ()
    assert view_decision(first, NOW).seconds_left == 0
    assert msgspec.json.decode(msgspec.json.encode(view))["rule"] == "cut-vital"
