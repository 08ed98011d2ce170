"""What the tables themselves forbid, and what they are called."""

import pytest
from django.db import IntegrityError, transaction

from codered_hq.gate.asking import ask
from codered_hq.gate.models import Decision, GateLock, Reservation, RulesInForce, Vote
from codered_hq.incidents.models import Person
from tests.fixtures.gate_crew import ASKER, NOW, machine, wish


@pytest.mark.django_db
def test_one_vote_a_person_one_decision_a_uid_one_lock() -> None:
    decision, person = ask(wish(machine(1)), {}, ASKER), Person.objects.create(name="ann")
    vote = Vote.objects.create(decision=decision, person=person, yes=True, at=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        Vote.objects.create(decision=decision, person=person, yes=False, at=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        Decision.objects.create(uid=decision.uid, at=NOW, request={})
    with pytest.raises(IntegrityError), transaction.atomic():
        GateLock.objects.create(number=GateLock.objects.get().number)
    row = Reservation(decision=decision, kind="isolate_host", machine="#1", at=NOW)
    named = [str(each) for each in (decision, vote, row, GateLock.objects.get(), RulesInForce(version=3))]
    assert named == [
        "isolate_host host #1: refused", f"{person.pk}: yes", "isolate_host #1", "the gate", "version 3",
    ]  # fmt: skip
