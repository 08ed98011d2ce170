"""What nobody used in time."""

from pathlib import Path

import pytest

from codered_hq.gate.asking import ask
from codered_hq.gate.expiring import expire
from codered_hq.gate.models import Decision, Reservation
from codered_hq.gate.taking import take
from codered_hq.ledger.models import LedgerEntry
from tests.fixtures.gate_crew import ASKER, MINUTE, NOW, machine, wish
from tests.fixtures.rules_in_force import put_sample_in_force


@pytest.mark.django_db
def test_late_decisions_end_once_and_free_their_places(headquarters: Path) -> None:
    headquarters.mkdir()
    (headquarters / "headquarters.toml").write_text("approval_minutes = 10\n")
    put_sample_in_force(headquarters)
    ask(wish(machine(1)), {}, ASKER)
    ask(wish(machine(2, "vital")), {}, ASKER)
    used = ask(wish(machine(3)), {}, ASKER)
    take(used, wish(machine(3)), NOW)
    assert (expire(NOW + 9 * MINUTE), expire(NOW + 10 * MINUTE), expire(NOW + 10 * MINUTE)) == (0, 2, 0)
    assert expire(NOW - MINUTE) == 0
    assert sorted(Decision.objects.values_list("state", flat=True)) == ["expired", "expired", "taken"]
    assert [row.machine for row in Reservation.objects.filter(released=False)] == ["#3"]
    assert LedgerEntry.objects.filter(what__startswith="expired: ").count() == 2
