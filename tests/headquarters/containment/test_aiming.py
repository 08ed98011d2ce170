"""Where a machine is cut off, with whom, and what is missing if it can't be."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from codered.model.errors import Refused, RolledBack, WrongUse
from codered_hq.config import Config
from codered_hq.containment.aiming import aim
from codered_hq.containment.goals import Goal
from codered_hq.hosts.models import Host, Place
from codered_hq.opening import open_headquarters
from tests.fixtures.inventories import document_subnets, make_host
from tests.fixtures.played_devices import make_router, make_switch, make_tables, surround

pytestmark = pytest.mark.django_db
SWITCH, ROUTER = make_switch("sw1", "192.0.2.10"), make_router("r1", "10.1.0.0/16")
MAC, GUEST = "02:00:00:00:01:01", "02:00:00:00:01:02"


@pytest.fixture(autouse=True)
def host(headquarters: Path, monkeypatch: pytest.MonkeyPatch) -> Host:
    open_headquarters()
    monkeypatch.setattr("codered_hq.containment.aiming.ask_all", lambda *_: {})
    return make_host("worm", "10.1.0.5", mac=MAC)


def test_a_host_at_its_port_with_whoever_is_behind_it(host: Host) -> None:
    around = surround(Config(devices=(SWITCH, ROUTER)), make_tables(SWITCH.address, {"p1": [MAC, GUEST], "p2": []}))
    found = aim(Goal(do="host", host=host.pk), around)
    assert (found.kind, found.target, found.guard) == ("disable_port", f"host #{host.pk}", "")
    assert [(order.device, order.port) for order in found.orders] == [("sw1", "p1")]
    assert [(each.host, each.name) for each in found.subjects] == [(host.pk, "worm"), (0, GUEST)]
    assert (found.mac, found.addresses) == (MAC, ("10.1.0.5",))
    moved = aim(Goal(do="host", host=host.pk, quarantine=True), around)
    assert (moved.kind, moved.orders[0].vlan) == ("move_vlan", 66)
    port = aim(Goal(do="port", switch="sw1", port="p1"), around)
    assert (port.target, port.subjects) == ("port sw1 p1", found.subjects)
    with pytest.raises(WrongUse, match="no port of this name"):
        aim(Goal(do="port", switch="sw1", port="p9"), around)


def test_a_host_behind_no_port_of_ours_is_blocked_where_it_is_routed(host: Host) -> None:
    config = Config(devices=(SWITCH, ROUTER))
    found = aim(Goal(do="host", host=host.pk), surround(config, make_tables(SWITCH.address, {"p1": []})))
    assert (found.kind, found.orders[0].networks) == ("block_address", ("10.1.0.5/32",))
    assert "its own subnet still reaches it" in found.notes[0]
    with pytest.raises(RolledBack, match="not read: sw1"):
        aim(Goal(do="host", host=host.pk), surround(Config(devices=(SWITCH,))))
    elsewhere = make_host("far", "172.16.0.1")
    with pytest.raises(Refused, match="no MAC of it is known; and no router"):
        aim(Goal(do="host", host=elsewhere.pk), surround(config, make_tables(SWITCH.address, {"p1": []})))


def test_a_silent_host_is_where_it_was_seen_within_the_hour(host: Host) -> None:
    config = Config(devices=(SWITCH,))
    around = surround(config, make_tables(SWITCH.address, {"p1": [], "p2": []}))
    at = datetime.now(UTC)
    Place.objects.create(
        host=host, mac=MAC, switch="sw1", switch_address=SWITCH.address, port="p2", first_seen=at, last_seen=at
    )
    found = aim(Goal(do="host", host=host.pk), around)
    assert (found.orders[0].port, found.subjects[0].host) == ("p2", host.pk)
    assert "silent now" in found.notes[-1]


def test_a_vlan_and_a_subnet_are_all_machines_in_them(host: Host) -> None:
    document_subnets("10.1.0.0/24", vlan=20)  # type: ignore[arg-type]
    other = make_host("quiet", "10.1.0.77")
    make_host("outside", "10.1.9.1")
    config = Config(devices=(SWITCH, ROUTER))
    around = surround(config, make_tables(SWITCH.address, {"p1": [f"{MAC}/20"], "p2": [f"{GUEST}/20"]}))
    found = aim(Goal(do="vlan", vlan=20), around)
    assert [each.host for each in found.subjects] == [host.pk, other.pk, 0]
    assert (found.target, found.orders[0].kind) == ("vlan 20", "shut_vlan")
    subnet = aim(Goal(do="subnet", networks=("10.1.0.0/24",)), around)
    assert ([each.host for each in subnet.subjects], subnet.kind) == ([host.pk, other.pk], "block_subnet")
    alone = aim(Goal(do="block", networks=("10.1.44.4/32",)), around)
    assert [(each.host, each.name) for each in alone.subjects] == [(0, "10.1.44.4")]
    with pytest.raises(Refused, match="no router or firewall"):
        aim(Goal(do="block", networks=("172.16.0.1/32",)), around)
