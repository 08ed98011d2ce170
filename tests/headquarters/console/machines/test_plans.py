"""Plans in the browser: read, reviewed, asked for."""

from django.test import Client
from django.urls import reverse

from codered_hq.fleet.models import FleetRun
from codered_hq.gate.models import Decision
from codered_hq.ledger.models import LedgerEntry
from tests.headquarters.console.machines.conftest import make_ill


def test_a_plan_is_reviewed_once_by_each(desk: Client) -> None:
    row = make_ill().plan
    address = reverse("plan", args=[row.pk])
    assert "Nobody has reviewed it yet" in desk.get(address).content.decode()
    for _ in range(2):
        given = {"seen": row.plan_digest, "note": "fine"}
        assert desk.post(reverse("plan-review", args=[row.pk]), given).status_code == 303
    assert LedgerEntry.objects.get(kind="review").who == "Kim"
    assert "Reviewed by Kim" in desk.get(address).content.decode()
    assert desk.post(reverse("plan-review", args=[row.pk]), {"seen": "sha256:other"}).status_code == 409


def test_a_plan_is_asked_for_as_it_was_read(desk: Client) -> None:
    row = make_ill().plan
    address = reverse("plan-ask", args=[row.pk])
    assert desk.post(address, {"seen": "x", "word": "apply", "reason": "it spreads"}).status_code == 409
    assert desk.post(address, {"seen": row.plan_digest, "word": "apply", "reason": " "}).status_code == 400
    assert desk.post(address, {"seen": row.plan_digest, "word": "burn", "reason": "x"}).status_code == 400
    assert desk.post(address, {"seen": row.plan_digest, "word": "rollback", "reason": "x"}).status_code == 403
    assert not Decision.objects.exists()
    for _ in range(2):
        answer = desk.post(address, {"seen": row.plan_digest, "word": "apply", "reason": "it spreads"})
        assert answer.status_code == 303
    run = FleetRun.objects.get(word="apply")
    assert answer["Location"] == reverse("run", args=[run.uid])
    assert run.hosts.get().plan_digest == row.plan_digest
    assert Decision.objects.get().requested_by == "Kim"
