"""The war room: where we stand, what waits for me, what runs; and what is offered while nothing does."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from codered_hq.hosts.models import Host
from codered_hq.incidents.models import Incident
from codered_hq.incidents.people import Speaker
from codered_hq.incidents.rumours import add_rumour
from tests.fixtures.console_desk import make_person, make_viewer_client
from tests.fixtures.large_incidents import make_large_incident

pytestmark = pytest.mark.django_db


def look(client: Client, path: str = "/") -> str:
    answer = client.get(path, secure=True)
    assert answer.status_code == 200
    return answer.content.decode()


def test_where_we_stand() -> None:
    incident = make_large_incident(500, datetime.now(UTC))
    text = look(make_viewer_client("Nora", "executive", incident=incident))
    infected = Host.objects.filter(state="infected").count()
    assert f'<span class="label">infected</span> <span class="value">{infected}</span>' in text
    for link in (
        "/hosts/?state=infected",
        "/hosts/?reach=missed",
        "/approvals/",
        "/subnets/",
        "/timeline/",
        "/roster/",
    ):
        assert f'href="{link}"' in text, link
    assert text.count("<h1") == 1
    assert "<polyline" in text
    assert "found infected since" in text
    assert "2 can&#x27;t be taken back." in text or "2 can't be taken back." in text
    assert text.index("sw0 ge-0-0") < text.index("sw2 ge-0-2")
    assert "in place" in text
    assert "Next report" in text
    assert "in 59 min" in text or "in 1 h 0 min" in text
    assert "10.20.0.0/24" in text
    assert "not covered" in text


def test_what_waits_is_mine_alone() -> None:
    incident = make_large_incident(100, datetime.now(UTC))
    mine = look(make_viewer_client("Nora", "executive", incident=incident))
    assert "all 60 decisions that wait for your yes" in mine
    others = look(make_viewer_client("Bo", "legal", incident=incident))
    assert "60 wait for others" in others
    assert "that wait for your yes" not in others
    assert "Tasks you may take" in others
    nobody = look(make_viewer_client("Zoe"))
    assert "You have no role yet" in nobody


def test_words_that_hide_or_move_others_are_spelt_out() -> None:
    incident = make_large_incident(20, datetime.now(UTC))
    Incident.objects.filter(pk=incident.pk).update(title="pay\u202eroll", summary="sum\u202emary")
    speaker = Speaker(make_person("Ann"), "Ann", None)
    add_rumour(incident, "wages\u202e are gone", "", speaker, datetime.now(UTC))
    text = look(make_viewer_client("Nora", "executive", incident=incident))
    assert "\u202e" not in text
    assert "wages" in text


def test_without_an_incident() -> None:
    client = make_viewer_client("Nora")
    text = look(client)
    assert "No incident is open" in text
    assert 'href="/incident/declare/"' in text
    at = datetime.now(UTC)
    Incident.objects.create(
        name="old-1", title="<b>Old</b>", declared_at=at - timedelta(days=9), declared_by="Ada", closed_at=at
    )
    text = look(client)
    assert "old-1" in text
    assert "<b>Old" not in text


def test_strangers_are_sent_to_sign_in() -> None:
    assert Client().get("/", secure=True).status_code == 302
    assert make_viewer_client("Nora").post("/", secure=True).status_code == 405
