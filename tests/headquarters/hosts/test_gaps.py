"""What the inventory does not know, or knows twice."""

from datetime import timedelta

import pytest

from codered_hq.hosts.gaps import find_gaps
from codered_hq.hosts.models import Place
from codered_hq.hosts.recording import record_seen_subnets
from codered_hq.model.inventory import HostRecord, Source
from tests.fixtures.inventories import NOW, document_subnets, make_host, record

pytestmark = pytest.mark.django_db


def kinds() -> set[tuple[str, str]]:
    return {(gap.kind, gap.about) for gap in find_gaps(NOW)}


def test_a_whole_inventory_has_no_gap() -> None:
    document_subnets("10.1.0.0/24")
    make_host("a", "10.1.0.5", owner="shop")
    assert kinds() == set()


def test_every_kind_of_gap() -> None:
    document_subnets("10.1.0.0/16", zone="office")
    document_subnets("10.1.7.0/24", zone="plant", zone_kind="protected")
    document_subnets("10.1.8.0/24", zone="office")
    record_seen_subnets(["10.66.0.0/24", "10.1.8.0/24"], Source(kind="scan", name="router"), NOW)
    make_host("outside", "10.9.0.1", owner="shop")
    make_host("orphan", "10.1.0.1")
    record(
        HostRecord(name="x", mac="02:00:00:00:00:01", owner="a"),
        HostRecord(name="x", mac="02:00:00:00:00:02", owner="a"),
    )
    record(HostRecord(name="outside", owner="other"), kind="csv")
    old = record(HostRecord(name="old", owner="shop", seen_at=NOW - timedelta(days=40))).hosts[0]
    old.addresses.create(
        address="10.1.0.1", number="0" * 20 + "ffff0a010001", source="hand", first_seen=NOW, last_seen=NOW
    )
    for port in ("1", "2"):
        Place.objects.create(mac="02:00:00:00:00:09", switch="s", port=port, first_seen=NOW, last_seen=NOW)
    assert kinds() == {
        ("overlap", "10.1.7.0/24"), ("unknown subnet", "10.66.0.0/24"), ("zone out of reach", "plant"),
        ("outside", "outside 10.9.0.1"), ("no owner", "orphan"), ("shared name", "x"),
        ("contested address", "10.1.0.1"), ("conflict: owner", "outside"), ("two ports", "02:00:00:00:00:09"),
        ("stale", "old"),
    }  # fmt: skip
    advice = next(gap.advice for gap in find_gaps(NOW) if gap.kind == "zone out of reach")
    assert advice.endswith("codered sweep --zone plant --bundle -o FILE.zip")
