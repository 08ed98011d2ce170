"""What the tables themselves hold: one open task for an action and a target, one duty at a time."""

import pytest
from django.db import IntegrityError, transaction

from codered_hq.incidents.models import Call, Duty, Person, Task
from tests.fixtures.gate_crew import NOW, declare


@pytest.mark.django_db
def test_constraints_hold_whoever_writes() -> None:
    incident, ann = declare("one"), Person.objects.create(name="ann")
    said = {"incident": incident, "step": "contain", "action": "patch", "target": "srv1", "text": "x", "added_at": NOW}
    for state in ("done", "dropped", "done", "blocked"):
        Task.objects.create(**said, state=state)
    for state in ("open", "claimed", "blocked"):
        with pytest.raises(IntegrityError), transaction.atomic():
            Task.objects.create(**said, state=state)
    Task.objects.create(**{**said, "incident": declare("two")})
    duty = {"incident": incident, "role": "legal", "person": ann, "since": NOW}
    Duty.objects.create(**duty, until=NOW)
    first = Duty.objects.create(**duty)
    with pytest.raises(IntegrityError), transaction.atomic():
        Duty.objects.create(**duty)
    call = Call.objects.create(incident=incident, person=ann, role="legal", at=NOW)
    assert (str(ann), str(first), str(call)) == ("ann", f"legal: {ann.pk}", f"legal: {ann.pk}")
