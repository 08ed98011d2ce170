"""What stands around every page."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from codered_hq.beating import Beat, beat
from codered_hq.console.frame import WAYS
from tests.fixtures.console_desk import make_viewer_client
from tests.fixtures.gate_crew import declare
from tests.fixtures.large_incidents import make_large_incident

pytestmark = pytest.mark.django_db


def look(client: Client, path: str = "/subnets/") -> str:
    return client.get(path, secure=True).content.decode()


def test_every_way_leads_somewhere_and_no_key_to_two() -> None:
    ways = [way for group in WAYS for way in group.ways]
    addresses = [reverse(way.url) for way in ways]
    assert len({*addresses}) == len(ways)
    keys = [way.key for way in ways if way.key]
    assert len({*keys}) == len(keys)
    text = look(make_viewer_client("Nora"))
    for way, address in zip(ways, addresses, strict=True):
        assert f'href="{address}"' in text, way.text
    assert f'<a href="{reverse("subnets")}" aria-current="page"' in text


def test_a_drill_is_said_on_every_page_and_in_its_title() -> None:
    client = make_viewer_client("Nora")
    assert "DRILL" not in look(client)
    declare("exercise-1", drill=True)
    text = look(client)
    assert "DRILL: this is an exercise · exercise-1" in text
    assert "<title>DRILL" in text


def test_the_incident_with_its_words_as_words() -> None:
    incident = declare("worm-1")
    incident.title = "<script>alert(1)</script>"
    incident.save()
    text = look(make_viewer_client("Nora"))
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)" in text
    assert f"TLP:{incident.tlp}" in text


def test_of_several_incidents_none_is_guessed() -> None:
    declare("worm-1")
    declare("worm-2")
    client = make_viewer_client("Nora")
    text = look(client, "/")
    assert "Which incident?" in text
    assert "?incident=worm-2" in text
    assert "on this page alone" in look(client, "/?incident=worm-2")
    assert "Which incident?" in look(client, "/")  # to look at one chooses nothing
    assert client.post("/incident/choose/", {"name": "worm-2"}, secure=True).status_code == 303
    assert "<h1>War room</h1>" in look(client, "/")
    assert 'name="shown_incident" value="worm-2"' in look(client, "/incident/")


def test_how_much_waits_for_me() -> None:
    incident = make_large_incident(50, datetime.now(UTC))
    assert '60<span class="visually-hidden"> wait for your yes' in look(
        make_viewer_client("Nora", "executive", incident=incident)
    )
    assert "wait for your yes" not in look(make_viewer_client("Bo", "legal", incident=incident))


def test_a_dead_worker_is_said_until_it_lives(headquarters: Path) -> None:
    client = make_viewer_client("Nora")
    headquarters.mkdir(parents=True, exist_ok=True)
    now = datetime.now(UTC)
    beat(headquarters, Beat(at=now - timedelta(hours=1), pause=5, pid=1))
    assert "The worker is not running" in look(client)
    beat(headquarters, Beat(at=now - timedelta(hours=1), pause=5, pid=os.getpid(), doing="fleet"))
    assert "The worker hangs, at fleet for 60 min" in look(client)
    beat(headquarters, Beat(at=now, pause=5, pid=1))
    assert "The worker is not running" not in look(client)
    assert "The worker hangs" not in look(client)
    assert "The worker fails" not in look(client)
    beat(headquarters, Beat(at=now, pause=5, pid=1, failed={"containment": "attempt to write a <readonly> database"}))
    assert "containment: attempt to write a &lt;readonly&gt; database" in look(client)


def test_nothing_runs_inline() -> None:
    declare("worm-1")
    text = look(make_viewer_client("Nora", "executive"), "/")
    for forbidden in (" style=", "<script>", " onclick", " hx-on"):
        assert forbidden not in text
