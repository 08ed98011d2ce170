"""Yes and no: who may, what they change, and what does not count."""

from pathlib import Path

import pytest

from codered.model.errors import AwaitingApproval, Refused, WrongUse
from codered.signing.keys import is_signed
from codered_hq.gate.asking import ask
from codered_hq.gate.models import Decision, Vote
from codered_hq.gate.taking import take
from codered_hq.gate.voters import PURPOSE, encode_vote, find_missing_votes, find_too_young
from codered_hq.gate.voting import find_voter, vote
from codered_hq.incidents.models import Person
from codered_hq.incidents.people import Speaker
from codered_hq.ledger.models import LedgerEntry
from codered_hq.ledger.reading import read_detail
from tests.fixtures.gate_crew import ASKER, HOUR, MINUTE, NOW, declare, join, leave, machine, prove_asker, wish
from tests.fixtures.rules_in_force import put_sample_in_force

pytestmark = pytest.mark.django_db
_NEWER = "{}, or the proof of it, is newer than the request"
VITAL = wish(machine(1, "vital"))


@pytest.fixture(autouse=True)
def rules(headquarters: Path) -> None:
    put_sample_in_force(headquarters, cap=2)


def test_two_different_people_say_yes_and_it_is_allowed() -> None:
    decision = ask(VITAL, {}, ASKER)
    boss, owner = join("boss", "executive", "business"), join("owner", "business")
    assert vote(decision, boss, True, "go", NOW + MINUTE).state == "awaiting"  # two hats count once
    assert vote(decision, boss, True, "go, I said", NOW + MINUTE).state == "awaiting"  # the same yes, sent twice
    assert Vote.objects.count() == 1
    with pytest.raises(AwaitingApproval, match="waits for the yes of business"):
        take(decision, VITAL, NOW + MINUTE)
    with pytest.raises(Refused, match="boss said yes already"):
        vote(decision, boss, False, "stop", NOW + MINUTE)
    assert not decision.reservations.exists()
    assert vote(decision, owner, True, "", NOW + 2 * MINUTE).state == "allowed"
    assert [row.machine for row in decision.reservations.all()] == ["#1"]
    given = Vote.objects.get(person=boss.person)
    assert boss.key is not None
    assert boss.person is not None
    body = encode_vote(decision, True, "go", NOW + MINUTE)
    assert is_signed(bytes.fromhex(boss.person.public_key), PURPOSE, body, bytes.fromhex(given.signature))
    told = list(LedgerEntry.objects.filter(kind__in=("vote", "decision")).values_list("kind", "who"))
    assert told == [("decision", "asker"), ("vote", "boss"), ("vote", "owner"), ("decision", "owner")]
    assert take(decision, VITAL, NOW + 3 * MINUTE).decision_uid == decision.uid
    assert vote(decision, owner, True, "", NOW + 4 * MINUTE).state == "taken"  # once more changes nothing
    with pytest.raises(Refused, match="used already"):
        vote(decision, join("late", "executive"), True, "", NOW + 4 * MINUTE)


def test_who_asked_may_not_approve_it_under_any_name_or_key() -> None:
    boss = join("boss", "executive", "business")
    decision = ask(VITAL, {}, boss)
    with pytest.raises(Refused, match="who asked may not approve it"):
        vote(decision, boss, True, "", NOW)
    assert boss.key is not None
    alias = Person.objects.create(name="alias", account="asker")
    for asker in (Speaker(None, "asker", None), Speaker(None, "alias", None), Speaker(None, "x", None)):
        asked = ask(wish(machine(2, "vital"), target=f"x {asker.name}"), {}, asker)
        assert (asked.state, asked.rule) == ("refused", "who-asks")  # unknown, he could be one of those who approve
        with pytest.raises(Refused, match="who proves who he is"):
            vote(asked, Speaker(alias, "alias", None), True, "", NOW)
    asked = ask(wish(machine(2, "vital")), {}, Speaker(alias, "alias", None))
    with pytest.raises(Refused, match="who asked"):
        vote(asked, Speaker(alias, "alias", None), True, "", NOW)
    assert vote(decision, boss, False, "not needed any more", NOW).state == "vetoed"  # he may take it back


def test_one_no_of_a_needed_role_ends_it_for_good() -> None:
    boss, owner, other = join("boss", "executive"), join("owner", "business"), join("other", "legal")
    decision = ask(VITAL, {}, prove_asker())
    with pytest.raises(WrongUse, match="needs its reason"):
        vote(decision, owner, False, " ", NOW)
    with pytest.raises(Refused, match="none of the roles it needs now: executive, business"):
        vote(decision, other, False, "I do not like it", NOW)
    vote(decision, boss, True, "", NOW)
    assert vote(decision, owner, False, "the till is on it", NOW).state == "vetoed"
    with pytest.raises(Refused, match=r"vetoed.*the till is on it"):
        vote(decision, join("second", "business"), True, "", NOW)
    with pytest.raises(Refused, match="vetoed"):
        take(decision, VITAL, NOW)
    ready = ask(wish(machine(2, "vital")), {}, prove_asker())
    for speaker in (boss, owner):
        vote(ready, speaker, True, "", NOW)
    assert vote(ready, join("third", "executive"), False, "wait", NOW).state == "vetoed"  # until it is used
    assert not ready.reservations.filter(released=False).exists()


def test_only_people_of_the_roster_with_a_role_here_and_now_count() -> None:
    red, blue = declare("red"), declare("blue")
    decision = ask(wish(machine(1, "vital"), incident="red"), {}, ASKER)
    here, there = join("here", "executive", incident=red), join("there", "executive", incident=blue)
    later, gone = join("later", "business"), join("gone", "business")
    later.person.duties.update(since=NOW + HOUR)  # type: ignore[union-attr]
    gone.person.duties.update(until=NOW)  # type: ignore[union-attr]
    for speaker in (there, later, gone):
        with pytest.raises(Refused, match="none of the roles"):
            vote(decision, speaker, True, "", NOW)
    assert vote(decision, here, True, "", NOW).state == "awaiting"
    with pytest.raises(Refused, match="nobody in the roster is asker"):
        vote(decision, ASKER, True, "", NOW)
    keyless = join("keyless", "business")
    with pytest.raises(Refused, match="must show his key"):
        vote(decision, keyless._replace(key=None), True, "", NOW)
    with pytest.raises(Refused, match="must show his key"):
        vote(decision, keyless._replace(key=here.key), True, "", NOW)
    leave(keyless)
    assert "no longer active" in str(find_voter(keyless, "x"))
    with pytest.raises(Refused, match="needs nobody's yes"):
        vote(ask(wish(machine(5)), {}, ASKER), here, True, "", NOW)


def test_an_approver_who_is_removed_while_the_others_vote_counts_no_more() -> None:
    boss, owner = join("boss", "executive"), join("owner", "business")
    decision = ask(VITAL, {}, prove_asker())
    vote(decision, boss, True, "", NOW)
    leave(boss)
    assert vote(decision, owner, True, "", NOW).state == "awaiting"
    assert vote(decision, join("deputy", "executive"), True, "", NOW).state == "allowed"


def test_late_and_outdated_answers_are_refused_and_the_end_is_stored(headquarters: Path) -> None:
    boss = join("boss", "executive", "business")
    late, outdated = (
        ask(VITAL, {}, prove_asker()),
        ask(wish(machine(2, "vital"), at=NOW + 20 * MINUTE), {}, prove_asker()),
    )
    with pytest.raises(Refused, match="expired"):
        vote(late, boss, True, "", NOW + 30 * MINUTE)
    assert Decision.objects.get(pk=late.pk).state == "expired"
    with pytest.raises(Refused, match="expired"):
        vote(late, boss, True, "", NOW)  # the clock was set back
    put_sample_in_force(headquarters, version=2, at=NOW + 31 * MINUTE)
    with pytest.raises(Refused, match=r"void: .*version 2 of the rules came in force"):
        vote(outdated, boss, True, "", NOW + 32 * MINUTE)


def test_the_cap_is_asked_again_when_the_last_one_says_yes() -> None:
    boss, owner = join("boss", "executive"), join("owner", "business")
    waits = ask(VITAL, {}, prove_asker())
    for number in (2, 3):
        assert ask(wish(machine(number)), {}, prove_asker()).state == "allowed"
    vote(waits, boss, True, "", NOW)
    assert vote(waits, owner, True, "", NOW).state == "refused"
    assert (waits.rule, waits.answer) == ("cut-cap", "no")
    assert waits.why.endswith("(2 of 2 in the last hour)")
    assert not waits.reservations.exists()


def test_a_role_or_a_key_that_is_newer_than_the_request_does_not_count() -> None:
    decision = ask(VITAL, {}, prove_asker())
    young, swapped = join("young"), join("swapped", "business")
    assert young.person is not None
    assert swapped.person is not None
    young.person.duties.create(role="executive", since=NOW + MINUTE)
    Person.objects.filter(name="swapped").update(proof_since=NOW + MINUTE)
    assert find_too_young(decision, NOW) == ("swapped does not count: " + _NEWER.format("business"),)
    later = NOW + 2 * MINUTE
    for speaker in (young, swapped):
        with pytest.raises(Refused, match="newer than the request"):
            vote(decision, speaker, True, "", later)
    told = find_too_young(decision, later)
    assert told == tuple(
        f"{name} does not count: {_NEWER.format(role)}"
        for name, role in (("swapped", "business"), ("young", "executive"))
    )
    assert not Vote.objects.exists()
    other = ask(wish(machine(2, "vital"), at=later), {}, prove_asker())
    for speaker in (young, swapped):
        vote(other, speaker, True, "", later)
    assert other.state == "allowed"
    Person.objects.filter(name="swapped").update(proof_since=later + MINUTE)  # his key was changed since
    with pytest.raises(AwaitingApproval, match="yes of business"):
        take(other, wish(machine(2, "vital")), later + 2 * MINUTE)


def test_a_session_of_the_console_proves_a_person_who_has_a_key_and_the_ledger_says_so() -> None:
    decision = ask(VITAL, {}, ASKER)
    boss, owner = join("boss", "executive"), join("owner", "business")
    assert boss.person is not None
    with pytest.raises(Refused, match="boss must show his key"):
        vote(decision, boss._replace(key=None), True, "", NOW)
    Person.objects.filter(name="boss").update(console_since=NOW - HOUR)
    vote(decision, boss._replace(key=None, session="console: boss"), True, "", NOW)
    assert Vote.objects.get().signature == ""
    assert read_detail(LedgerEntry.objects.get(kind="vote"))["session"] == "console: boss"
    assert find_missing_votes(decision, decision.needs, NOW) == ("business",)  # and it counts
    assert vote(decision, owner, True, "", NOW).state == "allowed"
    Person.objects.filter(name="boss").update(console_since=None)  # his account was disabled since
    with pytest.raises(AwaitingApproval, match="yes of executive"):
        take(decision, VITAL, NOW + MINUTE)
