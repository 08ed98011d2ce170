"""The demonstration's team can say yes and no: the record's people, and invented ones where it has nobody."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from codered_hq.drills.demo_record import read_shipped_record
from codered_hq.drills.demo_team import Team
from codered_hq.gate.rules_in_force import find_rules
from codered_hq.incidents.roster import view_roster
from codered_hq.model.crisis import ROLES


@pytest.mark.usefixtures("drill")
def test_each_role_has_somebody_with_a_key_and_rules_hold(headquarters: Path) -> None:
    record, at = read_shipped_record(), datetime.now(UTC)
    team = Team(headquarters, record.people)
    team.enter(at)
    team.put_rules(headquarters, at)
    views = {view.role: view for view in view_roster(None, datetime.now(UTC))}
    assert {member.role for member in team.members} == set(ROLES) == views.keys()
    assert all(view.holders[0].proof and not view.gap for view in views.values())
    for one in record.people:
        order = [holder.person for holder in views[one.role].holders].index(one.name)
        assert (order > 0) is one.backup
    assert team.commander == "Cora"
    speaker = team.speak("network")
    assert speaker.key is not None
    assert speaker.name == "Nora"
    rules = find_rules(datetime.now(UTC))
    assert rules is not None
    assert rules.version == 8
