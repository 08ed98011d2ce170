"""What the demonstration's team wrote, entry by entry (test_demo has it in its place)."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from codered_hq.drills.demo_story import TELL
from codered_hq.drills.demo_team import Team
from codered_hq.incidents.declaring import Declaration, declare
from codered_hq.ledger.models import LedgerEntry


@pytest.mark.usefixtures("drill")
def test_each_step_can_be_told_and_is_in_the_ledger(headquarters: Path) -> None:
    team, at = Team(headquarters), datetime.now(UTC)
    team.enter(at)
    incident = declare(Declaration("story", "A story", packs=("codered2",)), team.speak("incident_commander"), at)
    assert [minutes for minutes, _ in TELL] == sorted((minutes for minutes, _ in TELL), reverse=True)
    for _, tell in TELL:
        tell(incident, team, datetime.now(UTC))
    kinds = set(LedgerEntry.objects.filter(incident="story").values_list("kind", flat=True))
    assert {"incident", "roster", "task", "message", "rumour", "lesson"} <= kinds
    assert incident.messages.filter(audience="press", state="draft").exists(), "it waits for legal"
