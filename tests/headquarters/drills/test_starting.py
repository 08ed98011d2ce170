"""A drill begins only in a headquarters of its own, one at a time."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from codered.model.errors import Refused, WrongUse
from codered_hq.drills.models import Drill
from codered_hq.drills.starting import Beginning, begin
from tests.fixtures.small_ranges import make_scenario


def test_a_second_one_waits(drill: Drill) -> None:
    with pytest.raises(Refused, match="a drill is going on here"):
        begin(Beginning("other", make_scenario()), datetime.now(UTC))


def test_a_real_headquarters_plays_nothing(drill: Drill, headquarters: Path) -> None:
    Drill.objects.filter(pk=drill.pk).update(ended_at=datetime.now(UTC))
    with pytest.raises(WrongUse, match="is no speed"):
        begin(Beginning("fast", make_scenario(), 1_000), datetime.now(UTC))
    (headquarters / "headquarters.toml").unlink()
    with pytest.raises(Refused, match="headquarters of their own"):
        begin(Beginning("other", make_scenario()), datetime.now(UTC))


def test_the_model_begins_with_the_first_machines(drill: Drill) -> None:
    assert drill.uncontained[0] == 2
    assert len(drill.uncontained) == 31
    assert drill.uncontained == sorted(drill.uncontained)
    assert drill.spread[0] == 0, "all runs begin alike"
    assert max(drill.spread) > 0, "and differ by chance"
