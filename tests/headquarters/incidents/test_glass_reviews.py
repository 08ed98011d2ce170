"""Broken glass is reviewed, and everybody is told."""

import pytest

from codered_hq.incidents.glass_reviews import Broken, open_review
from codered_hq.incidents.models import Outgoing
from codered_hq.ledger.models import LedgerEntry
from tests.fixtures.gate_crew import HOUR, NOW, declare

pytestmark = pytest.mark.django_db
BROKEN = Broken("d" * 32, "isolate_host host #1", "cora", "the plant would stand still", "one", NOW + HOUR)


def test_one_task_for_each_and_a_notice() -> None:
    incident = declare("one")
    task = open_review(BROKEN, NOW)
    assert task is not None
    assert (task.incident, task.role, task.priority, task.due_at) == (incident, "executive", 1, NOW + HOUR)
    assert open_review(BROKEN, NOW) == task
    assert LedgerEntry.objects.filter(kind="task").count() == 1
    assert (Outgoing.objects.count(), Outgoing.objects.earliest("pk").urgent) == (2, True)
    assert open_review(BROKEN._replace(incident=""), NOW) is None
