"""Roles and tasks change hands."""

import pytest

from codered.model.errors import WrongUse
from codered_hq.incidents.handing_over import hand_over
from codered_hq.incidents.roster import find_holders, find_roles
from codered_hq.incidents.tasks import add_task, claim
from codered_hq.incidents.templates import Draft
from codered_hq.ledger.models import LedgerEntry
from codered_hq.ledger.reading import read_detail
from tests.fixtures.gate_crew import ASKER, HOUR, NOW, declare, join, leave


@pytest.mark.django_db
def test_to_the_next_shift() -> None:
    incident = declare("one")
    ann, ben = join("ann", "scribe", incident=incident), join("ben")
    join("cleo", "network")
    standing = join("dan", "executive")
    assert ann.person is not None
    assert ben.person is not None
    task = claim(add_task(incident, Draft("contain", "call", "Call"), ann, NOW), ann, NOW)
    over = hand_over(incident, ben.person, {"tasks": 1}, ann, NOW + HOUR)
    task.refresh_from_db()
    assert (over.roles, over.tasks, task.owner) == (("scribe",), (task.pk,), ben.person)
    assert task.lease_until is not None
    assert task.lease_until > NOW + HOUR
    assert list(find_roles(ann.person, incident, NOW + HOUR)) == []
    assert list(find_roles(ben.person, incident, NOW + HOUR)) == ["scribe"]
    assert read_detail(LedgerEntry.objects.get(kind="handover"))["page"] == {"tasks": 1}
    hand_over(incident, ben.person, {}, standing, NOW + HOUR)
    assert find_holders("executive", incident, NOW + HOUR) == [ben.person, standing.person]
    assert find_holders("executive", None, NOW + HOUR) == [standing.person]
    for to, who in ((ben.person, ben), (ben.person, ASKER)):
        with pytest.raises(WrongUse):
            hand_over(incident, to, {}, who, NOW)
    leave(ann)
    ann.person.refresh_from_db()
    with pytest.raises(WrongUse, match="can't take it over"):
        hand_over(incident, ann.person, {}, ben, NOW)
