"""Every host of the record is in the played range, with the owner and the port that the record says."""

from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from codered_hq.devices.played_switches import find_live, read_range
from codered_hq.drills.advancing import advance
from codered_hq.drills.demo_range import TOLD_TO, keep_truth, make_scenario
from codered_hq.drills.demo_record import read_shipped_record
from codered_hq.drills.models import PlayedHost
from codered_hq.drills.scenario_files import Scenario
from codered_hq.hosts.models import Subnet
from codered_hq.sweeps.coverage import measure_coverage
from tests.fixtures.demo_records import cut_record, set_stage


@pytest.mark.django_db
def test_hosts_stand_where_the_record_says(headquarters: Path) -> None:
    record = cut_record()
    stage = set_stage(record, headquarters)
    ports = {port.address: (one.name, port.name) for one in read_range(headquarters) for port in one.ports}
    rows = {row.host.label: row for row in PlayedHost.objects.select_related("host__owner")}
    assert rows.keys() == {one.label for one in record.hosts}
    for one in record.hosts:
        row, place = rows[one.label], rows[one.label].host.places.order_by("-last_seen").first()
        assert (row.address, str(row.host.owner or "")) == (one.address, record.find_owner(one))
        assert ((place.switch, place.port) if place else ("", "")) == (one.switch, one.port)
        assert not one.switch or ports[one.address] == (one.switch, one.port)
        assert set(row.host.tags.values_list("name", flat=True)) == set(one.tags)
        assert not one.mac or row.host.addresses.get(address=one.address).mac == one.mac
    assert find_live(read_range(headquarters), stage.drill.started_at) == {one.address for one in record.hosts}
    assert not Subnet.objects.get(range="10.66.0.0/24").documented
    assert any(one.range == "10.66.0.0/24" for one in measure_coverage(stage.drill.started_at).unknown)


@pytest.mark.django_db
def test_the_truth_is_the_records_until_it_stands_and_the_models_after(headquarters: Path) -> None:
    record = cut_record()
    drill = set_stage(record, headquarters).drill
    keep_truth(drill, record)
    sick = [one for one in record.hosts if one.infected is not None]
    points = list(drill.points.order_by("at"))
    assert [point.infected for point in points] == [len(sick) - (minute < 3) for minute in range(1, 42)]
    assert [points[minute - 1].known for minute in (8, 9, 18, 26, 33)] == [0, 1, 4, 5, 8]
    assert drill.uncontained[:3] == [7.0, 7.0, 7.0]
    assert PlayedHost.objects.exclude(infected_at=None).exclude(vulnerable=True).count() == 3, "linux: other malware"
    advance(headquarters, drill.started_at + timedelta(minutes=42))
    assert drill.points.count() == 41, "the model has not moved yet"
    advance(headquarters, drill.started_at + timedelta(minutes=45))
    assert [point.infected for point in drill.points.order_by("at")[41:]] == [len(sick)] * 3, "each is counted on"


def test_what_came_later_is_told_at_its_minute() -> None:
    record = read_shipped_record()
    scenario = make_scenario(record)
    assert msgspec.convert(msgspec.to_builtins(scenario), Scenario) == scenario
    assert [one.at for one in scenario.injects] == [one.minute for one in record.later]
    texts = " ".join(one.text for one in scenario.injects)
    for words in ("may_isolate", "iis-backdoor.vmdk", "The worm is back on linux-web1", "a lesson for Nils"):
        assert words in texts
    assert {one.to for one in scenario.injects} <= set(TOLD_TO.values())
    assert sum(subnet.hosts for subnet in scenario.population) == len(record.hosts)
