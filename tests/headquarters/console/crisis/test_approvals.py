"""What waits: for whoever looks first; and what was decided."""

import pytest
from django.test import Client

from codered_hq.incidents.models import Incident
from tests.fixtures.hostile_texts import HOSTILE, check_escaped
from tests.headquarters.console.crisis.conftest import Ask

pytestmark = pytest.mark.django_db


def test_mine_before_others(ask: Ask, team: dict[str, Client], looker: Client) -> None:
    decision = ask("it spreads")
    mine = team["Edda"].get("/approvals/").content.decode()
    assert "Waits for your yes (1)" in mine
    assert "Waits for others (0)" in mine
    assert decision.uid in mine
    other = team["Cora"].get("/approvals/part/").content.decode()
    assert "Waits for your yes (0)" in other
    assert "Missing: executive and business" in other
    assert "<textarea" not in other
    assert "You are nobody of the team" in looker.get("/approvals/").content.decode()


def test_decided(ask: Ask, team: dict[str, Client], incident: Incident) -> None:
    decision = ask("it spreads")
    decision.state = "vetoed"
    decision.save()
    page = team["Edda"].get("/approvals/", {"state": "vetoed"}).content.decode()
    assert "Showing 1–1 of 1 decisions" in page
    assert "Nothing was decided that is void" in team["Edda"].get("/approvals/", {"state": "void"}).content.decode()


def test_nobody_is_let_in_without_signing_in(db: None) -> None:
    assert Client().get("/approvals/").status_code == 302


def test_hostile_texts(ask: Ask, team: dict[str, Client]) -> None:
    decision = ask(HOSTILE)
    check_escaped(team["Edda"].get("/approvals/").content.decode())
    check_escaped(team["Edda"].get(f"/approvals/{decision.uid}/").content.decode())
