"""What programs are shown."""

import msgspec
import pytest

from codered_hq.incidents.lessons import Said, add_lesson
from codered_hq.incidents.messages import Words, draft
from codered_hq.incidents.rumours import add_rumour
from codered_hq.incidents.tasks import LEASE, add_task, claim
from codered_hq.incidents.templates import Draft
from codered_hq.incidents.treatments import Grounds, treat
from codered_hq.incidents.views import (
    tell_decision,
    view_incident,
    view_lesson,
    view_message,
    view_rumour,
    view_task,
)
from tests.fixtures.gate_crew import ASKER, HOUR, NOW, declare, join
from tests.fixtures.inventories import make_host


@pytest.mark.django_db
def test_everything_can_be_written_as_json() -> None:
    incident, ann = declare("one", drill=True), join("ann")
    task = claim(add_task(incident, Draft("contain", "call", "Call", minutes=10), ann, NOW), ann, NOW)
    assert (view_task(task, NOW).owner, view_task(task, NOW).late) == ("ann", False)
    later = view_task(task, NOW + LEASE)
    assert (later.owner, later.state, later.lease_until, later.late) == ("", "open", None, True)
    lesson = add_lesson(incident, "x", Said(due_at=NOW + HOUR), ASKER, NOW)
    assert (view_lesson(lesson, NOW).late, view_lesson(lesson, NOW + HOUR).late) == (False, True)
    message = view_message(draft(incident, Words("press", "x", "y"), ann, NOW))
    assert (message.missing, len(message.sha256)) == (("legal", "communications"), 64)
    made = treat(incident, make_host("srv1", "10.1.0.1"), Grounds("clean", "x"), ASKER, NOW)
    views = (view_incident(incident), message, later, view_rumour(add_rumour(incident, "x", "", ASKER, NOW)))
    for view in (*views, tell_decision(made)):
        assert msgspec.json.decode(msgspec.json.encode(view))
    assert view_incident(incident).drill
