"""What is entered of the console's door: views once an hour, failures once a minute with their number."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.cache import cache

from codered_hq.accounts.auditing import note_failure, note_view
from codered_hq.ledger.models import LedgerEntry

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)


def test_looking_is_entered_once_an_hour_for_each_person_and_thing() -> None:
    assert note_view("Cora", "a finding's evidence", "finding 7", NOW)
    assert not note_view("Cora", "a finding's evidence", "finding 7", NOW + timedelta(minutes=59))
    assert note_view("Cora", "a finding's evidence", "finding 8", NOW + timedelta(minutes=59))
    assert note_view("Nora", "a finding's evidence", "finding 7", NOW + timedelta(minutes=59))
    assert note_view("Cora", "a finding's evidence", "finding 7", NOW + timedelta(minutes=61))
    assert LedgerEntry.objects.filter(kind="console").count() == 4


def test_failures_do_not_fill_the_ledger() -> None:
    cache.clear()
    entered = [note_failure("cora\n", "password", "10.0.0.9", NOW + timedelta(seconds=n)) for n in range(50)]
    assert entered.count(True) == 1
    assert note_failure("cora\n", "password", "10.0.0.9", NOW + timedelta(seconds=61))
    last = LedgerEntry.objects.latest("seq")
    assert "as cora\\n (password); 50 since the last entry" in last.what
    assert "10.0.0.9" in last.body
