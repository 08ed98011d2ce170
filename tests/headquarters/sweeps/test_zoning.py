"""A sweep is made from inside of one zone at most: a scan point's own, or that of all addresses of a bundle."""

import pytest
from pytest_django import DjangoAssertNumQueries

from codered.model.errors import Refused
from codered_hq.hosts.models import ScanPoint, Subnet, Zone
from codered_hq.hosts.recording import record_seen_subnets
from codered_hq.model.inventory import Source
from codered_hq.sweeps.coverage import measure_coverage
from codered_hq.sweeps.intervals import count, read_intervals
from codered_hq.sweeps.models import Sweep
from codered_hq.sweeps.zoning import Insides, check_one_zone, is_closed, read_zones, split_subnets
from tests.fixtures.inventories import NOW, document_subnets
from tests.fixtures.sweeps import swept

pytestmark = pytest.mark.django_db


@pytest.fixture
def zones() -> dict[str, Zone]:
    document_subnets("10.8.0.0/24", zone="plant", zone_kind="protected")
    document_subnets("10.9.0.0/24", zone="dmz", zone_kind="protected")
    document_subnets("10.0.0.0/8", zone="office")
    return {zone.name: zone for zone in Zone.objects.all()}


def test_a_point_of_another_zone_is_outside(zones: dict[str, Zone]) -> None:
    sweep = swept("10.8.0.0/24", at=NOW)
    for name, complete in (("dmz", False), ("office", False), ("plant", True)):
        sweep.point = ScanPoint.objects.create(name=f"point of {name}", zone=zones[name])
        sweep.save()
        found = measure_coverage(NOW, scope=("10.8.0.0/24",))
        assert (found.complete, set(found.counts)) == (complete, {"silent" if complete else "blocked"})


@pytest.mark.parametrize(
    ("ranges", "inside"),
    [
        (("10.8.0.0/25",), ["plant"]),
        (("10.8.0.0/25", "10.7.0.0/24"), ["plant"]),
        (("10.9.0.7",), ["dmz"]),
        (("10.8.0.0/24", "10.9.0.0/24"), []),
        (("10.7.0.0/24",), ["office"]),
    ],
)
def test_a_bundle_was_inside_where_its_addresses_are(
    zones: dict[str, Zone], ranges: tuple[str, ...], inside: list[str]
) -> None:
    sweep = swept(*ranges, at=NOW)
    Sweep.objects.update(bundle=sweep.uid)
    insides = Insides(read_zones())
    assert [name for name, zone in zones.items() if sweep.pk in insides.of(zone)] == inside
    assert (sweep.pk in insides.of(None)) == (inside == ["office"])


def test_zones_of_addresses(zones: dict[str, Zone]) -> None:
    found = read_zones()
    addresses = read_intervals(("10.8.0.0/24", "10.7.0.0/24", "192.0.2.0/24"))
    assert [zone.name for zone in found.find(addresses)] == ["office", "plant"]
    assert [zone.name for zone in found.find_sides(addresses)] == ["plant"]
    assert found.count_others(addresses, zones["plant"]) == 512
    check_one_zone(addresses)
    with pytest.raises(Refused, match=r"in several closed zones \(dmz, plant\)"):
        check_one_zone(read_intervals(("10.0.0.0/8",)))
    parts = split_subnets(list(Subnet.objects.all()))
    assert (parts[0].subnet.range, count(parts[0].own)) == ("10.0.0.0/8", (1 << 24) - 512)
    zones["office"].blocked = "firewall 7"
    assert [is_closed(zone) for zone in (None, zones["office"], zones["plant"])] == [False, True, True]


def test_many_subnets_cost_no_more_queries_than_one(django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    document_subnets("10.0.0.0/24")
    ranges = [f"10.20.{number}.0/24" for number in range(200)]
    record_seen_subnets(ranges, Source(kind="scan", name="x"), NOW)
    swept("10.20.0.0/20", at=NOW, web=["10.20.3.3"])
    with django_assert_max_num_queries(30):
        found = measure_coverage(NOW)
    assert [each.complete for each in found.unknown] == [True] * 16 + [False] * 184
