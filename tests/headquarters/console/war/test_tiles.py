"""The map: what is infected first, then what is covered least; silence is never green."""

from datetime import timedelta

import pytest

from codered_hq.console.live.topics import Look
from codered_hq.console.war.tiles import find_coverage, make_tiles
from codered_hq.hosts.models import Host, Subnet
from tests.fixtures.gate_crew import NOW
from tests.fixtures.inventories import document_subnets, make_host
from tests.fixtures.sweeps import swept

pytestmark = pytest.mark.django_db


def test_order_states_and_reasons() -> None:
    document_subnets("10.1.0.0/29", "10.2.0.0/29", "10.3.0.0/29")
    swept("10.1.0.0/29", at=NOW, clean=[f"10.1.0.{number}" for number in range(1, 7)])
    host = make_host("web", "10.3.0.2")
    Host.objects.filter(pk=host.pk).update(state="infected")
    tiles = {tile.covered.range: tile for tile in make_tiles(NOW + timedelta(minutes=1), Look())}
    assert next(iter(tiles)) == "10.3.0.0/29"
    assert (tiles["10.3.0.0/29"].infected, tiles["10.3.0.0/29"].hosts) == (1, 1)
    missed = tiles["10.2.0.0/29"]
    assert (missed.state, missed.percent) == ("missed", 0)
    assert missed.why
    assert missed.number == Subnet.objects.get(range="10.2.0.0/29").pk
    swept_one = tiles["10.1.0.0/29"]
    assert swept_one.state != "missed"
    assert swept_one.percent == 100 if swept_one.state == "covered" else swept_one.percent < 100


def test_measured_again_when_a_sweep_moved_it() -> None:
    document_subnets("10.1.0.0/29")
    at = NOW + timedelta(minutes=1)
    before = find_coverage(at, Look())
    assert find_coverage(at, Look()) is before
    swept("10.1.0.0/29", at=NOW, clean=["10.1.0.1"])
    assert find_coverage(at, Look()).counts["answered"] == 1
