"""The page of reports."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from codered_hq.config import Config
from codered_hq.containment.models import Containment
from codered_hq.incidents.models import Incident, Outgoing
from codered_hq.reporting.hourly import make_due
from tests.fixtures.console_desk import sign_in
from tests.fixtures.incident_rows import make_small_incident
from tests.fixtures.spoken import HOSTILE, declare_now, find_leaks

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk() -> Client:
    return sign_in(Client(), None)  # who may only look, looks


def test_without_an_incident_it_says_what_to_do(desk: Client) -> None:
    assert "No incident is chosen" in desk.get(reverse("reports")).content.decode()


def test_where_we_stand_leads_to_each_list_and_files_are_offered(desk: Client, headquarters: Path) -> None:
    declare_now()
    headquarters.mkdir(mode=0o700, exist_ok=True)
    page = desk.get(reverse("reports")).content.decode()
    assert "The inventory is empty: nothing was looked at" in page
    assert f"{reverse('hosts')}?state=infected" in page
    assert "None yet" in page
    for form in ("pdf", "json", "executive-pdf"):
        assert reverse("report-now", args=[form]) in page
    make_due(Config(), datetime.now(UTC) + timedelta(hours=2))
    page = desk.get(reverse("reports")).content.decode()
    assert "Showing 1–1 of 1 reports" in page
    assert ".json/" in page
    assert "Ledger" in page


def test_a_late_report_is_said_to_be_late_and_a_closed_incident_has_none_due(desk: Client) -> None:
    incident = declare_now()
    assert "late" not in desk.get(reverse("part-report-due")).content.decode()
    Incident.objects.filter(pk=incident.pk).update(next_report_at=datetime.now(UTC) - timedelta(minutes=9))
    assert "late: is" in desk.get(reverse("part-report-due")).content.decode()
    Incident.objects.filter(pk=incident.pk).update(closed_at=datetime.now(UTC))
    assert "no more reports are due" in desk.get(reverse("part-report-due"), {"incident": "w"}).content.decode()


def test_an_incident_with_all_of_it_is_shown(desk: Client) -> None:
    make_small_incident()
    at = datetime.now(UTC)
    Containment.objects.update(state="stuck", error=HOSTILE[:80], undo_at=at)
    page = desk.get(reverse("reports"), {"incident": "red-2026"}).content.decode()
    assert "be taken back: 1" in page
    assert find_leaks(page) == []


@pytest.mark.parametrize("field", ["title", "summary", "impact", "undelivered"])
def test_hostile_text_is_only_text(desk: Client, field: str) -> None:
    incident, at = declare_now(), datetime.now(UTC)
    if field == "undelivered":
        Outgoing.objects.create(
            incident=incident, way=HOSTILE[:64], to=HOSTILE, subject="s", body="b", state="given_up", error=HOSTILE,
            queued_at=at, next_try=at,
        )  # fmt: skip
    else:
        Incident.objects.update(**{field: {HOSTILE: HOSTILE} if field == "impact" else HOSTILE})
    page = desk.get(reverse("reports")).content.decode()
    leaks = find_leaks(page)
    assert [leak for leak in leaks if field != "title" or "script" in leak or "img" in leak] == []
