"""The incident that is looked at, and declaring one."""

from datetime import UTC, datetime

import pytest
from django.test import Client

from codered_hq.hosts.models import Host
from codered_hq.incidents.models import HostDecision, Incident
from tests.fixtures.console_desk import make_viewer_client
from tests.fixtures.hostile_texts import HOSTILE, check_escaped
from tests.fixtures.inventories import make_host

pytestmark = pytest.mark.django_db


def test_overview(team: dict[str, Client], incident: Incident, looker: Client) -> None:
    host = make_host("web1", "10.0.0.1")
    HostDecision.objects.create(
        incident=incident, host=host, treatment="rebuild", reasons="a back door", decided_by="x", at=datetime.now(UTC)
    )
    page = team["Cora"].get("/incident/").content.decode()
    for words in (
        "Worm in the server room",
        "rebuild: 1",
        "a back door",
        "roles have a gap",
        "Cora",
        "Go on to a step",
    ):
        assert words in page, words
    assert page.count("<h1>") == 1
    part = team["Cora"].get("/incident/part/").content.decode()
    assert "0 done, 0 open" in part
    assert "<input" not in part
    assert "Go on to a step" not in looker.get("/incident/").content.decode()


def test_several_are_chosen_from(team: dict[str, Client], incident: Incident) -> None:
    Incident.objects.create(
        name="drill-1", title="Practice", drill=True, declared_at=incident.declared_at, declared_by="x"
    )
    page = team["Cora"].get("/incident/").content.decode()
    assert "?incident=worm" in page
    assert "?incident=drill-1" in page
    assert "Practice</h1>" in team["Cora"].get("/incident/?incident=drill-1").content.decode()
    assert "Practice</h1>" not in team["Cora"].get("/incident/").content.decode()
    form = {"text": "look", "shown_incident": "worm"}
    assert team["Cora"].post("/tasks/add/?incident=drill-1", form).status_code == 409
    for name, status in (("nope", 400), ("", 400), ("drill-1", 303)):
        assert team["Cora"].post("/incident/choose/", {"name": name}).status_code == status
    assert "Practice</h1>" in team["Cora"].get("/incident/").content.decode()


def test_declare_page_tells_what_is_known(db: None) -> None:
    make_host("web1", "10.0.0.1")
    Host.objects.update(state="infected")
    page = make_viewer_client("Cora", "incident_commander").get("/incident/declare/").content.decode()
    assert "1 hosts</a>" in page
    assert "?state=infected" in page
    assert 'value="codered2"' in page
    assert "No incident was ever declared" in make_viewer_client("Nora").get("/incident/").content.decode()


@pytest.mark.parametrize("field", ["title", "summary", "declared_by", "impact", "packs", "host", "reasons"])
def test_hostile_texts(team: dict[str, Client], incident: Incident, field: str) -> None:
    host = make_host("web1", "10.0.0.1")
    at = datetime.now(UTC)
    reasons = HOSTILE if field == "reasons" else "x"
    HostDecision.objects.create(incident=incident, host=host, treatment="clean", reasons=reasons, decided_by="x", at=at)
    if field == "host":
        Host.objects.update(label=HOSTILE)
    elif field != "reasons":
        value = {"impact": {HOSTILE: HOSTILE}, "packs": [HOSTILE.replace("/", "")]}.get(field, HOSTILE)
        Incident.objects.update(**{field: value})
    page = team["Cora"].get("/incident/").content.decode()
    assert "<script>alert" not in page
    if field != "packs":
        check_escaped(page)
