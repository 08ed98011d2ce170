"""The ledger, runs and hosts in one order."""

from datetime import timedelta

import pytest

from codered_hq.fleet.models import FleetRun, HostCase, HostRun
from codered_hq.ledger.writing import enter
from codered_hq.reporting.timeline import list_newest, make_timeline
from tests.fixtures.gate_crew import HOUR, MINUTE, NOW, declare
from tests.fixtures.inventories import make_host


@pytest.mark.django_db
def test_merged_in_time() -> None:
    incident, drill, host = declare("one"), declare("try", drill=True), make_host("srv1\x1b[31m", "10.1.0.1")
    enter("incident", "ann", "declared", NOW, incident="one")
    enter("incident", "ann", "a drill", NOW + MINUTE, incident="try")
    run = FleetRun.objects.create(uid="f" * 32, word="scan", started=NOW + 2 * MINUTE, ended=NOW + HOUR, expires=NOW)
    HostRun.objects.create(run=run, host=host, state="given_up")
    history = [
        [(NOW + 3 * MINUTE).isoformat(), "infected", "contained", "cut off"], ["never", "a", "b", "c"], "x",
        [(NOW + 9 * HOUR).isoformat(), "contained", "cleaned", "later"], ["2026-11-24T10:00:00", "no", "zone", "x"],
    ]  # fmt: skip
    HostCase.objects.create(host=host, opened_at=NOW + MINUTE, because="root.exe", history=history)
    enter("task", "ben", "done", NOW + 4 * MINUTE, incident="one")
    enter("rules", "ben", "in force", NOW + 5 * MINUTE)
    made = make_timeline(incident, NOW, NOW + 2 * HOUR)
    told = [(each.source, each.what) for each in made.happenings]
    assert told == [
        ("ledger", "declared"), ("host", f"{host.label} is ill: root.exe"),
        ("fleet", "fleet scan ffffffff began on 1 hosts"),
        ("host", f"{host.label}: infected -> contained (cut off)"), ("ledger", "done"), ("ledger", "in force"),
        ("fleet", "fleet scan ffffffff ended: 0 of 1 hosts answered"),
    ]  # fmt: skip
    assert [each.what for each in make_timeline(drill, NOW, NOW + HOUR).happenings] == ["a drill", "in force"]
    assert len(make_timeline(incident, NOW + timedelta(minutes=4), NOW + 10 * MINUTE).happenings) == 2


@pytest.mark.django_db
def test_the_newest_are_the_end_of_the_whole() -> None:
    incident, at = declare("worm-1"), NOW + HOUR
    for number in range(6):
        enter("task", "Ada", f"line {number}", NOW + number * MINUTE, incident=incident.name)
    FleetRun.objects.create(uid="c" * 32, word="scan", started=NOW + 9 * MINUTE, expires=at)
    host = make_host("web", "10.0.0.9")
    history = [[(NOW + 8 * MINUTE).isoformat(), "unknown", "infected", "report"]]
    HostCase.objects.create(host=host, opened_at=NOW + 7 * MINUTE, because="report", history=history)
    whole = make_timeline(incident, NOW - HOUR, at).happenings
    assert list_newest(incident, at, 5) == tuple(reversed(whole))[:5]
    assert list_newest(incident, NOW, 50)[0].at <= NOW
