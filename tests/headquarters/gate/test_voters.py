"""Who has which roles, and whose votes count."""

from pathlib import Path

import pytest

from codered.signing.keys import public_bytes
from codered_hq.gate.asking import ask
from codered_hq.gate.models import Decision, Vote
from codered_hq.gate.voters import (
    encode_vote,
    find_missing_votes,
    find_roles,
    find_voting_roles,
    is_requester,
    would_help,
)
from codered_hq.gate.voting import vote
from codered_hq.incidents.models import Person
from codered_hq.incidents.people import Speaker
from tests.fixtures.gate_crew import ASKER, HOUR, NOW, declare, join, leave, machine, wish
from tests.fixtures.rules_in_force import put_sample_in_force

pytestmark = pytest.mark.django_db
NEEDS = ("executive", "business")


@pytest.fixture
def decision(headquarters: Path) -> Decision:
    put_sample_in_force(headquarters)
    declare("red")
    return ask(wish(machine(1, "vital"), incident="red"), {}, ASKER)


def test_roles_are_those_of_the_incident_and_standing_ones_while_they_last() -> None:
    red = declare("red")
    both = join("both", "executive", incident=red)
    assert both.person is not None
    both.person.duties.create(role="legal", since=NOW - HOUR, until=NOW)
    both.person.duties.create(role="scribe", since=NOW + HOUR)
    both.person.duties.create(role="network", since=NOW, order=1)
    assert find_roles(both.person, "red", NOW) == {"executive", "network"}
    assert find_roles(both.person, "", NOW - HOUR / 2) == {"legal"}
    assert find_roles(both.person, "blue", NOW + HOUR) == {"network", "scribe"}
    leave(both)
    assert find_roles(both.person, "red", NOW) == frozenset()


def test_the_requester_is_known_by_name_account_key_and_person(decision: Decision) -> None:
    boss = join("boss", "executive")
    assert boss.person is not None
    mine = ask(wish(machine(2, "vital")), {}, boss)
    twin = Person(name="twin", public_key=boss.person.public_key)
    assert [is_requester(each, mine) for each in (boss.person, twin, Person(name="x"))] == [True, True, False]
    assert is_requester(Person(name="y", account="asker"), decision)
    assert is_requester(Person(name="asker"), decision)
    assert not is_requester(Person(name="", account=""), decision)
    clerk = join("clerk", account="desk")
    assert is_requester(Person(name="z", account="desk"), ask(wish(machine(3, "vital")), {}, clerk))


def test_a_proof_that_is_newer_than_the_request_gives_no_vote_on_it(decision: Decision) -> None:
    boss = join("boss", "executive").person
    assert boss is not None
    for since, roles in ((None, {"executive"}), (decision.at - HOUR, {"executive"}), (decision.at, {"executive"}),
                         (decision.at + HOUR / 60, set())):  # fmt: skip
        boss.proof_since = since
        assert find_voting_roles(boss, decision, decision.at + HOUR) == roles


def test_two_entries_with_one_proof_are_one_human(decision: Decision) -> None:
    for name, role in (("a", "executive"), ("b", "business")):
        vote(decision, join(name, role, account="shared"), True, "", NOW)
    assert find_missing_votes(decision, NEEDS, NOW) == ("business",)
    key = join("c", "business")
    vote(decision, key, True, "", NOW)
    assert find_missing_votes(decision, NEEDS, NOW) == ()
    assert find_missing_votes(decision, (*NEEDS, "business"), NOW) == ("business",)


def test_whose_yes_would_help_is_found_by_matching(decision: Decision) -> None:
    both, boss, owner = join("both", "executive", "business"), join("boss", "executive"), join("owner", "business")
    clerk, mine = join("clerk", "legal"), ask(wish(machine(2, "vital")), {}, join("own", "executive"))
    people = [speaker.person for speaker in (both, boss, owner, clerk) if speaker.person]
    assert [would_help(person, decision, NOW) for person in people] == [True, True, True, False]
    vote(decision, both, True, "", NOW)
    assert [would_help(person, decision, NOW) for person in people[1:]] == [True, True, False]  # either fills a place
    vote(decision, boss, True, "", NOW)
    assert not would_help(people[2], decision, NOW)
    assert mine.requester is not None
    assert not would_help(mine.requester, mine, NOW)


def test_a_vote_counts_only_under_the_signature_of_its_person(decision: Decision) -> None:
    boss, other = join("boss", "executive"), join("other", "executive")
    vote(decision, boss, True, "", NOW)
    stored = Vote.objects.get()
    assert find_missing_votes(decision, NEEDS, NOW) == ("business",)
    assert other.key is not None
    changes: tuple[dict[str, object], ...] = (
        {"person": other.person}, {"why": "x"}, {"at": NOW - HOUR}, {"signature": ""}, {"signature": "zz"},
        {"key": "x"},
    )  # fmt: skip
    for change in changes:
        Vote.objects.update(**change)
        assert find_missing_votes(decision, NEEDS, NOW) == NEEDS, change
        stored.save()
    assert find_missing_votes(decision, NEEDS, NOW) == ("business",)
    for person in ({"public_key": public_bytes(other.key).hex()}, {"public_key": ""}, {"public_key": "zz"}):
        Person.objects.filter(name="boss").update(**person)
        assert find_missing_votes(decision, NEEDS, NOW) == NEEDS, person


def test_a_vote_from_the_console_counts_while_the_console_has_proved_that_person_since_then(decision: Decision) -> None:
    boss = join("boss", "executive", account="boss")
    vote(decision, boss, True, "", NOW)
    Vote.objects.update(session="from the browser", signature="")
    for since, missing in ((NOW - HOUR, ("business",)), (NOW, ("business",)), (NOW + HOUR, NEEDS), (None, NEEDS)):
        Person.objects.filter(name="boss").update(console_since=since)
        assert set(find_missing_votes(decision, NEEDS, NOW)) == set(missing)


def test_what_is_signed_says_what_for(decision: Decision) -> None:
    body = encode_vote(decision, True, "w", NOW)
    assert body.startswith(b'{"at":"2026-11-24T10:00:00+00:00","decision":"')
    decision.order = {"plans": {"2": "y", "1": "x"}}
    ordered = encode_vote(decision, True, "w", NOW)
    decision.order = {"plans": {"1": "x", "2": "y"}}
    assert encode_vote(decision, True, "w", NOW) == ordered != body
    other = Decision.objects.create(
        uid="2", kind="scan", target="x", target_set=decision.target_set, request={}, requested_by="x", at=NOW,
        rules_digest=decision.rules_digest, answer="needs", rule="x", why="x", state="awaiting",
    )  # fmt: skip
    assert len({body, encode_vote(decision, False, "w", NOW), encode_vote(other, True, "w", NOW)}) == 3
    assert not is_requester(Person(name="n"), other)
    assert isinstance(ASKER, Speaker)
