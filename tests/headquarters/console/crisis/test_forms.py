"""What the forms ask for."""

from datetime import UTC, datetime

import pytest

from codered_hq.console.crisis.forms import AssignForm, ChangeForm, DeclareForm, TaskForm
from codered_hq.incidents.models import Incident, Person


def test_declaring_offers_the_packs() -> None:
    html = DeclareForm()["packs"].as_widget()
    assert 'value="codered"' in html
    form = DeclareForm({"name": "x", "title": "y", "severity": "huge", "tlp": "AMBER", "report_every": "3600"})
    assert set(form.errors) == {"severity"}


@pytest.mark.django_db
def test_present_rhythm_and_people() -> None:
    incident = Incident(name="x", declared_at=datetime.now(UTC), report_every_seconds=420)
    assert '<option value="420" selected>7 minutes' in ChangeForm.of(incident)["report_every"].as_widget()
    Person.objects.create(name="Gone", active=False)
    assert "Gone" not in AssignForm()["person"].as_widget()


def test_task_needs_a_sentence() -> None:
    form = TaskForm({"action": "patch", "priority": "12"})
    assert set(form.errors) == {"text", "priority"}
