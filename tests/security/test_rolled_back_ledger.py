"""Somebody with the database puts an older ledger in its place, or lets it go on from there."""

from datetime import UTC, datetime, timedelta

import pytest

from codered_hq.ledger.models import LedgerEntry
from codered_hq.ledger.reading import find_head, verify_ledger
from codered_hq.ledger.writing import enter

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.django_db
def test_an_older_copy_shows_by_a_head_that_was_noted_and_by_nothing_else() -> None:
    for minute in range(5):
        enter("decision", "ann", f"step {minute}", NOW + timedelta(minutes=minute))
    noted = find_head()
    assert noted is not None
    LedgerEntry.objects.filter(seq__gt=3).delete()
    assert verify_ledger().problem == ""  # what is left holds: this is what a noted head is for
    assert "cut off" in verify_ledger(noted[1]).problem or "no entry" in verify_ledger(noted[1]).problem
    for minute in range(2):
        enter("decision", "mallory", f"another step {minute}", NOW + timedelta(minutes=9 + minute))
    assert verify_ledger().problem == ""
    assert verify_ledger(noted[1]).problem
