"""What happens at the door is in the ledger."""

import pytest
from django.core.cache import cache
from django.test import Client

from codered_hq.ledger.models import LedgerEntry
from tests.fixtures.console_desk import make_viewer_client


@pytest.mark.django_db
def test_signing_in_out_and_failing_are_entered() -> None:
    cache.clear()
    cora = make_viewer_client("Cora", "incident_commander")
    Client().post("/account/login/", {"login": "cora<i>", "password": "wrong"})
    cora.post("/account/logout/")
    told = list(LedgerEntry.objects.filter(kind="console").values_list("who", "what"))
    assert told == [
        ("Cora", "Cora signed in"),
        ("", "signing in failed as cora<i> (password); 1 since the last entry of this sort"),
        ("Cora", "Cora signed out"),
    ]
    assert "wrong" not in "".join(LedgerEntry.objects.values_list("body", flat=True))
