"""A played sweep is kept as every other."""

from datetime import UTC, datetime

import pytest

from codered.model.errors import WrongUse
from codered_hq.drills.models import Drill, PlayedHost
from codered_hq.drills.sweeping import sweep_range
from codered_hq.hosts.models import Host
from tests.fixtures.small_ranges import LAB, WEB


def test_it_sees_what_is_infected_now(drill: Drill) -> None:
    at = datetime.now(UTC)
    PlayedHost.objects.update(infected_at=None)
    sick = PlayedHost.objects.filter(subnet=LAB)[0]
    PlayedHost.objects.filter(pk=sick.pk).update(infected_at=drill.started_at)
    made = sweep_range(drill, [LAB, WEB], at)
    assert made.counts == {"no_answer": 488, "vulnerable": 23, "infected": 1}
    assert Host.objects.get(state="suspect").pk == sick.host_id


def test_a_foreign_range_is_refused(drill: Drill) -> None:
    with pytest.raises(WrongUse, match="is no subnet of this drill"):
        sweep_range(drill, ["192.0.2.0/24"], datetime.now(UTC))
