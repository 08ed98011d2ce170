"""Headquarters itself, its way out, its devices and scan points: by address and by MAC."""

from datetime import UTC, datetime

import pytest

from codered_hq.config import Config
from codered_hq.containment.lifelines import find_lifelines, list_gateways, list_local, list_own_macs
from codered_hq.hosts.models import ScanPoint, Zone
from codered_hq.resolving.switch_tables import ArpRow, SwitchTables
from tests.fixtures.inventories import make_host
from tests.fixtures.networks import HOST, HOST6, WORLD, WORLD6, inside, joined_namespaces
from tests.fixtures.played_devices import make_switch

ROUTES = "Iface\tDestination\tGateway\tFlags\neth0\t00000000\t0100000A\t0003\neth0\t0000000A\t00000000\t0001\n"
ROUTES6 = f"{'0' * 32} 00 {'0' * 32} 00 fd{'0' * 29}1 00000400 1 0 3 eth0\n"
TRIE = (
    "  +-- 10.0.0.0/8 2 0 2\n     |-- 10.0.0.5\n        /32 host LOCAL\n     |-- 10.0.0.6\n        /32 link UNICAST\n"
)


def test_what_linux_tells() -> None:
    assert list_gateways(ROUTES, ROUTES6) == ["10.0.0.1", "fd00::1"]
    assert list_gateways("", "") == []
    assert list_local(TRIE, f"fd{'0' * 29}7 02 40 00 80 eth0\n") == ["10.0.0.5", "fd00::7"]


@pytest.mark.django_db
def test_all_of_them() -> None:
    zone = Zone.objects.create(name="plant", kind="protected")
    ScanPoint.objects.create(name="point", zone=zone, address="10.7.0.1")
    make_host("point", "10.7.0.1", mac="02:00:00:00:07:01")
    switch = make_switch("sw1", "10.20.30.77")
    row = ArpRow(address="10.20.30.77", mac="02:00:00:00:07:77", port=1)
    table = SwitchTables(address="10.20.30.77", name="sw1", arp=(row,), seen_at=datetime.now(UTC))
    with joined_namespaces() as network, inside(network.host):
        own = list_own_macs()
        found = find_lifelines(Config(devices=(switch,)), [table])
    assert len(own) == 1
    assert {found.addresses[each] for each in (HOST, HOST6)} == {"headquarters itself"}
    assert {found.addresses[each] for each in (WORLD, WORLD6)} == {"the router of headquarters"}
    assert (found.addresses["10.7.0.1"], found.addresses["10.20.30.77"]) == ("the scan point point", "the way to sw1")
    assert found.macs[own[0]] == "headquarters itself"
    assert found.macs["02:00:00:00:07:01"] == "the scan point point (10.7.0.1)"
    assert found.macs["02:00:00:00:07:77"] == "the way to sw1 (10.20.30.77)"
