"""What is taken away as a file."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from codered_hq.config import Config
from codered_hq.console.speaking.downloads import FORMS
from codered_hq.incidents.models import Incident
from codered_hq.reporting.exporting import FORMS as STANDARDS
from codered_hq.reporting.hourly import make_due
from codered_hq.reporting.written_reports import list_written
from tests.fixtures.console_desk import sign_in
from tests.fixtures.spoken import declare_now

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk() -> Client:
    return sign_in(Client(), None)


def test_the_status_is_taken_away_in_every_form_and_never_shown_in_our_origin(desk: Client) -> None:
    declare_now()
    for form, what in FORMS.items():
        if form == "executive-pdf":
            continue  # the same maker as the PDF: a second one costs a second
        answer = desk.get(reverse("report-now", args=[form]))
        assert answer.status_code == 200
        assert answer["Content-Disposition"].startswith('attachment; filename="w-')
        assert answer["Content-Disposition"].endswith(f'.{what.ending}"')
        assert "sandbox" in answer["Content-Security-Policy"]
        assert answer["X-Content-Type-Options"] == "nosniff"
        if form == "pdf":
            assert answer.content.startswith(b"%PDF")
        if form == "json":
            assert json.loads(answer.content)["incident"] == "w"
    assert desk.get(reverse("report-now", args=["exe"])).status_code == 400


def test_standards_are_taken_away(desk: Client) -> None:
    declare_now()
    for form in STANDARDS:
        answer = desk.get(reverse("report-export", args=[form]))
        assert answer.status_code == 200
        assert f"w-{form}-" in answer["Content-Disposition"]
    assert desk.get(reverse("report-export", args=["ledger"])).status_code == 400


def test_written_reports_are_those_of_this_incident_alone(desk: Client, headquarters: Path) -> None:
    assert desk.get(reverse("report-now", args=["json"])).status_code == 400  # no incident
    incident = declare_now()
    headquarters.mkdir(mode=0o700, exist_ok=True)
    make_due(Config(), datetime.now(UTC) + timedelta(hours=2))
    name = list_written(incident)[0].files["txt"]
    answer = desk.get(reverse("report-written", args=[name]))
    assert (answer.status_code, b"w" in answer.content) == (200, True)
    Incident.objects.filter(pk=incident.pk).update(name="x")
    assert desk.get(reverse("report-written", args=[name])).status_code == 400
    assert desk.get(reverse("report-written", args=["..%2fconsole.secret"])).status_code in (400, 404)
    assert Client().get(reverse("report-written", args=[name])).status_code == 302
