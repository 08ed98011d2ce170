"""The outbox on the desk."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from codered_hq.incidents.models import Outgoing
from tests.fixtures.console_desk import make_viewer_client

pytestmark = pytest.mark.django_db


@pytest.fixture
def cora() -> Client:
    return make_viewer_client("Cora", "incident_commander", administrator=True)


def test_the_outbox_shows_what_was_given_up_but_not_what_it_says(cora: Client) -> None:
    now = datetime.now(UTC) - timedelta(hours=1)
    Outgoing.objects.create(
        way="post", to="x@y.example", subject="<i>All hands</i>", body="the secret plan", state="given_up",
        queued_at=now, next_try=now, error="refused",
    )  # fmt: skip
    shown = cora.get("/admin/outbox/?state=given_up").content.decode()
    assert "&lt;i&gt;All hands&lt;/i&gt;" in shown
    assert "the secret plan" not in shown
    assert "Nothing queued" in cora.get("/admin/outbox/?state=nosuch").content.decode()
