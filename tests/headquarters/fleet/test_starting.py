"""A run that is asked for twice in a minute is one run."""

from datetime import timedelta

import pytest

from codered.model.job import ScanWish
from codered_hq.fleet.models import FleetRun
from codered_hq.fleet.orders import Wish
from codered_hq.fleet.starting import SAME_WITHIN, begin_once
from tests.fixtures.inventories import NOW, make_host

pytestmark = pytest.mark.django_db


def test_the_same_run_is_begun_once() -> None:
    hosts = [make_host("web-1", "10.1.0.1"), make_host("web-2", "10.1.0.2")]
    wish = Wish(scan=ScanWish(), incident="worm")
    run, fresh = begin_once("scan", hosts, wish, NOW)
    assert fresh
    assert run.hosts.count() == 2
    assert begin_once("scan", hosts[::-1], wish, NOW + timedelta(seconds=5)) == (run, False)
    assert begin_once("scan", hosts[:1], wish, NOW)[1]
    assert begin_once("scan", hosts, Wish(scan=ScanWish(fast=True), incident="worm"), NOW)[1]
    assert begin_once("scan", hosts, wish, NOW + SAME_WITHIN + timedelta(seconds=1))[1]
    FleetRun.objects.update(state="done")
    assert begin_once("scan", hosts, wish, NOW)[1]
