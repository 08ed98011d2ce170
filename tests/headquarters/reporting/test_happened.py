"""What happened is gathered from every room, and only what is of the incident."""

from datetime import timedelta
from pathlib import Path

import pytest

from codered_hq.fleet.models import StoredFinding
from codered_hq.gate.models import Decision
from codered_hq.reporting.happened import gather_happenings, load_incident_packs
from tests.fixtures.incident_rows import DECLARED, make_small_incident

pytestmark = pytest.mark.django_db


def test_it_is_gathered() -> None:
    incident = make_small_incident()
    Decision.objects.create(
        uid="d2", kind="scan", target="x", request={}, incident="another", requested_by="b", at=DECLARED, answer="yes",
        rule="r", why="w", state="taken",
    )  # fmt: skip
    found = gather_happenings(incident, "hq", DECLARED + timedelta(hours=2))
    assert [(one.uid, one.gone_at is None) for one in found.findings] == [("f1", True), ("f2", False)]
    assert [(one.name, one.addresses, one.treatment) for one in found.hosts] == [
        ("web1", ("10.0.0.1",), ""), ("web2", ("10.0.0.2",), ""), ("web3", ("10.0.0.3",), "rebuild"),
    ]  # fmt: skip
    assert [(one.uid, one.decision, one.where) for one in found.containments] == [("c1", "d1", "1")]
    assert [(one.uid, one.needs) for one in found.decisions] == [("d1", ("network",))]
    assert (found.commander, found.tasks[0].owner, found.tlp) == ("ann of red-2026",) * 2 + ("GREEN",)
    assert [one.name for one in found.packs] == ["codered"]  # one that is not installed is none


def test_an_incident_that_names_no_threat_has_all_findings_of_its_time() -> None:
    incident = make_small_incident()
    incident.packs = []
    StoredFinding.objects.filter(uid="f2").update(gone_at=DECLARED - timedelta(minutes=1))
    found = gather_happenings(incident, "hq", DECLARED)
    assert [one.uid for one in found.findings] == ["f1", "f3"]
    incident.closed_at = DECLARED - timedelta(hours=2)
    assert gather_happenings(incident, "hq", DECLARED).findings == ()
    assert load_incident_packs(incident) == ()


def test_decisions_of_a_drill_are_those_that_were_asked_for_as_one_or_all_in_a_headquarters_of_its_own(
    headquarters: Path,
) -> None:
    incident = make_small_incident()
    incident.drill = True
    assert gather_happenings(incident, "hq", DECLARED).decisions == ()
    (headquarters / "headquarters.toml").write_text('exercise = "simulated"\n')
    assert [one.uid for one in gather_happenings(incident, "hq", DECLARED).decisions] == ["d1"]
