"""Coverage: each address has one state with a reason, the numbers add up, and silence is not taken for an answer."""

import ipaddress
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from codered_hq.hosts.models import ScanPoint, Zone
from codered_hq.hosts.recording import record_seen_subnets
from codered_hq.model.inventory import HostRecord, Source
from codered_hq.probing.sockets import BROADCAST
from codered_hq.sweeps.coverage import Coverage, CoveredSubnet, measure_coverage
from codered_hq.sweeps.models import Sweep, SweptAddress
from tests.fixtures.inventories import HOUR, NOW, document_subnets, make_host, record
from tests.fixtures.sweeps import fill, make_permit, make_sweep, swept

pytestmark = pytest.mark.django_db
SMALL = st.tuples(st.integers(0, 1023), st.integers(24, 32)).map(
    lambda found: str(ipaddress.ip_network((0x0A000000 + found[0], found[1]), strict=False))
)


def row(coverage: Coverage, text: str) -> CoveredSubnet:
    return next(each for each in (*coverage.subnets, *coverage.unknown) if each.range == text)


def test_each_state_with_its_reason() -> None:
    document_subnets("10.1.0.0/24", "10.2.0.0/24", "10.3.0.0/24", "10.4.0.0/24", "10.5.0.0/24", owner="ann")
    swept("10.1.0.0/24", at=NOW - HOUR, clean=["10.1.0.9"], filtered=["10.1.0.2"], undetermined=["10.1.0.3"])
    swept("10.2.0.0/24", at=NOW - 30 * HOUR, clean=["10.2.0.1"])
    swept("10.3.0.0/25", at=NOW, clean=["10.3.0.1"])
    swept("10.4.0.0/24", "10.4.1.0/30", at=NOW, permit=make_permit(ranges="[10.4.0.0/26, 10.4.1.0/30]"))
    record_seen_subnets(("10.9.0.0/24",), Source(kind="scan", name="x"), NOW)
    found = measure_coverage(NOW)
    assert row(found, "10.1.0.0/24").counts == {"silent": 253, "answered": 2, "refused": 1}
    stale = row(found, "10.2.0.0/24")
    assert (stale.counts, stale.reasons) == ({"stale": 256}, {"stale": "last heard of 2026-11-20 21:00"})
    assert row(found, "10.3.0.0/24").counts == {"answered": 1, "silent": 127, "never_swept": 128}
    assert row(found, "10.4.0.0/24").counts == {"silent": 64, "not_authorised": 192}
    assert row(found, "10.5.0.0/24").reasons == {"never_swept": "no sweep has asked it"}
    assert (row(found, "10.9.0.0/24").documented, found.complete, found.total) == (False, False, 5 * 256)
    assert sum(found.counts.values()) == found.total
    assert [each.range for each in found.subnets if each.complete] == ["10.1.0.0/24"]
    assert row(measure_coverage(NOW, timedelta(hours=48)), "10.2.0.0/24").complete
    part = measure_coverage(NOW, scope=("10.3.0.0/25", "10.4.1.0/30"))
    assert (part.complete, part.total, part.counts) == (True, 132, {"answered": 1, "silent": 131})


def test_a_router_that_refuses_for_all_behind_it_is_a_block() -> None:
    document_subnets("10.1.0.0/24")
    others = [f"10.1.0.{number}" for number in range(2, 256)]
    swept("10.1.0.0/24", at=NOW, not_web=["10.1.0.1"], filtered=others)
    found = row(measure_coverage(NOW), "10.1.0.0/24")
    assert (found.complete, found.counts) == (False, {"answered": 1, "silent": 1, "blocked": 254})
    assert "refuses" in found.reasons["blocked"]
    record(HostRecord(address="10.1.0.5", name="alive", seen_at=NOW, until=NOW + HOUR), kind="kea")
    swept("10.1.0.0/24", at=NOW, not_web=["10.1.0.1"])
    assert row(measure_coverage(NOW), "10.1.0.0/24").counts == {"answered": 1, "blocked": 255}
    swept("10.1.0.0/24", at=NOW + HOUR, web=["10.1.0.1", "10.1.0.9"], filtered=others[20:])
    assert row(measure_coverage(NOW), "10.1.0.0/24").counts == {"answered": 2, "silent": 20, "blocked": 234}


def test_broadcast_addresses_are_no_gap() -> None:
    document_subnets("10.1.0.0/24")
    swept("10.1.0.0/24", at=NOW, not_asked=["10.1.0.255", "10.1.0.7"])
    assert row(measure_coverage(NOW), "10.1.0.0/24").counts == {"silent": 254, "not_asked": 2}
    SweptAddress.objects.filter(address="10.1.0.255").update(reason=BROADCAST)
    assert row(measure_coverage(NOW), "10.1.0.0/24").counts == {"silent": 255, "not_asked": 1}


def test_a_broadcast_address_inside_a_zone_outweighs_silence_from_outside() -> None:
    document_subnets("10.1.0.0/24", zone="plant")
    zone = Zone.objects.get(name="plant")
    Zone.objects.filter(pk=zone.pk).update(kind="protected", blocked="a firewall")
    swept("10.1.0.0/24", at=NOW)
    assert row(measure_coverage(NOW), "10.1.0.0/24").counts == {"blocked": 256}
    inside = swept("10.1.0.0/24", at=NOW, web=["10.1.0.9"], not_asked=["10.1.0.255", "10.1.0.7"])
    inside.point = ScanPoint.objects.create(name="point1", zone=zone)
    inside.save()
    SweptAddress.objects.filter(address="10.1.0.255").update(reason=BROADCAST)
    found = row(measure_coverage(NOW), "10.1.0.0/24")
    assert found.counts == {"answered": 1, "silent": 254, "blocked": 1}  # nobody asked .7 from inside


def test_silence_although_leases_are_current_is_a_block() -> None:
    document_subnets("10.1.0.0/24", "10.2.0.0/24", "10.3.0.0/24")
    for address, kind in (("10.1.0.5", "dnsmasq"), ("10.2.0.5", "csv"), ("10.3.0.5", "kea")):
        record(HostRecord(address=address, name=f"h{address[3]}", seen_at=NOW, until=NOW + HOUR), kind=kind)
    swept("10.1.0.0/24", "10.2.0.0/24", "10.3.0.0/24", at=NOW, not_web=["10.3.0.9"])
    found = measure_coverage(NOW)
    assert row(found, "10.1.0.0/24").reasons == {"blocked": "silent although 1 hosts are known there"}
    assert (row(found, "10.2.0.0/24").complete, row(found, "10.3.0.0/24").complete) == (False, True)
    assert not row(measure_coverage(NOW + 2 * HOUR), "10.1.0.0/24").reasons  # the lease ended


def test_a_firewall_that_drops_all_hides_documented_and_old_hosts() -> None:
    document_subnets("10.1.0.0/24", "10.2.0.0/24", "10.3.0.0/24", "10.4.0.0/24")
    documented = tuple(HostRecord(name=f"srv{number}", address=f"10.1.0.{number}") for number in range(10, 60))
    record(*documented, kind="netbox")
    record(HostRecord(name="old", address="10.2.0.5", seen_at=NOW - 90 * HOUR), kind="scan")
    record(HostRecord(name="router", address="10.3.0.1"), HostRecord(name="other", address="10.4.0.1"), kind="csv")
    swept("10.1.0.0/24", "10.2.0.0/24", "10.3.0.0/24", "10.4.0.0/24", at=NOW, not_web=["10.4.0.1"])
    found = measure_coverage(NOW)
    assert row(found, "10.1.0.0/24").reasons == {"blocked": "silent although 50 hosts are known there"}
    assert row(found, "10.1.0.0/24").counts == {"blocked": 256}
    assert row(found, "10.2.0.0/24").reasons == {"blocked": "silent although 1 hosts are known there"}
    assert (row(found, "10.3.0.0/24").complete, row(found, "10.4.0.0/24").complete) == (False, True)


def test_overlaps_are_not_counted_twice() -> None:
    document_subnets("10.0.0.0/22", "10.0.1.0/24", "10.0.1.128/25", "10.0.1.128/26")
    swept("10.0.0.0/23", at=NOW, web=["10.0.1.130", "10.0.1.200", "10.0.1.5"])
    found = measure_coverage(NOW)
    assert [(each.range, each.total) for each in found.subnets] == [
        ("10.0.0.0/22", 768), ("10.0.1.0/24", 128), ("10.0.1.128/25", 64), ("10.0.1.128/26", 64),
    ]  # fmt: skip
    assert [each.counts.get("answered", 0) for each in found.subnets] == [0, 1, 1, 1]
    assert (found.total, found.counts["silent"]) == (1024, 509)


def test_large_ipv6_counts_known_addresses_alone() -> None:
    document_subnets("fd00:1::/64", "fd00:2::/64", "fd00:3::/120")
    make_host("web", "fd00:1::13")
    make_host("old", "fd00:1::14")
    swept("fd00:1::13", at=NOW, clean=["fd00:1::13"])
    found = measure_coverage(NOW)
    assert row(found, "fd00:1::/64").counts == {"answered": 1, "never_swept": 1}
    assert (row(found, "fd00:1::/64").listed, row(found, "fd00:2::/64").total) == (True, 0)
    assert "no address in it is known" in row(found, "fd00:2::/64").reasons["never_swept"]
    assert row(found, "fd00:3::/120").counts == {"never_swept": 256}


def test_answers_outside_of_everything_are_told() -> None:
    swept("10.77.0.0/30", at=NOW, web=["10.77.0.1"])
    found = measure_coverage(NOW)
    assert (found.outside, found.complete, found.total) == (("10.77.0.1",), False, 0)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(SMALL, max_size=4, unique=True), st.lists(st.tuples(SMALL, st.integers(-40, 0), st.booleans()), max_size=4)
)
def test_the_numbers_add_up(documented: list[str], sweeps: list[tuple[str, int, bool]]) -> None:
    from codered_hq.hosts.models import Subnet

    Subnet.objects.all().delete()
    Sweep.objects.all().delete()
    document_subnets(*documented)
    for text, hours, whole in sweeps:
        first = text.partition("/")[0]
        if whole:
            swept(text, at=NOW + hours * HOUR, infected=[first])
        else:
            fill(make_sweep(text, at=NOW + hours * HOUR), NOW + hours * HOUR, {"web": [first]})
    found = measure_coverage(NOW)
    union = {int(number) for text in documented for number in map(int, ipaddress.ip_network(text))}
    asked = {int(number) for text, _, _ in sweeps for number in map(int, ipaddress.ip_network(text))}
    assert found.total == sum(found.counts.values()) == sum(each.total for each in found.subnets) == len(union)
    assert all(sum(each.counts.values()) == each.total for each in found.subnets)
    assert found.counts.get("never_swept", 0) == len(union - asked)


def test_where_hosts_are_is_a_subnet_that_nobody_documented() -> None:
    document_subnets("10.1.0.0/24", "10.2.0.0/25")
    swept("10.1.0.0/24", "10.2.0.0/25", at=NOW, web=["10.1.0.9", "10.2.0.9"])
    assert measure_coverage(NOW).complete
    for number, address in enumerate(("10.1.0.5", "10.2.0.200", "10.66.0.7", "fd00:66::7", "fe80::1", "127.0.0.1")):
        record(HostRecord(name=f"h{number}", address=address, seen_at=NOW - HOUR), kind="dnsmasq")
    found = measure_coverage(NOW)
    told = [(each.range, each.total, each.listed, each.documented) for each in found.unknown]
    assert told == [
        ("10.2.0.0/24", 128, False, False), ("10.66.0.0/24", 256, False, False), ("fd00:66::/64", 1, True, False),
    ]  # fmt: skip
    assert (found.complete, found.total, found.counts.get("never_swept", 0)) == (False, 384, 0)
    swept("10.66.0.0/24", "10.2.0.128/25", "fd00:66::7", at=NOW, web=["10.66.0.7", "10.2.0.200", "fd00:66::7"])
    assert all(each.complete for each in measure_coverage(NOW).unknown)


def test_a_part_of_a_subnet_is_told_as_one() -> None:
    document_subnets("10.1.0.0/24", "fd00::/64")
    swept("10.1.0.5", "fd00::9", at=NOW, clean=["10.1.0.5", "fd00::9"])
    found = measure_coverage(NOW, scope=("10.1.0.5", "fd00::9"))
    told = [(each.range, each.total, each.listed, each.partial) for each in found.subnets]
    assert told == [("10.1.0.0/24", 1, False, True), ("fd00::/64", 1, True, True)]
    assert not any(each.partial for each in measure_coverage(NOW).subnets)
