"""A played scan is kept as every other run, and says what is infected where somebody is on."""

from datetime import UTC, datetime

from codered_hq.drills.models import Drill, PlayedHost
from codered_hq.drills.scanning import scan_range
from codered_hq.fleet.models import HostRun
from codered_hq.fleet.views import view_run
from tests.fixtures.small_ranges import WEB


def test_who_is_on_answers_and_who_is_infected_is_known(drill: Drill) -> None:
    at = datetime.now(UTC)
    PlayedHost.objects.update(infected_at=None)
    rows = PlayedHost.objects.filter(drill=drill, subnet=WEB)
    rows.filter(vulnerable=True).update(infected_at=drill.started_at)
    sick = rows.filter(vulnerable=True).count()
    run = scan_range(drill, [WEB], "codered2", "", at)
    seen = view_run(run)
    off = seen.counts.get("given_up", 0)
    assert sum(seen.counts.values()) == rows.count()
    assert seen.counts["answered"] == rows.count() - off
    assert sick - off <= seen.found <= sick
    assert seen.found > 0
    known = set(HostRun.objects.filter(run=run, verdict="infected").values_list("host__state", flat=True))
    assert known == {"infected"}
    assert rows.exclude(told_at=None).count() == seen.found
