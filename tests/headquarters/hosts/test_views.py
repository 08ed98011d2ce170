"""A host as it is shown: everything it is known by, with source and age."""

import msgspec
import pytest

from codered_hq.hosts.models import Host
from codered_hq.hosts.recording import record_inventory
from codered_hq.hosts.views import HostView, view_hosts
from codered_hq.model.inventory import HostRecord, Inventory, PlaceRecord, Source
from tests.fixtures.inventories import HOUR, NOW, document_subnets, record

pytestmark = pytest.mark.django_db
MAC = "02:00:00:00:00:01"


def test_all_of_a_host() -> None:
    document_subnets("10.1.0.0/16", zone="plant", zone_kind="protected")
    record(HostRecord(name="web", mac=MAC, address="10.2.0.9", seen_at=NOW - HOUR, admins=("root", "ann")), kind="scan")
    record(HostRecord(name="web", mac=MAC, address="10.1.0.5", seen_at=NOW, owner="shop"))
    record(HostRecord(name="web", owner="ops"), kind="csv")
    place = PlaceRecord(
        mac=MAC, switch="sw", switch_address="10.0.0.2", port="7", vlan=3, description="room 4", seen_at=NOW
    )
    record_inventory(Inventory(source=Source(kind="snmp", name="sw"), places=(place,)), NOW)
    (view,) = view_hosts(Host.objects.all())
    assert (view.name, view.owner, view.zone, view.admins) == ("web", "ops", "plant", ("ann", "root"))
    assert [(use.address, use.current, use.subnet) for use in view.addresses] == [
        ("10.1.0.5", True, "10.1.0.0/16"), ("10.2.0.9", False, ""),
    ]  # fmt: skip
    assert [(each.switch, each.port, each.vlan, each.description) for each in view.places] == [("sw", "7", 3, "room 4")]
    (conflict,) = view.conflicts
    assert [(told.value, told.source) for told in conflict.said] == [("ops", "csv:leases"), ("shop", "dnsmasq:leases")]
    assert msgspec.json.decode(msgspec.json.encode(view), type=HostView) == view
