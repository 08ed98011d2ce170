"""Roles, backups, and what is missing."""

from datetime import timedelta

import pytest

from codered.model.errors import Refused, WrongUse
from codered_hq.incidents.roster import (
    Assignment,
    assign,
    commandeer,
    find_duties,
    find_holders,
    find_roles,
    release,
    view_roster,
)
from codered_hq.model.crisis import ROLES
from tests.fixtures.gate_crew import ASKER, HOUR, NOW, declare, join, leave

pytestmark = pytest.mark.django_db


def test_a_role_needs_two_people_who_can_be_reached() -> None:
    incident = declare("one")
    ann, ben = join("ann").person, join("ben").person
    assert ann is not None
    assert ben is not None

    def gap() -> str:
        return next(view.gap for view in view_roster(incident, NOW) if view.role == "legal")

    assert [view.gap for view in view_roster(incident, NOW)] == ["nobody"] * len(ROLES)
    assign(None, ann, Assignment("legal", backup=True), ASKER, NOW)
    assert gap() == "no backup"
    assign(incident, ann, Assignment("legal"), ASKER, NOW)
    assert gap() == "no backup"  # one person is nobody's backup of his own
    assign(incident, ben, Assignment("legal", backup=True), ASKER, NOW)
    assert gap() == "nobody can be reached"
    ben.mail = "b@x.example"
    ben.save()
    assert (gap(), find_holders("legal", incident, NOW)) == ("", [ann, ben])
    assert find_holders("legal", None, NOW) == [ann]  # the standing roster
    assign(incident, ben, Assignment("legal"), ASKER, NOW)  # said again: one duty, changed
    assert len(find_duties(incident, NOW)) == 3
    found = [find_roles(ben, incident, NOW), find_roles(ben, None, NOW), find_roles(None, incident, NOW)]
    assert list(map(list, found)) == [["legal"], [], []]
    assert release(incident, ben, "", ASKER, NOW) == 1
    with pytest.raises(WrongUse, match="ben has no such role in one"):
        release(incident, ben, "legal", ASKER, NOW)
    leave(ASKER._replace(name="ann"))
    assert gap() == "nobody"
    for bad in (Assignment("king"), Assignment("legal", dedicated_until=NOW)):
        with pytest.raises(WrongUse):
            assign(incident, ben, bad, ASKER, NOW)
    with pytest.raises(WrongUse, match="30 days"):
        assign(incident, ben, Assignment("legal", dedicated_until=NOW + timedelta(days=31)), ASKER, NOW)


def test_ten_people_may_be_taken_off_their_work_by_those_who_may() -> None:
    incident, boss, other = declare("one"), join("boss", "project_manager"), join("other", "legal")
    said = Assignment("helpdesk", dedicated_until=NOW + HOUR)
    people = [join(f"person-{number}").person for number in range(11)]
    for person in people[:10]:
        assert person is not None
        assert commandeer(incident, person, said, boss, NOW).dedicated_until == NOW + HOUR
    last, first = people[10], people[0]
    assert last is not None
    assert first is not None
    with pytest.raises(Refused, match="10 people"):
        commandeer(incident, last, said, boss, NOW)
    commandeer(incident, first, said, boss, NOW)  # he is one of them
    commandeer(incident, last, said._replace(dedicated_until=NOW + 3 * HOUR), boss, NOW + 2 * HOUR)
    for who in (other, ASKER):
        with pytest.raises(Refused, match="may not take people"):
            commandeer(incident, first, said, who, NOW)
