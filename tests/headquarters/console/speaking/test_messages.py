"""Pages of messages."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from codered_hq.incidents.messages import Words, draft
from codered_hq.incidents.models import Incident, Message, Outgoing
from tests.fixtures.console_desk import make_person, make_viewer_client
from tests.fixtures.gate_crew import ASKER
from tests.fixtures.spoken import HOSTILE, declare_now, find_leaks, make_way

pytestmark = pytest.mark.django_db
PRESS = Words("press", "A worm", "Our shop is closed.\nMore at noon.")


@pytest.fixture
def desk() -> Client:
    return make_viewer_client("Con", "communications")


def _write(incident: Incident, words: Words = PRESS) -> Message:
    return draft(incident, words, ASKER._replace(person=make_person("Ada"), name="Ada"), datetime.now(UTC))


def test_without_an_incident_it_says_what_to_do(desk: Client) -> None:
    page = desk.get(reverse("messages")).content.decode()
    assert "No incident is chosen" in page
    assert reverse("incident") in page


def test_the_list_shows_state_approvals_and_delivery_and_is_filtered(desk: Client) -> None:
    incident, at = declare_now(), datetime.now(UTC)
    assert "No messages" in desk.get(reverse("messages")).content.decode()
    message = _write(incident)
    _write(incident, Words("crisis_team", "Shift at six", "Come."))
    Outgoing.objects.create(
        incident=incident, message=message, way="papers", to="a@x.example", subject="A worm", body="b",
        state="given_up", error="refused by the server", queued_at=at, next_try=at,
    )  # fmt: skip
    page = desk.get(reverse("messages")).content.decode()
    assert "legal, communications" in page
    assert "1 given up" in page
    assert "Showing 1–2 of 2 messages" in page
    some = desk.get(reverse("part-messages"), {"audience": "press"}).content.decode()
    assert "A worm" in some
    assert "Shift at six" not in some
    assert "No messages of this kind" in desk.get(reverse("messages"), {"state": "withdrawn"}).content.decode()
    one = desk.get(reverse("message", args=[message.pk])).content.decode()
    assert "refused by the server" in one
    assert "Approve as communications" in one
    assert "Approve as legal" not in one
    assert "It can be sent once it is approved by legal and communications" in one


def test_what_was_approved_is_shown_and_other_words_do_not_count(desk: Client, headquarters: Path) -> None:
    make_way(headquarters)
    message = _write(declare_now())
    approved = [["legal", "Lea", "2026-11-23T10:00:00+00:00", "0" * 64]]
    Message.objects.filter(pk=message.pk).update(approved=approved)
    page = desk.get(reverse("part-message", args=[message.pk])).content.decode()
    assert "Lea" in page
    assert "for other words: it counts no more" in page
    assert "<form" not in page  # what is typed is never thrown away by an update


def test_a_message_of_another_incident_is_not_shown(desk: Client) -> None:
    message = _write(declare_now())
    declare_now("other")
    answer = desk.get(reverse("message", args=[message.pk]), {"incident": "other"})
    assert answer.status_code == 400
    assert "no such message" in answer.content.decode()
    assert desk.get(reverse("message", args=[message.pk]), {"incident": "w"}).status_code == 200


@pytest.mark.parametrize("field", ["subject", "body", "author", "approver", "error", "to", "way"])
def test_hostile_text_is_only_text(desk: Client, field: str) -> None:
    message, at = _write(declare_now()), datetime.now(UTC)
    row = {"way": "papers", "to": "a", "error": "e"}
    row |= {field: HOSTILE[:60]} if field in row else {}
    Outgoing.objects.create(message=message, subject="s", body="b", state="given_up", queued_at=at, next_try=at, **row)
    if field == "approver":
        Message.objects.update(approved=[["legal", HOSTILE, HOSTILE, "0" * 64]])
    elif field in ("subject", "body", "author"):
        Message.objects.update(**{field: HOSTILE})
    for url in (reverse("messages"), reverse("message", args=[message.pk])):
        answer = desk.get(url)
        assert answer.status_code == 200
        assert find_leaks(answer.content.decode()) == []
    assert "&lt;script&gt;" in desk.get(reverse("message", args=[message.pk])).content.decode()
