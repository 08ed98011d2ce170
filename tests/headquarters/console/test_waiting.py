"""Decisions that wait for somebody: only those his yes would help, and none that is too late."""

from datetime import UTC, datetime, timedelta

import pytest

from codered_hq.console.live.topics import Look
from codered_hq.console.waiting import count_my_votes, list_my_votes
from codered_hq.gate.models import Decision
from tests.fixtures.console_desk import make_person
from tests.fixtures.large_incidents import make_large_incident


@pytest.mark.django_db
def test_whose_yes_helps() -> None:
    at = datetime.now(UTC)
    incident = make_large_incident(50, at)
    needed = make_person("Nora", "executive", incident=incident)
    other = make_person("Bo", "legal", incident=incident)
    assert count_my_votes(needed, at, Look()) == Decision.objects.filter(state="awaiting").count() > 0
    assert list_my_votes(other, at, Look()) == []
    assert list_my_votes(needed, at + timedelta(minutes=21), Look()) == []
