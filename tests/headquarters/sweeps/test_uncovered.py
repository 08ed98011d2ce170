"""Closed zones: silence heard from outside says nothing, and why nothing better is known is told."""

import pytest

from codered_hq.hosts.models import ScanPoint, Zone
from codered_hq.sweeps.coverage import CoveredSubnet, measure_coverage
from codered_hq.sweeps.models import Bundle, Sweep, SweptAddress
from codered_hq.sweeps.recording import end_sweep
from codered_hq.sweeps.tallying import Heard, View
from codered_hq.sweeps.uncovered import Judged, Known, Row, find_reasons, judge_row
from tests.fixtures.inventories import HOUR, NOW, document_subnets
from tests.fixtures.sweeps import fill, make_sweep, swept

pytestmark = pytest.mark.django_db


def measure() -> CoveredSubnet:
    return measure_coverage(NOW).subnets[0]


def test_a_protected_zone_without_and_with_a_scan_point() -> None:
    document_subnets("10.1.0.0/24", zone="plant", zone_kind="protected")
    assert measure().reasons == {"scan_point_missing": "no scan point is set up there"}
    zone = Zone.objects.get()
    point = ScanPoint.objects.create(name="point1", zone=zone)
    assert measure().reasons == {"scan_point_missing": "its scan point point1 has not swept it"}
    sweep = make_sweep("10.1.0.0/24", at=NOW - HOUR)
    sweep.point, sweep.state = point, "waiting"
    sweep.save()
    assert measure().reasons == {"scan_point_missing": "scan point point1 has not answered since 2026-11-22 02:00"}
    swept("10.1.0.0/24", at=NOW)
    assert measure().counts == {"blocked": 256}
    assert "silence heard from outside says nothing; scan point point1" in measure().reasons["blocked"]
    zone.blocked = "firewall 7"
    zone.save()
    assert measure().reasons["blocked"].startswith("firewall 7; scan point")
    fill(sweep, NOW - HOUR / 2, {"infected": ["10.1.0.9"]})
    end_sweep(sweep, "", 1, NOW)
    assert (measure().complete, measure().counts) == (True, {"silent": 255, "answered": 1})


def test_a_lab_that_is_not_attached() -> None:
    document_subnets("10.1.0.0/24", zone="lab", zone_kind="lab")
    assert measure().counts == {"lab_not_attached": 256}
    swept("10.1.0.0/24", at=NOW, not_asked=["10.1.0.1"], filtered=["10.1.0.2"])
    assert (measure().counts, measure().reasons) == (
        {"lab_not_attached": 256},
        {"lab_not_attached": "nothing in it answers"},
    )
    swept("10.1.0.0/24", at=NOW, web=["10.1.0.9"])
    assert measure().counts == {"answered": 1, "silent": 254, "refused": 1}


def test_a_bundle_that_is_out() -> None:
    document_subnets("10.1.0.0/24", zone="plant", zone_kind="protected")
    sweep = make_sweep("10.1.0.0/25")
    Sweep.objects.update(state="waiting", bundle=sweep.uid)
    bundle = Bundle.objects.create(uid=sweep.uid, zone="plant", sweep=sweep, issued=NOW - 2 * HOUR, expires=NOW - HOUR)
    swept("10.1.0.0/26", at=NOW)
    found = measure()
    assert found.counts == {"bundle_out": 128, "scan_point_missing": 128}
    why = f"bundle {sweep.uid[:8]} issued 2026-11-22 01:00, void since 2026-11-22 02:00, not back"
    assert found.reasons["bundle_out"] == why
    bundle.state = "merged"
    bundle.save()
    assert "bundle_out" not in measure().counts


def test_an_open_zone_that_is_documented_as_blocked() -> None:
    document_subnets("10.1.0.0/24", zone="far", zone_kind="open")
    Zone.objects.update(blocked="router 3 drops it")
    swept("10.1.0.0/24", at=NOW, web=["10.1.0.1"])
    assert measure().reasons == {"blocked": "router 3 drops it"}


def test_nothing_is_judged_of_nothing() -> None:
    judged = Judged()
    judged.add("silent", 0, "why")
    assert (judged.counts.total(), judged.reasons) == (0, {})
    assert judge_row(Row(None, (), Known(0)), View(NOW, frozenset(), Heard()), find_reasons(NOW)).counts.total() == 0


def test_what_a_sweep_says_itself_of_what_it_did_not_ask() -> None:
    document_subnets("10.1.0.0/24", "10.2.0.0/24")
    swept("10.1.0.0/24", at=NOW, web=["10.1.0.1"], not_asked=["10.1.0.7"])
    swept("10.2.0.0/25", at=NOW, web=["10.2.0.1"])
    Sweep.objects.filter(wanted=["10.2.0.0/25"]).update(
        state="stopped", stopped="its time was over", bundle="b", wanted=["10.2.0.0/24"]
    )
    first, second = measure_coverage(NOW).subnets
    assert first.reasons == {"not_asked": "it is not_asked"}
    assert second.reasons["never_swept"].endswith(" of a bundle ended early: its time was over")
    SweptAddress.objects.update(reason="")
    assert measure_coverage(NOW).subnets[0].reasons["not_asked"].startswith("nothing could be sent")
