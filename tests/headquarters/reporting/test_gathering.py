"""The document of a real database: every list has what is in it, cut where it is long."""

from datetime import timedelta

import msgspec
import pytest

from codered_hq.incidents.models import Incident
from codered_hq.ledger.reading import find_head
from codered_hq.ledger.writing import enter
from codered_hq.reporting.gathering import MOST_ROWS, make_status
from tests.fixtures.large_incidents import make_large_incident
from tests.fixtures.status_reports import NOW

pytestmark = pytest.mark.django_db


def test_all_rooms_are_in_the_document() -> None:
    incident = make_large_incident(300, NOW)
    enter("incident", "x", "declared", NOW, incident=incident.name)
    head = find_head()
    assert head is not None
    report = make_status(incident, NOW)
    assert (report.ledger_seq, report.ledger_head) == head
    assert (report.waiting_of, len(report.waiting), report.numbers.awaiting) == (60, 60, 60)
    assert report.waiting[0].missing == ("executive", "business")
    assert (report.containments_of, len(report.containments), report.stuck) == (300, MOST_ROWS, 2)
    assert [each.overdue for each in report.containments[:3]] == [True, True, False]
    assert {gap.reasons for gap in report.gaps} == {("no sweep has asked it",)}
    assert (report.gaps_of, report.coverage_complete) == (2, False)
    assert sum(each.open + each.claimed for each in report.tasks) + sum(each.done for each in report.steps) == 500
    assert [each.now for each in report.steps] == [False, False, True, False, False, False]
    assert {(each.notices, each.given_up) for each in report.undelivered} == {(10, True)}
    assert report.curve is not None
    assert report.curve.infected[-1] == 12
    assert (report.changes, report.last_report_at) == ((), None)
    before = msgspec.structs.replace(report, numbers=msgspec.structs.replace(report.numbers, infected=0))
    later = make_status(incident, NOW + timedelta(hours=1), before)
    changes = [(each.what, each.before, each.after) for each in later.changes]
    assert changes == [("infected", 0, 2), ("awaiting", 60, 0)]
    assert later.last_report_at == NOW


def test_an_incident_of_which_nothing_is_known_is_not_clean() -> None:
    incident = Incident.objects.create(name="w", title="W", declared_at=NOW, declared_by="x", closed_at=NOW)
    report = make_status(incident, NOW)
    assert (report.curve, report.coverage_complete, report.ledger_head, report.next_report_at) == (
        None,
        False,
        "",
        None,
    )
