"""An exported inventory comes back as the same hosts."""

import pytest

from codered_hq.hosts.inventories import make_inventory
from codered_hq.hosts.models import Host, ScanPoint, Subnet
from codered_hq.hosts.recording import record_inventory
from codered_hq.hosts.views import view_hosts
from codered_hq.model.inventory import HostRecord, Inventory, ScanPointRecord, Source, SubnetRecord, ZoneRecord
from tests.fixtures.inventories import NOW, record

pytestmark = pytest.mark.django_db


def test_out_and_in_again() -> None:
    record_inventory(
        Inventory(
            source=Source(kind="yaml", name="x"),
            zones=(ZoneRecord(name="plant", kind="protected", blocked="fw"),),
            subnets=(SubnetRecord(range="10.1.0.0/24", zone="plant", owner="ops", tags=("ot",)),),
            scan_points=(ScanPointRecord(name="p", zone="plant", minion="m"),),
        ),
        NOW,
    )
    record(
        HostRecord(name="web", mac="02:00:00:00:00:01", address="10.1.0.5", owner="shop", tags=("web",), seen_at=NOW),
        HostRecord(mac="02:00:00:00:00:02", criticality="vital"),
    )
    first = make_inventory(view_hosts(Host.objects.order_by("pk")))
    for model in (Host, Subnet, ScanPoint):
        model.objects.all().delete()
    record_inventory(first, NOW)
    assert make_inventory(view_hosts(Host.objects.order_by("pk"))) == first
    assert [host.name for host in first.hosts] == ["web", ""]
