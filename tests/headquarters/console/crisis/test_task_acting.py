"""Tasks are taken, ended, added and taken over in the browser; two people never hold the same."""

import re

import pytest
from django.test import Client

from codered_hq.incidents.models import Incident, Task
from tests.headquarters.console.crisis.test_tasks import make_task

pytestmark = pytest.mark.django_db


def end(client: Client, task: Task, state: str, words: str = "", seen: str | None = None) -> tuple[int, str]:
    page = client.get(f"/tasks/{task.pk}/").content.decode()
    found = re.search(r'name="seen" value="([0-9a-f]+)"', page)
    given = {"state": state, "words": words, "seen": seen or (found[1] if found else "")}
    answer = client.post(f"/tasks/{task.pk}/end/", given)
    task.refresh_from_db()
    return answer.status_code, answer.content.decode()


def test_two_never_hold_the_same(team: dict[str, Client], incident: Incident, looker: Client) -> None:
    task = make_task(incident)
    assert team["Nora"].post(f"/tasks/{task.pk}/take/").status_code == 303
    assert team["Nora"].post(f"/tasks/{task.pk}/take/").status_code == 303
    other = team["Edda"].post(f"/tasks/{task.pk}/take/")
    assert other.status_code == 403
    assert "Nora has it until" in other.content.decode()
    assert end(team["Edda"], task, "done", seen="old")[0] == 409
    assert task.state == "claimed"
    assert looker.post(f"/tasks/{task.pk}/take/").status_code == 403


def test_next_is_the_most_urgent_of_ones_roles(team: dict[str, Client], incident: Incident) -> None:
    make_task(incident, 1, role="legal", priority=1)
    mine = make_task(incident, 2, role="network", priority=3)
    assert team["Nora"].post("/tasks/next/")["Location"] == f"/tasks/{mine.pk}/"
    assert team["Nora"].post("/tasks/next/")["Location"] == "/tasks/"
    assert "no task is free for you" in team["Nora"].get("/tasks/").content.decode()
    assert team["Nora"].post("/tasks/next/", {"any": "1"})["Location"] != "/tasks/"


def test_ends(team: dict[str, Client], incident: Incident) -> None:
    task = make_task(incident)
    status, text = end(team["Nora"], task, "blocked")
    assert (status, "says nothing" in text) == (400, True)
    assert end(team["Nora"], task, "blocked", "no key")[0] == 303
    assert end(team["Nora"], task, "done", "found it")[0] == 303
    assert end(team["Nora"], task, "done", "found it")[0] == 303
    assert (task.state, task.result) == ("done", "found it")
    assert end(team["Nora"], task, "eaten")[0] == 400


def test_adding_and_taking_over(team: dict[str, Client], incident: Incident) -> None:
    new = {"text": "Patch it", "action": "patch", "target": "web1", "priority": "2", "minutes": "30"}
    assert team["Nora"].post("/tasks/add/", new).status_code == 303
    same = team["Edda"].post("/tasks/add/", new)
    assert same.status_code == 403
    assert "already: patch web1" in same.content.decode()
    assert 'value="Patch it"' in same.content.decode()
    assert team["Nora"].post("/tasks/add/", {**new, "text": ""}).status_code == 400
    task = Task.objects.get(action="patch")
    assert (task.step, task.source) == (incident.step, "Nora")
    team["Nora"].post(f"/tasks/{task.pk}/take/")
    assert team["Edda"].post("/tasks/take-all/", {"person": "Nora"}).status_code == 303
    task.refresh_from_db()
    assert task.owner is not None
    assert task.owner.name == "Edda"
    assert "you took over 1 tasks of Nora" in team["Edda"].get("/tasks/").content.decode()
