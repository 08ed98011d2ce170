"""Calls, answers, and backups that are called for whoever is silent."""

from pathlib import Path

import pytest

from codered_hq.config import make_headquarters_folder
from codered_hq.incidents.calling import Wanted, call_all, call_person, call_roles, escalate, find_silent, note_reached
from codered_hq.incidents.models import Call, Outgoing, Person
from codered_hq.incidents.roster import Assignment, assign
from codered_hq.ledger.models import LedgerEntry
from tests.fixtures.crisis_words import MAIL
from tests.fixtures.gate_crew import ASKER, MINUTE, NOW, declare, join

pytestmark = pytest.mark.django_db


def test_who_is_silent_for_ten_minutes_is_passed_over(headquarters: Path) -> None:
    (make_headquarters_folder() / "headquarters.toml").write_text(MAIL)
    (headquarters / "headquarters.toml").chmod(0o600)
    incident = declare("one", drill=True)
    people = [join(name).person for name in ("ann", "ben", "cleo")]
    for place, person in enumerate(people):
        assert person is not None
        assign(incident, person, Assignment("legal", backup=place > 0), ASKER, NOW)
    Person.objects.filter(name="ann").update(mail="ann@x.example")
    assert [call.person.name for call in call_roles(incident, ["legal", "scribe"], "a worm", ASKER, NOW)] == ["ann"]
    sent = Outgoing.objects.get()
    assert (sent.to, sent.subject, sent.urgent) == ("ann@x.example", "DRILL: answer me: legal one", True)
    assert (escalate(NOW + 9 * MINUTE), find_silent(incident, NOW + 9 * MINUTE)) == ([], [])
    assert [call.person.name for call in escalate(NOW + 10 * MINUTE)] == ["ben"]
    assert escalate(NOW + 10 * MINUTE) == []  # nobody is passed over twice
    ben = Person.objects.get(name="ben")
    assert note_reached(ben, "asker", NOW + 12 * MINUTE) == 1
    assert (ben.reached_at, escalate(NOW + 60 * MINUTE)) == (NOW + 12 * MINUTE, [])
    assert [call.person.name for call in find_silent(incident, NOW + 60 * MINUTE)] == ["ann"]
    told = list(LedgerEntry.objects.filter(kind="roster").order_by("seq").values_list("what", flat=True))
    assert "ben called as legal (no way to reach this person is known): ann does not answer; a worm" in told


def test_nobody_left_is_told_and_a_closed_incident_is_over() -> None:
    incident, ann = declare("one"), join("ann", "legal").person
    assert ann is not None
    call_person(incident, Wanted(ann, "legal", "a worm"), "asker", NOW)
    assert escalate(NOW + 10 * MINUTE) == []
    assert LedgerEntry.objects.filter(what="ann (legal) does not answer, and nobody is left to call").count() == 1
    assert [call.person for call in call_all(None, "a test", ASKER, NOW)] == [ann]
    closed = declare("two")
    join("ben", "legal")
    call_person(closed, Wanted(ann, "legal", "a worm"), "asker", NOW)
    closed.closed_at = NOW
    closed.save()
    assert [call.person.name for call in escalate(NOW + 10 * MINUTE)] == ["ben"]  # of the standing test alone
    assert Call.objects.filter(incident=closed).count() == 1
