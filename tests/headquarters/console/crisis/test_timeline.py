"""What happened: found again, linked to what it is about, and given to others."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.test import Client

from codered_hq.incidents.models import Incident
from codered_hq.ledger.writing import enter
from codered_hq.opening import open_headquarters
from tests.fixtures.hostile_texts import HOSTILE, check_escaped

pytestmark = pytest.mark.django_db


@pytest.fixture
def happened(headquarters: Path, incident: Incident) -> None:
    open_headquarters("codered_hq.console_settings")
    at = datetime.now(UTC) - timedelta(minutes=50)
    enter("task", "Nora", "task 7 done: Look", at, incident=incident.name, detail={"task": 7})
    enter("decision", "Edda", "allowed: x", at, incident=incident.name, detail={"decision": "abcdef"})
    enter("message", "Cora", "=HYPERLINK(1)", at + timedelta(minutes=20), incident=incident.name)


def test_lines_and_links(happened: None, team: dict[str, Client], incident: Incident) -> None:
    page = team["Nora"].get("/timeline/").content.decode()
    assert "Showing 1–3 of 3 happenings" in page
    for link in ('href="/tasks/7/"', 'href="/approvals/abcdef/"', 'href="/messages/"'):
        assert link in page, link
    assert page.rindex("=HYPERLINK(1)") < page.rindex("task 7 done")  # newest first
    assert "task 7 done" in team["Nora"].get("/timeline/part/").content.decode()


def test_filters(happened: None, team: dict[str, Client]) -> None:
    for asked in ({"kind": "task"}, {"who": "nor"}, {"q": "LOOK"}):
        page = team["Nora"].get("/timeline/", asked).content.decode()
        assert "Showing 1–1 of 1 happenings" in page, asked
    since = datetime.now(UTC) - timedelta(minutes=40)
    page = team["Nora"].get("/timeline/", {"from": f"{since:%Y-%m-%dT%H:%M}"}).content.decode()
    assert "Showing 1–1 of 1 happenings" in page
    assert "Nothing fits" in team["Nora"].get("/timeline/", {"q": "nowhere"}).content.decode()
    assert team["Nora"].get("/timeline/", {"to": "soon"}).status_code == 400


def test_files(happened: None, team: dict[str, Client], incident: Incident) -> None:
    text = team["Nora"].get("/timeline/export/text/", {"kind": "task"})
    assert text.content.decode().count("\n") == 1
    assert text["Content-Disposition"] == 'attachment; filename="worm-timeline.txt"'
    table = team["Nora"].get("/timeline/export/csv/").content.decode().splitlines()
    assert len(table) == 4
    assert ",'=HYPERLINK(1)," in table[3]
    events = team["Nora"].get("/timeline/export/ocsf/").content.decode().splitlines()
    assert json.loads(events[0])["class_uid"]
    assert team["Nora"].get("/timeline/export/exe/").status_code == 400


@pytest.mark.parametrize("field", ["who", "what"])
def test_hostile_texts(headquarters: Path, team: dict[str, Client], incident: Incident, field: str) -> None:
    open_headquarters("codered_hq.console_settings")
    said = {"who": "x", "what": "x"} | {field: HOSTILE}
    enter("task", said["who"], said["what"], datetime.now(UTC), incident=incident.name)
    check_escaped(team["Nora"].get("/timeline/").content.decode())
    check_escaped(team["Nora"].get("/timeline/", {"q": HOSTILE}).content.decode())
