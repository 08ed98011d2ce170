"""The drill that goes on, for other pages."""

from datetime import UTC, datetime, timedelta

from codered_hq.console.exercises.current import find_current, find_deadline, find_end
from codered_hq.drills.models import Drill


def test_it_names_what_waits_until_it_is_answered(drill: Drill) -> None:
    at = datetime.now(UTC)
    found = find_current(at)
    assert found["current_drill"] == drill
    (inject,) = found["current_injects"]
    assert find_deadline(inject) == inject.due_at + timedelta(minutes=5)
    assert found["drill_ends_at"] == find_end(drill) == drill.started_at + timedelta(minutes=30)
    drill.injects.update(answered_at=at)
    assert find_current(at)["current_injects"] == []


def test_where_none_goes_on_there_is_nothing(drill: Drill) -> None:
    Drill.objects.filter(pk=drill.pk).update(ended_at=datetime.now(UTC))
    assert find_current(datetime.now(UTC)) == {}
