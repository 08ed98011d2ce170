"""What whoever has an address answers to anybody who asks: it proves nothing about another host."""

import pytest

from codered_hq.hosts.finding import find_host_at
from codered_hq.hosts.gaps import find_gaps
from codered_hq.hosts.hearsay import find_unproven, leave_out, note_told
from codered_hq.hosts.models import Claim, Host
from codered_hq.model.inventory import HostRecord
from tests.fixtures.inventories import NOW, make_host, record

pytestmark = pytest.mark.django_db
MAC = "02:00:00:00:00:01"


def test_the_mac_and_name_of_another_host_move_nothing() -> None:
    victim = record(HostRecord(mac=MAC, netbios="db1", name="db1", address="10.0.0.1", seen_at=NOW)).hosts[0]
    liar = make_host("", "10.0.9.66", mac="66:66:66:66:66:66")
    for kind, said in (
        ("netbios", HostRecord(netbios="x", mac=MAC, address="10.0.9.66", seen_at=NOW)),
        ("netbios", HostRecord(netbios="db1", address="10.0.9.66", seen_at=NOW)),
        ("multicast", HostRecord(name="db1", address="10.0.9.66", seen_at=NOW)),
    ):
        assert record(said, kind=kind).hosts == (liar,), said
    assert (find_host_at("10.0.0.1"), find_host_at("10.0.9.66")) == (victim, liar)
    unknown = record(HostRecord(netbios="db1", address="10.0.9.67", seen_at=NOW), kind="netbios").hosts[0]
    assert unknown not in (victim, liar)
    assert set(Claim.objects.filter(host=liar).values_list("kind", "value")) == {
        ("mac told", MAC), ("netbios told", "db1"), ("name told", "db1"),
    }  # fmt: skip
    conflicts = {(gap.kind, gap.about) for gap in find_gaps(NOW) if gap.kind.startswith("conflict")}
    assert {("conflict: mac", "x"), ("conflict: netbios", "x"), ("conflict: name", "x")} <= conflicts


def test_what_others_confirm_counts() -> None:
    host = make_host("", "10.0.0.1", mac=MAC)
    said = HostRecord(netbios="web1", mac=MAC, address="10.0.0.1", seen_at=NOW)
    assert find_unproven(said, "netbios") == set()
    assert find_unproven(said, "arp") == set()
    assert record(said, kind="netbios").hosts == (host,)
    # a host that is known by its name alone is found by it
    lost = record(HostRecord(name="lost", owner="shop"), kind="csv").hosts[0]
    assert record(HostRecord(name="lost", address="10.0.0.9", seen_at=NOW), kind="multicast").hosts == (lost,)
    assert leave_out(said, {("mac", MAC), ("name", "other")}).mac == ""
    note_told([(host, ("mac", "m")), (host, ("mac", "m"))], "x", NOW)
    assert (Claim.objects.filter(kind="mac told").count(), Host.objects.count()) == (1, 2)
