"""Whoever made the first account is told what comes next, until it is done."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from codered_hq.console.war.first_steps import list_lacking
from codered_hq.hosts.models import Subnet
from codered_hq.opening import open_headquarters
from tests.fixtures.console_desk import make_viewer_client
from tests.fixtures.rules_in_force import LONG_AGO, put_sample_in_force

pytestmark = pytest.mark.django_db


def test_steps_go_when_they_are_done() -> None:
    client = make_viewer_client("Cora", "incident_commander", administrator=True)
    page = client.get("/", secure=True).content.decode()
    assert [what in page for what in ("First steps", "Enter the crisis team", "Appoint", "Put rules in force")] == [
        True, True, False, True,
    ]  # fmt: skip
    assert "codered account invite NAME" in page


def test_nothing_is_told_where_all_is_there(headquarters: Path) -> None:
    open_headquarters()
    put_sample_in_force(headquarters)
    make_viewer_client("Cora", "incident_commander")
    client = make_viewer_client("Edda", "executive")
    Subnet.objects.create(range="10.1.0.0/24", first="a", last="b", first_seen=LONG_AGO, last_seen=LONG_AGO)
    assert list_lacking(datetime.now(UTC)) == []
    assert "First steps" not in client.get("/", secure=True).content.decode()
