"""The outbreak curve."""

from datetime import timedelta

import pytest

from codered_hq.containment.models import Containment
from codered_hq.fleet.models import HostCase
from codered_hq.gate.models import Decision
from codered_hq.hosts.models import Host
from codered_hq.incidents.models import Incident
from codered_hq.reporting.curve import FINE_SPANS, MOST_SPANS, make_curve
from tests.fixtures.status_reports import HOUR, NOW

pytestmark = pytest.mark.django_db


def _make_incident() -> Incident:
    return Incident.objects.create(name="w", title="W", declared_at=NOW - 4 * HOUR, declared_by="x")


def _make_case(opened: float, **moments: float) -> HostCase:
    host = Host.objects.create(label="pc", first_seen=NOW, last_seen=NOW)
    history = [[(NOW - hours * HOUR).isoformat(), "infected", state, "x"] for state, hours in moments.items()]
    return HostCase.objects.create(host=host, opened_at=NOW - opened * HOUR, history=history)


def test_hosts_add_up_by_hour_and_each_counts_once() -> None:
    incident = _make_incident()
    assert make_curve(incident, NOW) is None
    _make_case(3.5, contained=2.5, verified=0.5)
    twice = _make_case(2.5)
    HostCase.objects.create(host=twice.host, opened_at=NOW - HOUR / 2, history=[["x"], "no list"])
    over = _make_case(90)
    over.closed_at = NOW - 80 * HOUR  # long before this incident
    over.save()
    decision = Decision.objects.create(
        uid="d", kind="disable_port", target="p", target_set="s", request={}, requested_by="x", at=NOW, answer="yes",
        rule="r", why="w", state="taken",
    )  # fmt: skip
    Containment.objects.create(
        uid="c", decision=decision, kind="disable_port", device="sw", host=twice.host, incident="w", order={},
        requested_by="x", begun_at=NOW, held_at=NOW - HOUR / 2,
    )  # fmt: skip
    curve = make_curve(incident, NOW)
    assert curve is not None
    assert (curve.start, curve.hours) == (NOW - 4 * HOUR, 1)
    assert curve.infected == (1, 2, 2, 2, 2)
    assert curve.contained == (0, 1, 1, 2, 2)
    assert curve.verified == (0, 0, 0, 1, 1)


def test_a_long_outbreak_has_longer_spans_and_a_clock_that_ran_ahead_is_left_out() -> None:
    incident = _make_incident()
    _make_case(24 * 200)
    _make_case(-5)
    curve = make_curve(incident, NOW)
    assert curve is not None
    assert len(curve.infected) <= MOST_SPANS
    assert (curve.hours, curve.infected[0], curve.infected[-1]) == (24 * 7, 1, 1)
    assert curve.start.hour == 0
    assert curve.start <= NOW - timedelta(days=200)


def test_the_first_hours_are_told_by_minutes() -> None:
    incident = _make_incident()
    _make_case(1)
    curve = make_curve(incident, NOW, FINE_SPANS)
    assert curve is not None
    assert (curve.hours, curve.minutes, curve.span) == (0, 2, timedelta(minutes=2))
    assert len(curve.infected) in (31, 32)
    assert curve.start <= NOW - timedelta(hours=1) < curve.start + curve.span
