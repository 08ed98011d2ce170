"""An incident is declared, moved on, changed, closed and handed over in the browser."""

import re

import pytest
from django.test import Client

from codered_hq.incidents.models import Duty, Incident, Person, Task
from codered_hq.ledger.models import LedgerEntry

pytestmark = pytest.mark.django_db
WORM2 = {"name": "worm2", "title": "Another one", "severity": "critical", "tlp": "RED", "report_every": "3600"}


def see(client: Client, page: str = "/incident/") -> str:
    found = re.search(r'name="seen" value="([0-9a-f]+)"', client.get(page).content.decode())
    assert found
    return found[1]


def test_declare(team: dict[str, Client], looker: Client) -> None:
    cora = team["Cora"]
    bad = cora.post("/incident/declare/", {**WORM2, "name": "worm 2", "summary": "typed before"})
    assert bad.status_code == 400
    assert "is no name for an incident" in bad.content.decode()
    assert "typed before" in bad.content.decode()
    assert cora.post("/incident/declare/", {**WORM2, "title": ""}).status_code == 400
    assert looker.post("/incident/declare/", WORM2).status_code == 403
    made = cora.post("/incident/declare/", {**WORM2, "packs": ["codered2"]})
    assert made.status_code == 303
    incident = Incident.objects.get(name="worm2")
    assert (incident.severity, incident.packs, incident.declared_by) == ("critical", ["codered2"], "Cora")
    page = cora.get("/incident/").content.decode()
    assert "Another one</h1>" in page
    assert "tasks are opened" in page
    twice = cora.post("/incident/declare/", WORM2)
    assert twice.status_code == 400
    assert "was declared before" in twice.content.decode()


def test_step_by_step(team: dict[str, Client], incident: Incident) -> None:
    cora, seen = team["Cora"], see(team["Cora"])
    assert cora.post("/incident/step/", {"step": "contain", "seen": seen}).status_code == 303
    assert cora.post("/incident/step/", {"step": "contain", "seen": seen}).status_code == 303  # a double click
    late = team["Edda"].post("/incident/step/", {"step": "recover", "seen": seen})
    assert late.status_code == 409
    assert "somebody changed it since you saw it" in late.content.decode()
    assert cora.post("/incident/step/", {"step": "party", "seen": see(cora)}).status_code == 400
    incident.refresh_from_db()
    assert incident.step == "contain"
    assert LedgerEntry.objects.filter(what="step: detect -> contain").count() == 1


def test_change_and_impact(team: dict[str, Client], incident: Incident) -> None:
    cora = team["Cora"]
    new = {"severity": "critical", "tlp": "RED", "title": "Worse", "summary": "It is worse.", "report_every": "900"}
    assert cora.post("/incident/change/", {**new, "seen": "old"}).status_code == 409
    assert cora.post("/incident/change/", {**new, "severity": "huge", "seen": see(cora)}).status_code == 400
    assert cora.post("/incident/change/", {**new, "seen": see(cora)}).status_code == 303
    bad = cora.post("/incident/impact/", {"area": "<b>", "text": "x"})
    assert (bad.status_code, "is no name of an area" in bad.content.decode()) == (400, True)
    assert cora.post("/incident/impact/", {"area": "Ordering", "text": "closed"}).status_code == 303
    incident.refresh_from_db()
    assert (incident.title, incident.tlp, incident.report_every_seconds) == ("Worse", "RED", 900)
    assert incident.impact == {"Ordering": "closed"}


def test_close(team: dict[str, Client], incident: Incident) -> None:
    cora = team["Cora"]
    page = cora.get("/incident/close/").content.decode()
    assert "no sweep and no scan since it was declared" in page
    assert 'href="/subnets/"' in page
    refused = cora.post("/incident/close/", {"seen": see(cora, "/incident/close/")})
    assert refused.status_code == 403
    assert "be closed: no sweep" in refused.content.decode()
    again = {"seen": see(cora, "/incident/close/"), "leave_open": "it was a false alarm"}
    assert cora.post("/incident/close/", again).status_code == 303
    incident.refresh_from_db()
    assert incident.closed_at is not None
    assert LedgerEntry.objects.filter(what__contains="it was a false alarm").exists()
    assert cora.post("/incident/close/", again).status_code == 400


def test_handover(team: dict[str, Client], incident: Incident) -> None:
    nora, edda = Person.objects.get(name="Nora"), Person.objects.get(name="Edda")
    task = Task.objects.create(
        incident=incident, step="detect", action="look", text="Look at it", added_at=incident.declared_at,
        state="claimed", owner=nora,
    )  # fmt: skip
    assert "Look at it" in team["Nora"].get("/incident/handover/").content.decode()
    own = team["Nora"].post("/incident/handover/", {"person": nora.pk})
    assert own.status_code == 400
    assert "take it over" in own.content.decode()
    assert team["Nora"].post("/incident/handover/", {"person": edda.pk}).status_code == 303
    task.refresh_from_db()
    assert task.owner == edda
    assert Duty.objects.filter(incident=incident, person=edda, role="network", until=None).exists()
