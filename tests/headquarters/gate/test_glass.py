"""Breaking the glass: who may, for what, and that everybody hears of it."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from codered.model.errors import Refused, WrongUse
from codered_hq.gate.asking import ask
from codered_hq.gate.glass import break_glass
from codered_hq.gate.models import Reservation
from codered_hq.gate.taking import take
from codered_hq.gate.voting import vote
from codered_hq.incidents.models import Task
from codered_hq.ledger.models import LedgerEntry
from codered_hq.model.action import ActionRequest
from tests.fixtures.gate_crew import ASKER, HOUR, MINUTE, NOW, declare, join, machine, prove_asker, wish
from tests.fixtures.rules_in_force import put_sample_in_force, write_lax_rules

pytestmark = pytest.mark.django_db
VITAL = wish(machine(1, "vital"))
REASON = "nobody can be reached and it eats the till"


@pytest.fixture(autouse=True)
def rules(headquarters: Path) -> None:
    put_sample_in_force(headquarters, cap=1)


def test_the_named_role_goes_past_missing_approvals_and_everybody_is_told() -> None:
    declare("red")
    request = replace(VITAL, incident="red")
    decision = break_glass(ask(request, {}, ASKER), join("lead", "incident_commander"), REASON, NOW)
    assert (decision.state, decision.broke_glass) == ("allowed", f"lead: {REASON}")
    task = Task.objects.get(action="review of broken glass", target=decision.uid)
    assert (task.due_at, REASON in task.text, task.priority) == (NOW + 24 * HOUR, True, 1)
    assert (
        LedgerEntry.objects.filter(kind="glass").get().what
        == f"lead broke the glass for isolate_host host-1 (host #1): {REASON}"
    )
    assert Reservation.objects.filter(released=False).count() == 1
    assert break_glass(decision, join("deputy", "incident_commander"), REASON, NOW).broke_glass.startswith("lead")
    with pytest.raises(Refused, match="the glass was broken for it by lead"):
        vote(decision, join("boss", "executive"), False, "no", NOW)
    assert take(decision, request, NOW).undo_at == NOW + 4 * HOUR
    with pytest.raises(Refused, match="used already"):
        break_glass(decision, join("third", "incident_commander"), REASON, NOW)


def test_a_full_cap_gives_way_and_what_no_rule_allowed_ends_by_its_review() -> None:
    lead = join("lead", "incident_commander")
    assert ask(wish(machine(1)), {}, ASKER).state == "allowed"
    over = ask(wish(machine(2)), {}, ASKER)
    assert over.rule == "cut-cap"
    assert break_glass(over, lead, REASON, NOW).state == "allowed"
    assert take(over, wish(machine(2)), NOW).undo_at == NOW + 24 * HOUR
    assert Reservation.objects.filter(released=False).count() == 2  # counted all the same


@pytest.mark.parametrize(
    ("request_", "because"),
    [
        (wish(machine(1, "never_touch")), "host-1 is never to be touched"),
        (wish(machine(2), machine(1, "never_touch", "vital")), "host-1 is never to be touched"),
        (replace(VITAL, drill=True), "this is a drill"),
        (replace(VITAL, incident="exercise"), "this is a drill"),
        (replace(VITAL, guard="an uplink"), "an uplink"),
    ],
)
def test_never_for_a_drill_a_guard_or_a_never_touch_machine(request_: ActionRequest, because: str) -> None:
    declare("exercise", drill=True)
    decision = ask(request_, {}, ASKER)
    with pytest.raises(Refused, match=f"no glass is broken for this: {because}"):
        break_glass(decision, join("lead", "incident_commander"), REASON, NOW)
    assert decision.state == "refused"


def test_what_became_never_touch_since_is_not_touched() -> None:
    decision = break_glass(ask(VITAL, {}, ASKER), join("lead", "incident_commander"), REASON, NOW)
    with pytest.raises(Refused, match="never to be touched"):
        take(decision, replace(VITAL, subjects=(machine(1, "vital", "never_touch"),)), NOW)


def test_not_by_others_not_without_a_reason_not_after_a_no_and_not_late(headquarters: Path) -> None:
    lead, boss = join("lead", "incident_commander"), join("boss", "executive")
    decision = ask(VITAL, {}, prove_asker())
    with pytest.raises(WrongUse, match="a reason of 20 characters"):
        break_glass(decision, lead, "quick       quick   ", NOW)
    with pytest.raises(Refused, match="only incident_commander may break the glass, and boss is not"):
        break_glass(decision, boss, REASON, NOW)
    with pytest.raises(Refused, match="nobody in the roster is asker"):
        break_glass(decision, ASKER, REASON, NOW)
    with pytest.raises(Refused, match="must show his key"):
        break_glass(decision, lead._replace(key=None), REASON, NOW)
    vote(decision, boss, False, "never", NOW)
    with pytest.raises(Refused, match="is vetoed"):
        break_glass(decision, lead, REASON, NOW)
    late, over = ask(wish(machine(3, "vital")), {}, prove_asker()), ask(wish(machine(4), machine(5)), {}, prove_asker())
    with pytest.raises(Refused, match="its approval expired"):
        break_glass(late, lead, REASON, NOW + 30 * MINUTE)
    with pytest.raises(Refused, match="decided too long ago"):
        break_glass(over, lead, REASON, NOW + 30 * MINUTE)


def test_rules_without_glass_or_past_their_review(headquarters: Path) -> None:
    lead = join("lead", "incident_commander")
    old = write_lax_rules(2).replace(b"2099-12-31", b"2026-11-24")
    put_sample_in_force(headquarters, old, at=NOW)
    today, tomorrow = ask(VITAL, {}, prove_asker()), ask(wish(machine(1), at=NOW + 24 * HOUR), {}, prove_asker())
    assert (today.state, tomorrow.rule) == ("awaiting", "roe-expired")
    with pytest.raises(Refused, match="past their review date"):
        break_glass(tomorrow, lead, REASON, NOW + 24 * HOUR)
    bare = write_lax_rules(3).replace(b"break_glass: {role: incident_commander, review_within: 24h}\n", b"")
    put_sample_in_force(headquarters, bare, at=NOW + 24 * HOUR)
    with pytest.raises(Refused, match="know no break-glass"):
        break_glass(ask(VITAL, {}, prove_asker()), lead, REASON, NOW + 24 * HOUR)
