"""What is done with the crisis team in the browser, and by whom it may be done."""

import re
from pathlib import Path

import pytest
from django.test import Client

from codered_hq.accounts.models import Account
from codered_hq.incidents.models import Call, Duty, Incident, Person
from tests.fixtures.console_desk import make_account, make_person

pytestmark = pytest.mark.django_db


def see(client: Client) -> str:
    """The roster's page."""
    return client.get("/roster/").content.decode()


def test_called_and_answered(team: dict[str, Client], looker: Client) -> None:
    assert team["Nora"].post("/roster/call/", {"role": "executive", "why": "now"}).status_code == 303
    assert Call.objects.get().person.name == "Edda"
    assert team["Edda"].post("/roster/answered/").status_code == 303
    assert Call.objects.get().answered_at is not None
    assert Person.objects.get(name="Edda").reached_at is not None
    assert team["Nora"].post("/roster/test/").status_code == 303
    assert Call.objects.count() == 5
    assert team["Nora"].post("/roster/call/", {"role": "king"}).status_code == 400
    assert looker.post("/roster/test/").status_code == 403


def test_appointing(team: dict[str, Client], incident: Incident) -> None:
    nora = Person.objects.get(name="Nora")
    role = {"person": nora.pk, "role": "security", "backup": "on"}
    refused = team["Bea"].post("/roster/appoint/", role)
    assert refused.status_code == 403
    assert "Bea is neither incident_commander nor executive" in refused.content.decode()
    assert team["Cora"].post("/roster/appoint/", role).status_code == 303
    assert Duty.objects.get(role="security").incident == incident
    own = {"person": Person.objects.get(name="Cora").pk, "role": "legal"}
    assert "nobody gives himself a role" in team["Cora"].post("/roster/appoint/", own).content.decode()
    assert team["Cora"].post("/roster/appoint/", {"person": nora.pk, "role": "king"}).status_code == 400
    end = {"person": "Nora", "role": "security"}
    assert team["Cora"].post("/roster/end/", end).status_code == 303
    assert team["Cora"].post("/roster/end/", end).status_code == 400  # there is none any more
    assert Duty.objects.get(role="security").until is not None


def test_commandeering_needs_rules_that_let_us(headquarters: Path, team: dict[str, Client]) -> None:
    role = {"person": Person.objects.get(name="Nora").pk, "role": "systems", "hours": "8"}
    refused = team["Cora"].post("/roster/appoint/", role)
    assert refused.status_code == 403
    assert "no rules of engagement in force let us take people off their work" in refused.content.decode()
    assert not Duty.objects.filter(role="systems").exists()


def test_people_come_and_go(team: dict[str, Client]) -> None:
    new = {"name": "Max", "mail": "max@corp.example", "phone": "+49 30 1234"}
    assert team["Bea"].post("/roster/person/", new).status_code == 403
    bad = team["Cora"].post("/roster/person/", {**new, "mail": "max"})
    assert bad.status_code == 400
    assert "+49 30 1234" in bad.content.decode()
    assert team["Cora"].post("/roster/person/", new).status_code == 303
    assert Person.objects.get(name="Max").active
    asked = re.search(r"<details><summary>Out of the team.*?Max leaves.*?</details>", see(team["Cora"]), re.DOTALL)
    assert asked
    assert "There is no undo" in asked[0]
    assert team["Cora"].post("/roster/leave/", {"person": "Max"}).status_code == 303
    assert not Person.objects.get(name="Max").active
    make_account(make_person("Ned"))
    assert team["Cora"].post("/roster/leave/", {"person": "Ned"}).status_code == 303
    assert Account.objects.get(person__name="Ned").disabled_at
    assert team["Bea"].post("/roster/leave/", {"person": "Nora"}).status_code == 403
