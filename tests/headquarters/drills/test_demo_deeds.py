"""What people of the record did is done again by the services; what comes to something else is refused."""

from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from codered.model.errors import Refused
from codered_hq.containment.models import Containment
from codered_hq.drills.demo_record import RecordedDeed
from codered_hq.gate.models import Decision, Vote
from codered_hq.incidents.models import EvidenceRecord, Task
from tests.fixtures.demo_records import cut_record, set_stage


@pytest.mark.django_db
def test_an_outbreak_is_declared_looked_at_and_cut_off(headquarters: Path) -> None:
    record = cut_record()
    stage = set_stage(record, headquarters)
    for number, deed in enumerate(record.deeds):
        stage.do(deed, stage.drill.started_at + timedelta(minutes=deed.minute, seconds=number))
    assert stage.incident is not None
    assert (stage.incident.name, stage.incident.step, stage.incident.drill) == ("outbreak", "contain", True)
    assert stage.incident.impact["web shop"] == "orders by phone only"
    assert EvidenceRecord.objects.get().host.label == "laptop"
    assert Task.objects.get(action="way-in").result.startswith("A laptop that was away for two weeks")
    held = Containment.objects.filter(state="holding").select_related("host")
    assert {(one.host.label, one.device, one.port) for one in held if one.host} == {
        ("laptop", "sw2", "ge-0-100"), ("iis-defaced", "sw1", "ge-0-5"), ("iis-backdoor", "sw2", "ge-0-3"),
    }  # fmt: skip
    assert all("proven unreachable" in one.proof for one in held)
    waiting = Decision.objects.get(state="awaiting")
    assert set(waiting.votes.values_list("person__name", flat=True)) == {"Edda", "Emil"}
    assert not Vote.objects.filter(person__name="Nora").exists(), "she asked for it herself"
    assert Decision.objects.get(state="refused").rule == "never-touch"


@pytest.mark.django_db
def test_what_comes_to_something_else_is_refused(headquarters: Path) -> None:
    stage = set_stage(cut_record(), headquarters)
    at = stage.drill.started_at + timedelta(minutes=12)
    asked = RecordedDeed(minute=12, who="Nora", do="contain", host="plant-hmi", text="it spreads", answer="awaiting")
    with pytest.raises(Refused, match="contain by Nora comes to refused by never-touch, not to awaiting"):
        stage.do(msgspec.structs.replace(asked, rule="isolate-standard"), at)
    stage.do(msgspec.structs.replace(asked, host="laptop", rule="isolate-standard"), at)
    said = RecordedDeed(minute=12, who="Nora", do="yes", host="laptop", answer="allowed")
    with pytest.raises(Refused, match="yes by Nora comes to refused, not to allowed"):
        stage.do(said, at)
    with pytest.raises(Refused, match="yes by Cora comes to allowed, not to awaiting"):
        stage.do(msgspec.structs.replace(said, who="Cora", answer="awaiting"), at)
