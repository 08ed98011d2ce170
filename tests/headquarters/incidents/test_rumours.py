"""Rumours are noted, looked into once, and answered."""

import pytest

from codered.model.errors import Refused, WrongUse
from codered_hq.incidents.rumours import add_rumour, check_rumour, find_rumour
from codered_hq.ledger.models import LedgerEntry
from tests.fixtures.gate_crew import ASKER, HOUR, NOW, declare


@pytest.mark.django_db
def test_noted_and_checked() -> None:
    incident = declare("one")
    made = add_rumour(incident, " the wages are gone ", "canteen", ASKER, NOW)
    assert (made.heard, made.state) == ("the wages are gone", "open")
    assert add_rumour(incident, "the wages are gone", "canteen", ASKER, NOW + HOUR) == made  # said twice, it is one
    checked = check_rumour(find_rumour(incident, made.pk), False, "they are safe", ASKER, NOW + HOUR)
    assert (checked.state, checked.answer, checked.checked_by) == ("false", "they are safe", "asker")
    with pytest.raises(Refused, match="asker found it false: they are safe"):
        check_rumour(made, True, "no", ASKER, NOW)
    with pytest.raises(WrongUse, match="says nothing"):
        add_rumour(incident, " ", "", ASKER, NOW)
    with pytest.raises(WrongUse, match="says nothing"):
        check_rumour(made, True, "", ASKER, NOW)
    with pytest.raises(WrongUse, match="at most 2,000"):
        add_rumour(incident, "w" * 2_001, "", ASKER, NOW)
    with pytest.raises(WrongUse, match="no such rumour"):
        find_rumour(declare("two"), made.pk)
    assert LedgerEntry.objects.filter(kind="rumour").count() == 2
