"""One decision on one screen."""

from datetime import timedelta

import pytest
from django.test import Client

from codered_hq.console.crisis.approval import list_vital, mark_decision
from codered_hq.gate.models import Decision
from codered_hq.hosts.models import Host, Owner
from tests.fixtures.hostile_texts import HOSTILE, check_escaped
from tests.headquarters.console.crisis.conftest import Ask

pytestmark = pytest.mark.django_db
FIELDS = {
    "reason": 400, "requested_by": 255, "rule": 64, "why": 400, "target": 255, "broke_glass": 400, "incident": 64,
}  # fmt: skip


def test_all_a_voter_needs(ask: Ask, team: dict[str, Client]) -> None:
    decision = ask("it spreads")
    Host.objects.update(owner=Owner.objects.create(name="Finance"), site="Ulm", state="infected")
    page = team["Edda"].get(f"/approvals/{decision.uid}/").content.decode()
    for words in (
        "block an address", "payroll", "⚠ vital", "Finance, Ulm", "was unknown", "not saved", "it spreads",
        "cut-vital", "the yes of executive and business", "taken back by itself after 4 h", decision.target_set,
        "I know that vital machines are in it: payroll", "nobody voted yet",
    ):  # fmt: skip
        assert words in page, words
    assert list_vital(decision) == ["payroll"]
    assert "<h1>block an address: payroll (" in page


def test_a_page_that_was_told_of_a_vote_sends_it_as_seen(ask: Ask, team: dict[str, Client]) -> None:
    decision = ask("it spreads")
    team["Edda"].post(f"/approvals/{decision.uid}/answer/", {"answer": "yes", "sure": "yes", "seen": see(decision)})
    part = team["Bea"].get(f"/approvals/{decision.uid}/part/").content.decode()
    assert f'name="seen" value="{see(decision)}" form="answer"' in part
    assert 'id="answer"' in team["Bea"].get(f"/approvals/{decision.uid}/").content.decode()


def see(decision: Decision) -> str:
    return mark_decision(Decision.objects.get(pk=decision.pk))


def test_late_and_unknown(ask: Ask, team: dict[str, Client]) -> None:
    decision = ask("it spreads")
    before = mark_decision(decision)
    Decision.objects.update(expires_at=decision.at - timedelta(hours=1))
    page = team["Edda"].get(f"/approvals/{decision.uid}/").content.decode()
    assert "its time is over" in page
    assert "it is expired" in page.lower()
    decision.state = "void"
    assert mark_decision(decision) != before
    assert team["Edda"].get("/approvals/0123abcd/").status_code == 400
    assert "no worker is running" not in page


def test_allowed_without_a_worker(ask: Ask, team: dict[str, Client]) -> None:
    decision = ask("it spreads")
    Decision.objects.update(state="allowed")
    assert "no worker is running" in team["Edda"].get(f"/approvals/{decision.uid}/part/").content.decode()


@pytest.mark.parametrize("field", FIELDS)
def test_hostile_texts(ask: Ask, team: dict[str, Client], field: str) -> None:
    decision = ask("it spreads")
    Decision.objects.filter(pk=decision.pk).update(**{field: HOSTILE[: FIELDS[field]]})
    check_escaped(team["Edda"].get(f"/approvals/{decision.uid}/").content.decode())
