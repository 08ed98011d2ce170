"""The crew is carried into a drill's own headquarters, with its proofs and the rules."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from codered_hq.config import APPROVERS_FOLDER
from codered_hq.drills.copying import Crew, carry, enter_crew, read_crew
from codered_hq.gate.models import RulesInForce
from codered_hq.gate.rules_in_force import find_rules
from codered_hq.incidents.models import Duty, Person
from codered_hq.ledger.models import LedgerEntry
from tests.fixtures.gate_crew import join
from tests.fixtures.rules_in_force import put_sample_in_force


@pytest.mark.usefixtures("drill")
def test_people_roles_keys_and_rules_are_the_same_there(headquarters: Path, tmp_path: Path) -> None:
    put_sample_in_force(headquarters)
    key = join("Mara", "incident_commander").person.public_key  # type: ignore[union-attr]
    crew = read_crew()
    there = tmp_path / "there"
    there.mkdir()
    carry(crew, headquarters, there)
    assert [each.name for each in (there / APPROVERS_FOLDER).iterdir()] == ["test-approver.pub"]
    Duty.objects.all().delete()
    Person.objects.all().delete()
    RulesInForce.objects.all().delete()
    assert enter_crew(there, datetime.now(UTC)) == 1
    assert Person.objects.get().public_key == key
    assert read_crew() == crew
    assert find_rules(datetime.now(UTC)) is not None
    assert LedgerEntry.objects.filter(what="1 people and 1 roles were copied into this drill").exists()


@pytest.mark.usefixtures("drill")
def test_nobody_is_carried_where_nobody_was(headquarters: Path) -> None:
    assert enter_crew(headquarters, datetime.now(UTC)) == 0
    assert read_crew() == Crew()
