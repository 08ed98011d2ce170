"""What was seen in the record is kept as every other look."""

from datetime import timedelta
from pathlib import Path

import pytest

from codered_hq.drills.demo_deeds import Stage
from codered_hq.drills.demo_looking import scan_recorded, sweep_recorded
from codered_hq.fleet.models import StoredFinding
from codered_hq.hosts.models import Host
from codered_hq.sweeps.coverage import measure_coverage
from codered_hq.sweeps.models import SweptAddress
from tests.fixtures.demo_records import cut_record, set_stage


@pytest.mark.django_db
def test_looks_find_what_the_record_found(headquarters: Path) -> None:
    record = cut_record()
    stage = set_stage(record, headquarters)
    deeds = [deed for deed in record.deeds if deed.do == "sweep"]
    assert [sorted(deed.more) for deed in deeds] == [[], ["range"], ["from", "zone"]]
    at = stage.drill.started_at + timedelta(minutes=18)
    whole = sweep_recorded(record, deeds[0], at)
    assert whole.counts["infected"] == 3, "the plant keeps it out"
    assert SweptAddress.objects.get(sweep=whole, address="10.65.0.11").state == "filtered"
    assert Host.objects.get(label="plant-hmi").state == "unknown"
    sweep_recorded(record, deeds[1], at)
    assert Host.objects.get(label="iis-defaced").suspected_at == ["10.62.0.13", "fd61:62::13"]
    inside = sweep_recorded(record, deeds[2], at + timedelta(minutes=8))
    assert (inside.counts["infected"], inside.point and inside.point.name) == (1, "scanpoint")
    seen = SweptAddress.objects.get(sweep=inside, state="infected")
    assert "root.exe answers" in seen.reason
    assert {check["pack"] for check in seen.ports[0]["checks"]} == {"codered2", "nimda"}
    told = {one.range: one for one in measure_coverage(at + timedelta(minutes=10)).subnets}
    assert {range_ for range_, one in told.items() if not one.complete} == {"10.64.0.0/24", "10.65.0.0/24"}
    assert told["10.65.0.0/24"].counts == {"blocked": 255, "answered": 1}
    check_the_scan(stage)


def check_the_scan(stage: Stage) -> None:
    """It brings the findings of the reports."""
    record = stage.record
    (deed,) = [deed for deed in record.deeds if deed.do == "scan"]
    run = scan_recorded(record, deed, stage.drill, stage.drill.started_at + timedelta(minutes=33))
    assert {one.host.label: one.verdict for one in run.hosts.select_related("host")} == deed.more
    assert {one.host.label for one in run.hosts.select_related("host") if one.report} == set(deed.more)
    found = {(one.host.label, one.pack, one.indicator) for one in StoredFinding.objects.select_related("host")}
    assert found == {(one.host, one.pack, one.indicator) for one in record.findings}
    assert set(Host.objects.filter(state="infected").values_list("label", flat=True)) == set(record.states.infected)
    assert Host.objects.get(label="linux-files").reports.get().verdict == "clean"
