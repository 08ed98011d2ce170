"""The demonstration is rich, in its own folder alone, and goes on living."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from codered.model.errors import Refused
from codered_hq.containment.models import Containment
from codered_hq.drills.advancing import advance
from codered_hq.drills.demo import INCIDENT, SCENARIO, load_demo
from codered_hq.drills.models import Drill, PlayedHost
from codered_hq.drills.scenario_files import Scenario, find_scenario
from codered_hq.gate.models import Decision
from codered_hq.hosts.models import Host, Subnet
from codered_hq.incidents.models import EvidenceRecord, Incident, Lesson, Message, Rumour, Task
from codered_hq.opening import open_headquarters
from codered_hq.sweeps.coverage import measure_coverage
from tests.fixtures.small_ranges import write_small_range


def make_one_site() -> Scenario:
    """One of its four sites, where the worm is four times as fast, from more machines at first: as many are infected
    within the hour.
    """
    whole = find_scenario(SCENARIO)
    kept = tuple(subnet for subnet in whole.population if subnet.site == "Ulm")
    return msgspec.structs.replace(whole, population=kept, tries=4 * whole.tries, first=12)


def test_the_whole_one_has_four_sites() -> None:
    whole = find_scenario(SCENARIO)
    assert len({subnet.site for subnet in whole.population}) == 4
    assert (len(whole.population), sum(subnet.hosts for subnet in whole.population) > 1_900) == (40, True)


@pytest.mark.django_db
def test_it_shows_an_outbreak_in_the_middle(headquarters: Path, tmp_path: Path) -> None:
    write_small_range(headquarters)
    open_headquarters()
    with pytest.raises(Refused, match="is not the headquarters that is open"):
        load_demo(tmp_path)
    load_demo(headquarters, make_one_site())
    now = datetime.now(UTC)
    incident = Incident.objects.get(name=INCIDENT)
    assert incident.drill
    assert timedelta(minutes=49) < now - incident.declared_at < timedelta(minutes=53)
    assert Host.objects.count() > 450
    assert Subnet.objects.count() == 10
    assert PlayedHost.objects.exclude(infected_at=None).count() >= 40
    assert {"infected", "contained", "verified"} <= set(Host.objects.values_list("state", flat=True))
    assert Containment.objects.filter(state="holding").count() >= 10
    assert Decision.objects.filter(state="awaiting", expires_at__gt=now).exists()
    assert {"open", "claimed", "done", "blocked"} <= set(Task.objects.values_list("state", flat=True))
    assert all(kind.objects.exists() for kind in (Message, Rumour, Lesson, EvidenceRecord))
    coverage = measure_coverage(now)
    assert not coverage.complete
    assert any(subnet.complete for subnet in coverage.subnets)
    before = Drill.objects.get().played_to
    advance(headquarters, now + timedelta(minutes=10))
    assert Drill.objects.get().played_to > before
    with pytest.raises(Refused, match="holds something already"):
        load_demo(headquarters)
