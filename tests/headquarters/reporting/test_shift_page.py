"""What one shift tells the next."""

from pathlib import Path

import msgspec
import pytest

from codered_hq.containment.models import Containment
from codered_hq.gate.asking import ask
from codered_hq.incidents.messages import Words, draft
from codered_hq.incidents.rumours import add_rumour
from codered_hq.incidents.tasks import add_task, block, claim
from codered_hq.incidents.templates import Draft
from codered_hq.reporting.shift_page import make_page
from tests.fixtures.gate_crew import ASKER, HOUR, MINUTE, NOW, declare, join, machine, wish
from tests.fixtures.rules_in_force import put_sample_in_force


@pytest.mark.django_db
def test_everything_open_is_on_the_page(headquarters: Path) -> None:
    incident, ann = declare("one"), join("ann")
    incident.next_report_at = NOW - MINUTE
    incident.save()
    claim(add_task(incident, Draft("contain", "call", "Call", minutes=90), ann, NOW), ann, NOW)
    blocked = add_task(incident, Draft("contain", "patch", "Patch"), ann, NOW)
    block(blocked, "no password", ann, NOW)
    put_sample_in_force(headquarters)
    waits = ask(wish(machine(1, "vital"), incident="one"), {}, ann)
    Containment.objects.create(
        uid="c" * 32, decision=waits, kind="disable_port", device="sw1", port="7", order={}, state="holding",
        incident="one", begun_at=NOW, requested_by="x", undo_at=NOW + HOUR,
    )  # fmt: skip
    draft(incident, Words("press", "x", "y"), ann, NOW)
    add_rumour(incident, "the wages are gone", "", ASKER, NOW)
    page = make_page(incident, NOW)
    assert [(task.owner, task.state, task.why) for task in page.tasks] == [
        ("ann", "claimed", ""), ("", "blocked", "no password"),
    ]  # fmt: skip
    assert [each.missing for each in page.waiting] == [("executive", "business")]
    assert (len(page.held), len(page.messages), len(page.rumours)) == (1, 1, 1)
    assert [line.split(" ", 2)[2] for line in page.following] == [
        "LATE status report", "approval expires: isolate_host host #1", "undoes itself: disable_port sw1 7",
        f"task {page.tasks[0].number}: Call",
    ]  # fmt: skip
    assert make_page(incident, NOW + HOUR).tasks[0].owner == ""  # nobody's lease outlasts its time
    assert msgspec.json.encode(page)
