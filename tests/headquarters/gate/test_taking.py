"""The door: once, in time, and only for what was decided."""

from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from codered.model.errors import AwaitingApproval, ExitCode, Refused
from codered_hq.gate.asking import ask
from codered_hq.gate.models import Decision, Reservation, Vote
from codered_hq.gate.taking import release_reservation, take
from codered_hq.gate.voting import vote
from codered_hq.incidents.models import Incident
from codered_hq.ledger.models import LedgerEntry
from codered_hq.ledger.writing import enter
from tests.fixtures.gate_crew import ASKER, HOUR, MINUTE, NOW, declare, join, leave, machine, prove_asker, wish
from tests.fixtures.rules_in_force import put_sample_in_force, write_lax_rules

pytestmark = pytest.mark.django_db
HOST = wish(machine(1))
VITAL = wish(machine(1, "vital"))


@pytest.fixture(autouse=True)
def rules(headquarters: Path) -> None:
    put_sample_in_force(headquarters, cap=2)


def test_a_permit_is_given_once_and_says_when_it_is_undone() -> None:
    decision = ask(HOST, {}, ASKER)
    permit = take(decision, HOST, NOW + MINUTE)
    assert permit == (decision.uid, "isolate_host", "host #1", decision.target_set, NOW + MINUTE + 24 * HOUR)
    assert (decision.state, decision.taken_at) == ("taken", NOW + MINUTE)
    with pytest.raises(Refused, match="its approval was used already") as refused:
        take(decision, HOST, NOW + MINUTE)
    assert refused.value.exit_code == ExitCode.REFUSED
    shorter = replace(HOST, seconds=600)
    assert take(ask(shorter, {}, ASKER), shorter, NOW).undo_at == NOW + timedelta(seconds=600)
    reboot = wish(machine(1), kind="reboot")
    assert take(ask(reboot, {}, ASKER), reboot, NOW).undo_at is None
    assert LedgerEntry.objects.filter(what__startswith="taken: ").count() == 3


def test_the_undo_follows_the_clock_though_the_ledger_is_ahead() -> None:
    decision = ask(HOST, {}, ASKER)
    enter("action", "x", "entered by a clock that was ahead", NOW + 20 * MINUTE)
    assert take(decision, HOST, NOW + MINUTE).undo_at == NOW + MINUTE + 24 * HOUR


def test_what_waits_or_was_refused_is_no_permit() -> None:
    with pytest.raises(
        AwaitingApproval, match=r"host #1\): waits for the yes of executive and business \(rule"
    ) as waits:
        take(ask(VITAL, {}, ASKER), VITAL, NOW)
    assert waits.value.exit_code == ExitCode.AWAITING_APPROVAL
    never = wish(machine(2, "never_touch"))
    with pytest.raises(Refused, match="rule never-touch: Listed as never to be touched"):
        take(ask(never, {}, ASKER), never, NOW)


def test_late_is_too_late_even_when_the_clock_is_set_back() -> None:
    decision = ask(HOST, {}, ASKER)
    with pytest.raises(Refused, match="its approval expired"):
        take(decision, HOST, NOW + 30 * MINUTE)
    assert decision.state == "expired"
    assert not Reservation.objects.filter(released=False).exists()
    other = ask(wish(machine(2), at=NOW + 30 * MINUTE), {}, ASKER)
    enter("action", "x", "something else", NOW + 2 * HOUR)
    with pytest.raises(Refused, match="its approval expired"):
        take(other, wish(machine(2)), NOW + 31 * MINUTE)


@pytest.mark.parametrize(
    ("changed", "because"),
    [
        (replace(HOST, subjects=(machine(1), machine(2))), "not the same machines"),
        (replace(HOST, target="host #2"), "not the same target"),
        (replace(HOST, kind="reboot"), "not the same target"),
        (replace(HOST, incident="red"), "for another incident"),
        (replace(HOST, seconds=5), "for another time"),
        (replace(HOST, subjects=(machine(1, "never_touch"),)), "rule never-touch"),
        (replace(HOST, subjects=(machine(1, "vital"),)), "it needs executive and business as well now"),
        (replace(HOST, guard="an uplink"), "rule guard: an uplink"),
        (replace(HOST, drill=True), "rule drill"),
    ],
)
def test_what_changed_since_makes_it_void(changed: object, because: str) -> None:
    decision = ask(HOST, {}, ASKER)
    with pytest.raises(Refused, match=f"is void: .*{because}"):
        take(decision, changed, NOW)  # type: ignore[arg-type]
    assert decision.state == "void"
    assert not Reservation.objects.filter(released=False).exists()
    with pytest.raises(Refused, match="is void"):
        take(decision, HOST, NOW)


def test_an_incident_that_became_a_drill_and_new_rules_make_it_void(headquarters: Path) -> None:
    declare("red")
    request = replace(HOST, incident="red")
    decision = ask(request, {}, ASKER)
    Incident.objects.update(drill=True)
    with pytest.raises(Refused, match="rule drill: This is a drill"):
        take(decision, request, NOW)
    other = ask(HOST, {}, ASKER)
    put_sample_in_force(headquarters, version=2, at=NOW)
    with pytest.raises(Refused, match="version 2 of the rules came in force"):
        take(other, HOST, NOW)


def test_a_yes_that_no_longer_counts_makes_it_wait_again() -> None:
    boss, owner = join("boss", "executive"), join("owner", "business")
    decision = ask(VITAL, {}, prove_asker())
    for speaker in (boss, owner):
        vote(decision, speaker, True, "", NOW)
    leave(boss)
    with pytest.raises(AwaitingApproval, match="waits for the yes of executive"):
        take(decision, VITAL, NOW)
    assert decision.state == "awaiting"
    assert not Reservation.objects.filter(released=False).exists()
    assert vote(decision, join("deputy", "executive"), True, "", NOW).state == "allowed"
    Vote.objects.filter(person=owner.person).update(why="something else")  # changed in the database: not what he signed
    with pytest.raises(AwaitingApproval, match="waits for the yes of business"):
        take(decision, VITAL, NOW)
    assert vote(decision, join("second", "business"), True, "", NOW).state == "allowed"
    assert take(decision, VITAL, NOW).undo_at == NOW + 4 * HOUR


def test_what_was_not_changed_after_all_is_not_counted() -> None:
    decisions = [ask(wish(machine(number)), {}, ASKER) for number in (1, 2, 3)]
    assert [decision.state for decision in decisions] == ["allowed", "allowed", "refused"]
    take(decisions[0], wish(machine(1)), NOW)
    release_reservation(decisions[0])
    assert ask(wish(machine(3)), {}, ASKER).state == "allowed"
    release_reservation(decisions[1])
    assert ask(wish(machine(4)), {}, ASKER).state == "allowed"
    with pytest.raises(Refused, match="rule cut-cap"):  # its place is somebody else's now
        take(decisions[1], wish(machine(2)), NOW)
    assert Decision.objects.get(pk=decisions[1].pk).state == "refused"


def test_a_yes_to_less_is_none_to_more_though_its_person_has_both_roles(headquarters: Path) -> None:
    rules = write_lax_rules(version=2).replace(b"needs: [executive, business]", b"needs: [business, executive]")
    ordinary = b"  - id: cut-ordinary\n    do: cut_off\n"
    put_sample_in_force(headquarters, rules.replace(ordinary, ordinary + b"    needs: [executive]\n"))
    decision = ask(HOST, {}, join("kim", "security"))
    assert vote(decision, join("both", "executive", "business"), True, "", NOW).state == "allowed"
    with pytest.raises(Refused, match=r"is void: .*it needs business as well now"):
        take(decision, VITAL, NOW)


def test_what_is_done_late_counts_from_then_and_only_if_there_is_room(headquarters: Path) -> None:
    (headquarters / "headquarters.toml").write_text("approval_minutes = 120\n")
    wishes = [wish(machine(number)) for number in range(8)]
    first = [ask(each, {}, ASKER) for each in wishes[:2]]
    for decision, request in zip(first, wishes, strict=False):
        take(decision, request, NOW + 29 * MINUTE)
    for minutes, state in ((61, "refused"), (89, "allowed")):  # an hour after they were done, not allowed
        at = NOW + minutes * MINUTE
        assert ask(replace(wishes[2], at=at), {}, ASKER).state == state
    late = ask(replace(wishes[3], at=NOW + 89 * MINUTE), {}, ASKER)
    other = [ask(replace(each, at=NOW + 150 * MINUTE), {}, ASKER) for each in wishes[4:6]]
    assert [each.state for each in (late, *other)] == ["allowed"] * 3  # by now its place is theirs
    with pytest.raises(Refused, match="rule cut-cap: More than 2 hosts"):
        take(late, wishes[3], NOW + 151 * MINUTE)
    assert set(late.reservations.values_list("released", flat=True)) == {True}
