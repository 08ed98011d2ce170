"""A played sweep is kept as every other."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from codered.model.errors import WrongUse
from codered_hq.drills.demo_looking import sweep_recorded
from codered_hq.drills.models import Drill, PlayedHost
from codered_hq.drills.sweeping import sweep_range
from codered_hq.hosts.models import Host
from codered_hq.sweeps.coverage import measure_coverage
from codered_hq.sweeps.models import Sweep
from tests.fixtures.demo_records import cut_record, set_stage
from tests.fixtures.small_ranges import LAB, WEB


def test_it_sees_what_is_infected_now(drill: Drill) -> None:
    at = datetime.now(UTC)
    PlayedHost.objects.update(infected_at=None)
    sick = PlayedHost.objects.filter(subnet=LAB)[0]
    PlayedHost.objects.filter(pk=sick.pk).update(infected_at=drill.started_at)
    made = sweep_range(drill, [LAB, WEB], at)
    assert made.counts == {"no_answer": 488, "vulnerable": 23, "infected": 1}
    assert Host.objects.get(state="suspect").pk == sick.host_id


@pytest.mark.django_db
def test_what_the_worm_cannot_change_is_seen_as_before(headquarters: Path) -> None:
    record = cut_record()
    stage = set_stage(record, headquarters)
    at = stage.drill.started_at + timedelta(minutes=18)
    whole, _, inside = (sweep_recorded(record, deed, at) for deed in record.deeds if deed.do == "sweep")
    PlayedHost.objects.filter(host__label="iis-unpatched").update(infected_at=at)
    ranges = [one.range for one in record.subnets if one.documented and list_told(whole, one.range)]
    again = sweep_range(stage.drill, [*ranges, "10.63.0.0/24"], at + timedelta(minutes=10))
    before, after = list_told(whole), list_told(again)
    changed = {address for address, told in after.items() if told != before[address]}
    assert before.keys() == after.keys()
    weak = PlayedHost.objects.filter(vulnerable=True, subnet__in=ranges)
    assert changed == set(weak.values_list("address", flat=True)), "their words are the model's"
    fresh = weak.get(host__label="iis-unpatched").address
    assert (before[fresh][0], after[fresh][0]) == ("vulnerable", "infected")
    assert {told[0] for told in after.values()} >= {"clean", "undetermined", "not_web", "filtered"}
    assert list_told(inside, "10.63.0.0/24")
    assert not list_told(again, "10.63.0.0/24"), "the plant keeps headquarters out"
    told = {one.range: one for one in measure_coverage(at + timedelta(minutes=10)).subnets}
    assert told["10.65.0.0/24"].counts == {"blocked": 255, "answered": 1}


def list_told(sweep: Sweep, range_: str = "") -> dict[str, tuple[str, str]]:
    """State and reason of the addresses that answered, of those of a /24."""
    rows = sweep.addresses.filter(address__startswith=range_.removesuffix("0/24"))
    return {one.address: (one.state, one.reason) for one in rows}


def test_a_foreign_range_is_refused(drill: Drill) -> None:
    with pytest.raises(WrongUse, match="is no subnet of this drill"):
        sweep_range(drill, ["192.0.2.0/24"], datetime.now(UTC))
