"""What is asked is answered, counted and written down at once, by one at a time."""

import subprocess
from pathlib import Path

import pytest
from msgspec.structs import replace

from codered_hq.gate.asking import ask
from codered_hq.gate.models import Decision, Reservation
from codered_hq.ledger.models import LedgerEntry
from codered_hq.ledger.reading import verify_ledger
from codered_hq.model.action import ACTION_KINDS, LOOKING
from tests.fixtures.gate_crew import ASKER, HOUR, MINUTE, NOW, declare, machine, wish
from tests.fixtures.gate_races import run_races
from tests.fixtures.postgresql_server import running_postgresql
from tests.fixtures.rules_in_force import put_sample_in_force


@pytest.mark.django_db
def test_without_rules_nothing_but_looking_is_allowed() -> None:
    answers = {kind: ask(wish(machine(1), kind=kind), {}, ASKER).state for kind in ACTION_KINDS}
    assert {kind for kind, state in answers.items() if state == "allowed"} == LOOKING
    assert set(answers.values()) == {"allowed", "refused"}
    assert Decision.objects.count() == LedgerEntry.objects.filter(kind="decision").count() == len(ACTION_KINDS)
    assert not Reservation.objects.exists()
    guarded = ask(replace(wish(machine(1), kind="scan"), guard="our own way in"), {}, ASKER)
    assert (guarded.state, guarded.rule, guarded.why) == ("refused", "guard", "our own way in")


@pytest.mark.django_db
def test_all_that_was_given_is_stored_and_in_the_ledger(headquarters: Path) -> None:
    rules = put_sample_in_force(headquarters)
    request = replace(wish(machine(7, "vital"), machine(8), target="port sw1 3", kind="disable_port"), seconds=600)
    decision = ask(request, {"word": "contain", "order": (1, 2)}, ASKER)
    stored = Decision.objects.get(uid=decision.uid)
    assert (stored.state, stored.answer, stored.rule, stored.needs) == (
        "awaiting", "needs", "cut-vital", ["executive", "business"],
    )  # fmt: skip
    assert (stored.rules_version, stored.rules_digest, stored.undo_after) == (1, rules.digest, 600)
    assert (stored.order, stored.reason, stored.requested_by, stored.requester) == (
        {"word": "contain", "order": [1, 2]}, "it spreads", "asker", None,
    )  # fmt: skip
    assert [subject["name"] for subject in stored.request["subjects"]] == ["host-7", "host-8"]
    assert stored.expires_at == NOW + 30 * MINUTE
    assert not stored.reservations.exists()  # nobody approved it yet
    entry = LedgerEntry.objects.get(kind="decision")
    assert entry.what.startswith(
        "awaiting: disable_port host-7 and 1 more (port sw1 3): waits for executive and business"
    )
    assert stored.target_set in entry.body
    assert ask(wish(machine(9)), {}, ASKER).undo_after == 24 * 3600
    assert not verify_ledger().problem


@pytest.mark.django_db
def test_the_same_question_gets_the_same_decision_while_it_may_be_used(headquarters: Path) -> None:
    put_sample_in_force(headquarters, cap=2)
    declare("red")
    request, order = wish(machine(1), incident="red"), {"word": "contain"}
    first = ask(request, order, ASKER)
    assert ask(replace(request, at=NOW + MINUTE, reason="again"), order, ASKER).uid == first.uid
    assert ask(replace(request, subjects=(machine(1, "other"),)), order, ASKER).uid == first.uid
    others = (
        ask(request, {"word": "fleet"}, ASKER), ask(replace(request, seconds=60), order, ASKER),
        ask(replace(request, incident=""), order, ASKER), ask(replace(request, kind="reboot"), order, ASKER),
        ask(replace(request, subjects=(machine(1, "vital"),)), order, ASKER),
        ask(replace(request, at=NOW + HOUR), order, ASKER),
    )  # fmt: skip
    assert len({first.uid, *(decision.uid for decision in others)}) == 7
    assert {decision.state for decision in others} == {"allowed", "awaiting"}
    assert Reservation.objects.values("machine").distinct().count() == 1


@pytest.mark.django_db
def test_a_full_cap_says_no_with_its_count(headquarters: Path) -> None:
    put_sample_in_force(headquarters, cap=3)
    assert [ask(wish(machine(number)), {}, ASKER).state for number in (1, 2)] == ["allowed", "allowed"]
    over = ask(wish(machine(1), machine(3), machine(4), target="vlan 4", kind="disable_port"), {}, ASKER)
    assert (over.state, over.answer, over.rule) == ("refused", "no", "cut-cap")
    assert over.why.endswith("(2 of 3 in the last hour; this would be 2 more)")
    assert ask(wish(machine(1), machine(3), target="vlan 4", kind="disable_port"), {}, ASKER).state == "allowed"
    waits = ask(wish(machine(4, "vital")), {}, ASKER)
    assert (waits.state, waits.rule) == ("refused", "cut-cap")  # nobody is woken for what they may not allow
    assert ask(wish(machine(4), kind="reboot"), {}, ASKER).state == "allowed"
    later = [ask(wish(machine(number), at=NOW + 31 * MINUTE), {}, ASKER).state for number in (4, 5, 6)]
    assert later == ["allowed", "allowed", "allowed"]  # what nobody used in time takes no place
    assert ask(wish(machine(7), at=NOW + 2 * HOUR), {}, ASKER).state == "allowed"
    back = ask(wish(machine(8), machine(9), machine(10), at=NOW - 9 * HOUR), {}, ASKER)  # the clock was set back
    assert (back.rule, back.at) == ("cut-cap", NOW + 2 * HOUR)


RACES = {
    "asked": 120, "allowed": 50, "refused": 70, "reserved": 50, "taken_twice": 0, "taken": 1, "killed": [0, 0, 0],
    "after_kill": "allowed", "ledger": True, "same": 1,
}  # fmt: skip


def test_twenty_at_once_never_exceed_a_cap_on_sqlite(tmp_path: Path) -> None:
    assert run_races(tmp_path / "hq") == {"vendor": "sqlite", **RACES}


def test_twenty_at_once_never_exceed_a_cap_on_postgresql(tmp_path: Path) -> None:
    with running_postgresql() as url:
        assert run_races(tmp_path / "hq", CODERED_HQ_DATABASE=url) == {"vendor": "postgresql", **RACES}


def test_races_are_told_when_they_fail(tmp_path: Path) -> None:
    with pytest.raises(subprocess.CalledProcessError):
        run_races(tmp_path / "hq", CODERED_HQ_DATABASE="nonsense:")
