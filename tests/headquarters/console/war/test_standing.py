"""What the war room gathers."""

from datetime import UTC, datetime, timedelta

import pytest

from codered_hq.console.live.topics import Look
from codered_hq.console.war.standing import list_doing, list_happenings, list_in_place, make_cards
from codered_hq.containment.models import Containment
from codered_hq.incidents.people import Speaker
from codered_hq.incidents.tasks import claim_next
from codered_hq.ledger.writing import enter
from codered_hq.reporting.numbers import count_numbers
from tests.fixtures.console_desk import make_person
from tests.fixtures.large_incidents import make_large_incident

pytestmark = pytest.mark.django_db


def test_the_numbers_are_those_of_the_reports() -> None:
    at = datetime.now(UTC)
    incident = make_large_incident(500, at)
    counted = count_numbers(incident, at)
    cards = {card.name: card.value for card in make_cards(incident, at, Look())}
    assert cards == {
        "infected": counted.infected, "contained": counted.contained, "verified clean": counted.verified,
        "not reached": counted.not_reached, "awaiting approval": counted.awaiting,
    }  # fmt: skip


def test_what_is_stuck_comes_first_then_what_undoes_itself_next() -> None:
    at = datetime.now(UTC)
    make_large_incident(100, at)
    soon = Containment.objects.filter(state="holding").last()
    assert soon is not None
    Containment.objects.filter(pk=soon.pk).update(undo_at=at + timedelta(minutes=1))
    held = list_in_place(at)
    assert (held.of, held.stuck) == (300, 2)
    assert [row.state for row in held.rows[:3]] == ["stuck", "stuck", "holding"]
    assert held.rows[2].uid == soon.uid


def test_who_does_what_and_who_is_missing() -> None:
    at = datetime.now(UTC)
    incident = make_large_incident(100, at)
    person = make_person("Nora", "executive", incident=incident)
    task = claim_next(incident, None, Speaker(person, "Nora", None, "test"), at)
    doing = {each.role: each for each in list_doing(incident, at)}
    assert doing["executive"].names == ("Nora",)
    assert doing["executive"].tasks == (task,)
    assert doing["legal"].gap == "nobody"


def test_the_newest_first() -> None:
    at = datetime.now(UTC)
    incident = make_large_incident(500, at - timedelta(hours=1))
    enter("task", "Nora", "did it", at, incident=incident.name)
    found = list_happenings(incident, at + timedelta(seconds=1), Look())
    assert (found[0].what, len(found)) == ("did it", 10)
    assert [each.at for each in found] == sorted((each.at for each in found), reverse=True)
