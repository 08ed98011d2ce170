"""The played world goes on by the clock, and what the team does counts."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from codered_hq.devices.played_switches import RANGE_FOLDER, PlayedChange, change_switch, read_range
from codered_hq.drills.advancing import TICK, advance
from codered_hq.drills.models import Drill, PlayedHost
from codered_hq.fleet.models import StoredFinding
from codered_hq.incidents.models import Incident
from tests.fixtures.small_ranges import LAB, WEB


def list_truth() -> list[tuple[str, object]]:
    return list(PlayedHost.objects.exclude(infected_at=None).values_list("address", "infected_at"))


def test_machines_infect_each_other_and_some_of_it_is_heard_of(drill: Drill, headquarters: Path) -> None:
    assert len(list_truth()) == 2
    lines = advance(headquarters, datetime.now(UTC))
    drill.refresh_from_db()
    assert drill.played_to >= 600 - TICK
    sick = PlayedHost.objects.exclude(infected_at=None)
    assert sick.count() > 6
    heard = sick.exclude(told_at=None)
    assert heard.exists()
    assert all(row.host.state == "infected" and row.subnet == WEB for row in heard.select_related("host"))
    assert StoredFinding.objects.filter(pack="codered2").count() == 2 * heard.count()
    assert any("a report shows codered2" in line for line in lines)
    lab = sick.filter(subnet=LAB).select_related("host")
    assert lab
    assert all(row.heard_at is None and row.host.state == "unknown" for row in lab)


def test_the_same_time_again_changes_nothing(drill: Drill, headquarters: Path) -> None:
    at = datetime.now(UTC)
    advance(headquarters, at)
    before = list_truth()
    assert advance(headquarters, at) == []
    assert list_truth() == before


def test_whether_in_many_passes_or_one_it_is_the_same_outbreak(drill: Drill, headquarters: Path) -> None:
    for minutes in range(10):
        advance(headquarters, drill.started_at + timedelta(minutes=minutes))
    many = {address for address, _ in list_truth()}
    PlayedHost.objects.exclude(infected_from="from outside").update(infected_at=None, heard_at=None, told_at=None)
    Drill.objects.update(played_to=0)
    advance(headquarters, drill.started_at + timedelta(minutes=9))
    assert {address for address, _ in list_truth()} == many


def test_who_is_cut_off_infects_nobody_until_the_switch_ends_it(drill: Drill, headquarters: Path) -> None:
    until = drill.started_at + timedelta(minutes=5)
    for switch in read_range(headquarters):
        changes = [PlayedChange(label="x", word=f"port {one.name}", value="down", until=until) for one in switch.ports]
        change_switch(headquarters / RANGE_FOLDER / f"{switch.name}.json", changes, "", drill.started_at)
    advance(headquarters, until - timedelta(seconds=TICK))
    assert len(list_truth()) == 2
    advance(headquarters, datetime.now(UTC))
    assert len(list_truth()) > 2


def test_injects_fall_due_once_and_the_incident_is_the_drills(drill: Drill, headquarters: Path) -> None:
    at = datetime.now(UTC)
    incident = Incident.objects.create(name="x", title="x", declared_at=at, declared_by="x", drill=True)
    assert any("inject 1 to communications" in line for line in advance(headquarters, at))
    assert not any("inject" in line for line in advance(headquarters, at))
    drill.refresh_from_db()
    assert drill.incident == incident
    assert drill.injects.exclude(told_at=None).count() == 1
