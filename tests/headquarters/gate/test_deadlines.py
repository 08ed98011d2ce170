"""Time that nobody can stop."""

from datetime import timedelta
from pathlib import Path

import pytest

from codered.model.errors import Refused
from codered_hq.devices.kept_orders import tell_ticks
from codered_hq.gate import deadlines
from codered_hq.gate.asking import ask
from codered_hq.gate.deadlines import count_seconds_left, is_late, set_deadline
from codered_hq.gate.expiring import expire
from codered_hq.gate.models import Decision
from codered_hq.gate.showing import list_waiting, view_decision
from codered_hq.gate.taking import take
from codered_hq.ledger.writing import enter
from tests.fixtures.gate_crew import ASKER, MINUTE, NOW, machine, wish
from tests.fixtures.rules_in_force import put_sample_in_force


def test_whichever_clock_ends_first(monkeypatch: pytest.MonkeyPatch) -> None:
    ticks, boot = [1000.0], ["one"]
    monkeypatch.setattr(deadlines, "tell_ticks", lambda: ticks[0])
    monkeypatch.setattr(deadlines, "tell_boot", lambda: boot[0])
    decision = Decision(request={"seconds": 0})
    assert (is_late(decision, NOW), count_seconds_left(decision, NOW)) == (False, 0)
    set_deadline(decision, 30, NOW)
    assert (decision.expires_at, count_seconds_left(decision, NOW)) == (NOW + 30 * MINUTE, 1800)
    assert [is_late(decision, NOW + timedelta(minutes=one)) for one in (29, 30)] == [False, True]
    ticks[0] += 1799
    assert (is_late(decision, NOW), count_seconds_left(decision, NOW)) == (False, 1)
    ticks[0] += 1
    assert is_late(decision, NOW)
    for other in ("two", ""):  # started anew, or another machine
        boot[0] = other
        assert (is_late(decision, NOW), count_seconds_left(decision, NOW)) == (False, 1800)


@pytest.mark.django_db
def test_an_approval_ends_though_the_time_of_the_gate_stands_still(
    headquarters: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_sample_in_force(headquarters)
    vital = wish(machine(1, "vital"))
    waiting = ask(vital, {}, ASKER)
    allowed = [ask(wish(machine(number)), {}, ASKER) for number in (2, 3)]
    enter("action", "x", "by a clock that was 9 minutes ahead", NOW + 9 * MINUTE)
    assert list_waiting(NOW) == (waiting,)
    later = tell_ticks() + 1801
    monkeypatch.setattr(deadlines, "tell_ticks", lambda: later)
    assert list_waiting(NOW) == ()
    assert view_decision(waiting, NOW).seconds_left == 0
    with pytest.raises(Refused, match="its approval expired"):
        take(allowed[0], wish(machine(2)), NOW)
    assert ask(vital, {}, ASKER).pk != waiting.pk
    assert expire(NOW) == 0  # asking ended the others already
    assert set(Decision.objects.values_list("state", flat=True)) == {"expired", "awaiting"}
