"""What is done on the pages of drills."""

from datetime import UTC, datetime
from pathlib import Path

from django.test import Client
from django.urls import reverse

from codered_hq.drills.advancing import advance
from codered_hq.drills.models import Drill
from codered_hq.sweeps.models import Sweep
from tests.fixtures.console_desk import make_viewer_client, sign_in
from tests.fixtures.small_ranges import LAB


def test_an_answer_is_taken_once_and_what_was_typed_is_kept(drill: Drill, headquarters: Path) -> None:
    advance(headquarters, datetime.now(UTC))
    client, place = make_viewer_client("Tom", "communications"), reverse("answer-inject", args=[drill.pk, 1])
    long = client.post(place, {"answer": "W" * 4_001})
    assert long.status_code == 400
    assert "W" * 4_001 in long.content.decode()
    assert client.post(place, {"answer": "No comment"}).status_code == 303
    shown = client.get(reverse("drill", args=[drill.pk])).content.decode()
    assert "No comment" in shown
    assert "Inject 1 is answered." in shown
    assert client.post(place, {"answer": "Another"}).status_code == 403


def test_who_only_looks_may_do_nothing(drill: Drill) -> None:
    client = sign_in(Client(), None)
    assert client.post(reverse("answer-inject", args=[drill.pk, 1]), {"answer": "x"}).status_code == 403
    assert client.post(reverse("sweep-drill", args=[drill.pk]), {"range": LAB}).status_code == 403
    assert client.get(reverse("end-drill", args=[drill.pk])).status_code == 405


def test_a_subnet_is_swept(drill: Drill) -> None:
    client, place = make_viewer_client("Ines", "security"), reverse("sweep-drill", args=[drill.pk])
    assert client.post(place).status_code == 400
    assert client.post(place, {"range": "192.0.2.0/24"}).status_code == 400
    assert client.post(place, {"range": LAB}).status_code == 303
    assert Sweep.objects.get().state == "done"


def test_only_an_administrator_ends_it(drill: Drill) -> None:
    place = reverse("end-drill", args=[drill.pk])
    assert make_viewer_client("Tom").post(place).status_code == 403
    assert make_viewer_client("Mara", "incident_commander", administrator=True).post(place).status_code == 303
    drill.refresh_from_db()
    assert drill.ended_at is not None
