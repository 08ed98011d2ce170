"""The gate's lock, and its clock."""

from pathlib import Path

import pytest
from django.db import transaction
from django.db.transaction import TransactionManagementError

from codered.model.errors import Refused
from codered_hq.gate import locking
from codered_hq.gate.asking import ask
from codered_hq.gate.glass import break_glass
from codered_hq.gate.locking import lock_gate, tell_time
from codered_hq.gate.models import GateLock
from codered_hq.gate.taking import take
from codered_hq.gate.voting import vote
from codered_hq.ledger.writing import enter
from tests.fixtures.gate_crew import HOUR, MINUTE, NOW, join, machine, wish
from tests.fixtures.rules_in_force import put_sample_in_force


@pytest.mark.django_db
def test_time_only_grows_though_the_clock_is_set_back() -> None:
    assert tell_time(NOW) == NOW
    enter("action", "x", "something was done", NOW)
    with transaction.atomic():
        assert [lock_gate(NOW - HOUR), lock_gate(NOW + HOUR)] == [NOW, NOW + HOUR]
    assert GateLock.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_without_a_transaction_there_is_no_lock() -> None:
    GateLock.objects.create(number=1)
    with pytest.raises(TransactionManagementError):
        lock_gate(NOW)


@pytest.mark.django_db
def test_a_ledger_far_ahead_of_the_clock_allows_nothing_that_needs_approval(
    headquarters: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_sample_in_force(headquarters)
    clock = [NOW]
    monkeypatch.setattr(locking, "tell_clock", lambda: clock[0])
    boss, owner, kim = join("boss", "executive"), join("owner", "business"), join("kim", "security")
    waits, voted = (ask(wish(machine(number, "vital")), {}, kim) for number in (1, 2))
    for speaker in (boss, owner):
        vote(voted, speaker, True, "", NOW)
    vote(waits, boss, True, "", NOW)
    enter("action", "x", "by a clock that was ahead", NOW + 11 * MINUTE)
    ahead = "10:11 UTC\\) is more than 10 minutes ahead of this machine's clock"
    with pytest.raises(Refused, match=ahead):
        vote(waits, owner, True, "", NOW)
    with pytest.raises(Refused, match=ahead):
        take(voted, wish(machine(2, "vital")), NOW)
    other = ask(wish(machine(3, "vital")), {}, kim)
    assert (other.state, other.rule, "codered approve glass" in other.why) == ("refused", "clock", True)
    lead = join("lead", "incident_commander")
    assert break_glass(other, lead, "the clock is wrong and it spreads", NOW).state == "allowed"
    assert take(other, wish(machine(3, "vital")), NOW).undo_at == NOW + 4 * HOUR
    assert ask(wish(machine(4)), {}, kim).state == "allowed"  # needs nobody's yes
    assert (waits.state, voted.state) == ("awaiting", "allowed")
    clock[0] = NOW + MINUTE  # 10 minutes are within what clocks differ; a word may have begun before others entered
    take(voted, wish(machine(2, "vital")), NOW)
    assert vote(waits, owner, True, "", NOW).state == "allowed"
