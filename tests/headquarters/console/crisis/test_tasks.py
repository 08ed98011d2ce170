"""The board of tasks, and one task."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from codered_hq.incidents.models import Incident, Person, Task
from tests.fixtures.hostile_texts import HOSTILE, check_escaped

pytestmark = pytest.mark.django_db


def make_task(incident: Incident, number: int = 0, **more: Any) -> Task:
    said = {"step": "detect", "action": "look", "target": f"host {number}", "text": f"Look at {number}"}
    return Task.objects.create(incident=incident, added_at=incident.declared_at, **(said | more))


def test_board(team: dict[str, Client], incident: Incident, looker: Client) -> None:
    lease = datetime.now(UTC) + timedelta(minutes=12)
    people = {name: Person.objects.get(name=name) for name in ("Nora", "Edda")}
    make_task(incident, 1, state="claimed", owner=people["Nora"], lease_until=lease)
    make_task(incident, 2, state="claimed", owner=people["Edda"], lease_until=lease)
    make_task(incident, 3, role="network")
    make_task(incident, 4, state="blocked", why="no key of the room")
    make_task(incident, 5, state="claimed", owner=people["Edda"], lease_until=lease - timedelta(hours=1))
    page = team["Nora"].get("/tasks/").content.decode()
    for words in ("Mine (1)", "With others (1)", "Free (2)", "Blocked (1)", "no key of the room", "Done lately (0)"):
        assert words in page, words
    assert page.index("Next for you") < page.index("Mine (1)")
    part = team["Nora"].get("/tasks/part/?role=network").content.decode()
    assert "Free (1)" in part
    assert 'type="text"' not in part
    assert "<textarea" not in part
    assert "Add a task" not in looker.get("/tasks/").content.decode()
    listed = team["Nora"].get("/tasks/", {"state": "blocked"}).content.decode()
    assert "Showing 1–1 of 1 tasks" in listed


def test_a_task_leads_to_the_page_where_its_work_is_done(team: dict[str, Client], incident: Incident) -> None:
    for action, shown in (("release", True), ("look", False)):
        task = make_task(incident, 0, action=action)
        page = team["Nora"].get(f"/tasks/{task.pk}/").content.decode()
        assert ('<dt>Where</dt><dd><a href="/containments/">Containments</a></dd>' in page) == shown


def test_no_incident(db: None, looker: Client) -> None:
    assert "Declare an incident" in looker.get("/tasks/").content.decode()
    assert looker.get("/tasks/1/").status_code == 400


@pytest.mark.parametrize("field", ["text", "target", "action", "why", "result", "source"])
def test_hostile_texts(team: dict[str, Client], incident: Incident, field: str) -> None:
    text = HOSTILE[:64] if field == "action" else HOSTILE
    task = make_task(incident, 0, **{field: text}, state="blocked")
    check_escaped(team["Nora"].get(f"/tasks/{task.pk}/").content.decode())
    page = team["Nora"].get("/tasks/").content.decode()
    assert "<script>alert" not in page
