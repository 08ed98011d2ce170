"""The demonstration's team can say yes and no."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from codered_hq.drills.demo_team import TEAM, Team
from codered_hq.gate.rules_in_force import find_rules
from codered_hq.incidents.roster import view_roster
from codered_hq.model.crisis import ROLES


@pytest.mark.usefixtures("drill")
def test_each_role_has_somebody_with_a_key_and_rules_hold(headquarters: Path) -> None:
    team, at = Team(headquarters), datetime.now(UTC)
    team.enter(at)
    team.put_rules(headquarters, at)
    assert {member.role for member in TEAM} == set(ROLES)
    assert all(view.holders and view.holders[0].proof for view in view_roster(None, datetime.now(UTC)))
    speaker = team.speak("network")
    assert speaker.key is not None
    assert speaker.name == "Viktor Horn"
    rules = find_rules(datetime.now(UTC))
    assert rules is not None
    assert rules.version == 8
