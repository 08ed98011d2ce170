"""Lessons on their pages."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from codered_hq.incidents.models import Incident, Lesson
from tests.fixtures.console_desk import make_viewer_client, sign_in
from tests.fixtures.spoken import HOSTILE, declare_now, find_leaks

pytestmark = pytest.mark.django_db
TO_COME = "2099-01-01"


@pytest.fixture
def desk() -> Client:
    declare_now()
    return make_viewer_client("Ann", "security")


def _write(desk: Client, text: str = "Ports were open") -> Lesson:
    assert desk.post(reverse("lesson-new"), {"text": text}).status_code == 303
    return Lesson.objects.get(text=text)


def _post(desk: Client, name: str, lesson: Lesson, **said: str) -> tuple[int, str]:
    seen = desk.get(reverse("lesson", args=[lesson.pk])).context["seen"]
    answer = desk.post(reverse(name, args=[lesson.pk]), {"seen": seen} | said)
    return answer.status_code, answer.content.decode()


def test_it_closes_only_with_proof_and_is_looked_at_again(desk: Client) -> None:
    lesson = _write(desk)
    assert _write(desk) == lesson
    status, page = _post(desk, "lesson-close", lesson, owner="Ann")
    assert status == 403
    assert "it needs the control that was changed, a proof, a day to come" in page
    assert _post(desk, "lesson", lesson, owner="Ann", due="2026-11-01")[0] == 303
    whole = {"control": "port security", "proof": "config of sw1", "recheck": TO_COME}
    assert _post(desk, "lesson-close", lesson, **whole)[0] == 303
    Incident.objects.update(closed_at=datetime.now(UTC))  # lessons outlive their incident
    status, page = _post(desk, "lesson-again", lesson, holds="yes", proof="scan of today")
    assert (status, "it needs a day to come" in page, "scan of today" in page) == (403, True, True)
    assert _post(desk, "lesson-again", lesson, holds="no", proof="ports are open again")[0] == 303
    lesson.refresh_from_db()
    assert (lesson.state, lesson.proof, lesson.closed_at) == ("open", "ports are open again", None)


def test_overdue_ones_of_all_incidents_come_first(desk: Client) -> None:
    lesson, at = _write(desk), datetime.now(UTC)
    other = declare_now("old")
    Incident.objects.filter(pk=other.pk).update(closed_at=at)
    Lesson.objects.create(incident=other, text="Logs were lost", due_at=at - timedelta(days=1), added_by="x", at=at)
    page = desk.get(reverse("lessons")).content.decode()
    assert page.index("Overdue: 1") < page.index("Logs were lost") < page.index(lesson.text)
    late = desk.get(reverse("part-lessons"), {"shown": "late"}).content.decode()
    assert "Logs were lost" in late
    assert lesson.text not in late


def test_somebody_was_quicker_and_others_may_not(desk: Client) -> None:
    lesson = _write(desk)
    seen = desk.get(reverse("lesson", args=[lesson.pk])).context["seen"]
    Lesson.objects.update(owner="Bob")
    answer = desk.post(reverse("lesson", args=[lesson.pk]), {"seen": seen, "owner": "Ann"})
    assert answer.status_code == 409
    assert Lesson.objects.get().owner == "Bob"
    assert desk.post(reverse("lesson-new"), {"text": ""}).status_code == 400
    assert desk.get(reverse("lesson", args=[99])).status_code == 400
    assert sign_in(Client(), None).post(reverse("lesson-new"), {"text": "x"}).status_code == 403


@pytest.mark.parametrize("field", ["text", "owner", "control", "proof", "added_by"])
def test_hostile_text_is_only_text(desk: Client, field: str) -> None:
    lesson = _write(desk)
    Lesson.objects.update(**{field: HOSTILE})
    for address in (reverse("lessons"), reverse("lesson", args=[lesson.pk])):
        assert find_leaks(desk.get(address).content.decode()) == []
    assert "&lt;script&gt;" in desk.get(reverse("lesson", args=[lesson.pk])).content.decode()
