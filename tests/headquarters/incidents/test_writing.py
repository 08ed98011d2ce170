"""A piece of work is whole, or not at all."""

import pytest

from codered_hq.incidents.models import Incident
from codered_hq.incidents.writing import write_whole
from codered_hq.ledger.models import LedgerEntry
from codered_hq.ledger.writing import enter
from tests.fixtures.gate_crew import NOW, declare


@pytest.mark.django_db
def test_what_fails_leaves_no_line_in_the_ledger() -> None:
    def work() -> None:
        declare("one")
        enter("incident", "x", "declared", NOW)
        raise ValueError

    with pytest.raises(ValueError, match=r"^$"):
        write_whole(work)
    assert (Incident.objects.count(), LedgerEntry.objects.count()) == (0, 0)
    assert write_whole(lambda: declare("two").name) == "two"
