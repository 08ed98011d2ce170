"""What is written beside the record, entry by entry (test_demo has it in its place)."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from codered_hq.drills.demo_record import read_shipped_record
from codered_hq.drills.demo_story import STORY
from codered_hq.drills.demo_team import Team
from codered_hq.incidents.declaring import Declaration, declare
from codered_hq.ledger.models import LedgerEntry


@pytest.mark.usefixtures("drill")
def test_each_step_can_be_told_and_is_in_the_ledger(headquarters: Path) -> None:
    record, at = read_shipped_record(), datetime.now(UTC)
    team = Team(headquarters, record.people)
    team.enter(at)
    incident = declare(Declaration("story", "A story", packs=("codered2",)), team.speak("incident_commander"), at)
    minutes = [minute for minute, _ in STORY]
    assert minutes == sorted(minutes)
    declared = next(deed.minute for deed in record.deeds if deed.do == "declare")
    assert declared < minutes[0] <= minutes[-1] < record.stands
    for _, tell in STORY:
        tell(incident, team, datetime.now(UTC))
    kinds = set(LedgerEntry.objects.filter(incident="story").values_list("kind", flat=True))
    assert {"incident", "roster", "task", "message", "rumour", "lesson"} <= kinds
    assert incident.messages.filter(audience="press", state="draft").exists(), "it waits for legal"
