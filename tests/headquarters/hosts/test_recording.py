"""An inventory is taken whole, and again without a change."""

import pytest
from django.db import OperationalError, transaction

from codered_hq.hosts.models import Host, ImportRun, Owner, Place, ScanPoint, Subnet, Zone
from codered_hq.hosts.recording import record_hosts, record_inventory, record_seen_subnets
from codered_hq.model.inventory import (
    HostRecord,
    Inventory,
    OwnerRecord,
    PlaceRecord,
    ScanPointRecord,
    Skipped,
    Source,
    SubnetRecord,
    ZoneRecord,
)
from tests.fixtures.inventories import NOW

pytestmark = pytest.mark.django_db
SOURCE = Source(kind="yaml", name="enterprise.yaml")
WHOLE = Inventory(
    source=SOURCE,
    zones=(ZoneRecord(name="plant", kind="protected", blocked="firewall 7"),),
    subnets=(SubnetRecord(range="10.1.0.9/24", vlan=20, zone="plant", owner="ops", tags=("ot",)),),
    owners=(OwnerRecord(name="ops", mail="ops@example.test"),),
    scan_points=(ScanPointRecord(name="p1", zone="plant", minion="p1.plant"),),
    hosts=(HostRecord(name="web", mac="02:00:00:00:00:01", address="10.1.0.5"),),
    places=(PlaceRecord(mac="02:00:00:00:00:01", switch="sw1", switch_address="10.0.0.1", port="7", seen_at=NOW),),
    skipped=(Skipped(where="line 3", why="no address"),),
)


def test_all_of_it_and_twice_the_same() -> None:
    for _ in range(2):
        taken = record_inventory(WHOLE, NOW, sha256="f" * 64)
    assert taken.counts == {"zones": 1, "subnets": 1, "owners": 1, "scan_points": 1, "hosts": 1, "places": 1}
    subnet = Subnet.objects.get()
    assert (subnet.range, subnet.vlan, subnet.zone and subnet.zone.blocked) == ("10.1.0.0/24", 20, "firewall 7")
    assert (Owner.objects.get().mail, ScanPoint.objects.get().zone, Zone.objects.count()) == (
        "ops@example.test",
        subnet.zone,
        1,
    )
    assert Place.objects.get().host == Host.objects.get()
    assert [run.skipped for run in ImportRun.objects.all()] == [[["line 3", "no address"]]] * 2
    # what only routes show never overwrites what is documented
    record_seen_subnets(["10.1.0.0/24", "10.2.0.0/24"], Source(kind="scan", name="x"), NOW)
    assert sorted(Subnet.objects.values_list("range", "documented")) == [("10.1.0.0/24", True), ("10.2.0.0/24", False)]


def test_a_source_that_is_silent_changes_nothing() -> None:
    record_inventory(WHOLE, NOW)
    record_inventory(Inventory(source=SOURCE, subnets=(SubnetRecord(range="10.1.0.0/24", name="plant net"),)), NOW)
    subnet = Subnet.objects.get()
    assert (subnet.name, subnet.vlan, subnet.owner and subnet.owner.name) == ("plant net", 20, "ops")


def test_records_alone_keep_their_order_and_a_database_that_is_away_is_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows = [HostRecord(name=name) for name in ("b", "a", "b")]
    tries: list[int] = []
    real = transaction.Atomic.__enter__

    def refuse(self: transaction.Atomic) -> None:
        tries.append(1)
        if len(tries) == 1:
            raise OperationalError("database is locked")
        real(self)

    monkeypatch.setattr(transaction.Atomic, "__enter__", refuse)
    monkeypatch.setattr(
        "codered_hq.opening.connections",
        {"default": type("C", (), {"close": lambda _self: None, "in_atomic_block": False})()},
    )
    hosts = record_hosts(rows, SOURCE, NOW)
    assert ([host.label for host in hosts], len(tries) > 1) == (["b", "a", "b"], True)
