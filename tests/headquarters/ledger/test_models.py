"""The table of the ledger."""

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, transaction

from codered_hq.ledger.models import LedgerEntry
from codered_hq.ledger.writing import enter


@pytest.mark.django_db
def test_a_number_and_a_hash_are_there_once_and_entries_come_in_their_order() -> None:
    now = datetime(2026, 3, 1, tzinfo=UTC)
    entries = [enter("task", "ann", f"step {number}", now) for number in range(3)]
    assert (str(LedgerEntry.objects.all()[0]), list(LedgerEntry.objects.all())) == (
        "1 task: step 0", entries,
    )  # fmt: skip
    for seq, digest in ((1, "x"), (9, entries[0].hash)):
        with pytest.raises(IntegrityError), transaction.atomic():
            LedgerEntry.objects.create(seq=seq, hash=digest, at=now)
