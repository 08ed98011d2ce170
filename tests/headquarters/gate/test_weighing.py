"""One judgement for asking and taking."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from codered_hq.gate.weighing import find_unbreakable, weigh
from codered_hq.ledger.writing import enter
from tests.fixtures.gate_crew import HOUR, NOW, declare, machine, wish
from tests.fixtures.rules_in_force import put_sample_in_force

HOST = wish(machine(1))


@pytest.mark.django_db
def test_rules_the_gates_own_time_and_the_incidents_drill_are_weighed(headquarters: Path) -> None:
    assert weigh(HOST, NOW).verdict.rule == "no-rules"
    assert weigh(replace(HOST, kind="collect"), NOW).verdict.answer == "yes"
    put_sample_in_force(headquarters)
    declare("exercise", drill=True)
    weighed = weigh(HOST, NOW + HOUR)
    assert weighed.rules is not None
    assert (weighed.verdict.answer, weighed.verdict.rule, weighed.request.at) == ("yes", "cut-ordinary", NOW + HOUR)
    assert (weighed.verdict.version, weighed.verdict.digest) == (1, weighed.rules.digest)
    exercise = replace(HOST, incident="exercise")
    assert (weigh(exercise, NOW).verdict.rule, weigh(exercise, NOW).request.drill) == ("drill", True)
    assert weigh(replace(exercise, kind="scan"), NOW).verdict.answer == "yes"
    enter("action", "x", "y", NOW)


@pytest.mark.django_db
def test_in_a_headquarters_of_its_own_a_drill_is_judged_as_the_real_thing(headquarters: Path) -> None:
    put_sample_in_force(headquarters)
    declare("exercise", drill=True)
    (headquarters / "headquarters.toml").write_text('exercise = "simulated"\n')
    weighed = weigh(replace(HOST, incident="exercise"), NOW)
    assert (weighed.verdict.answer, weighed.verdict.rule, weighed.request.drill) == ("yes", "cut-ordinary", False)
    assert weigh(replace(HOST, drill=True), NOW).verdict.rule == "drill"


def test_what_no_glass_is_broken_for() -> None:
    assert find_unbreakable(HOST) == ""
    assert find_unbreakable(wish(machine(1), machine(2, "never_touch"))) == "host-2 is never to be touched"
    assert find_unbreakable(wish(machine(2, "never_touch"), kind="scan")) == ""
    assert find_unbreakable(replace(HOST, drill=True)) == "this is a drill"
    assert find_unbreakable(replace(HOST, guard="an uplink")) == "an uplink"
