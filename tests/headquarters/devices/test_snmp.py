"""A real switch changed by SNMPv3: traffic is really cut, and comes back by the switch's own schedule."""

import subprocess
import time
from collections.abc import Iterator

import msgspec
import pytest

from codered.model.errors import WrongUse
from codered_hq.devices.carrying_out import renew_timer, take_back
from codered_hq.devices.snmp import SnmpDriver
from codered_hq.model.device import ControlKind, ControlOrder, DeviceFailed, DeviceSilent
from tests.fixtures.carried_out import put_in_place
from tests.fixtures.networks import inside
from tests.fixtures.ovs_switches import AUTH, QUARANTINE, USER, Switch

SCHEDULE = "1.3.6.1.2.1.63.1.2.1.20"


def make_order(kind: ControlKind, port: str = "", *, vlan: int = 0, label: str = "cr-1") -> ControlOrder:
    return ControlOrder(kind=kind, device="sw1", label=label, port=port, vlan=vlan)


@pytest.fixture
def driver(ovs_switch: Switch) -> Iterator[SnmpDriver]:
    with inside(ovs_switch.hq):
        made = SnmpDriver(ovs_switch.config())
        yield made
        made.close()


def list_schedule(switch: Switch) -> str:
    words = ["env", "MIBS=", "snmpwalk", "-v3", "-l", "authNoPriv", "-u", USER, "-a", "SHA-256", "-A", AUTH, "-On"]
    with inside(switch.hq):
        done = subprocess.run([*words, "10.99.0.2", SCHEDULE], capture_output=True, text=True, timeout=20, check=True)
    return "" if "No Such" in done.stdout else done.stdout


def test_a_port_is_cut_off_and_comes_back(ovs_switch: Switch, driver: SnmpDriver) -> None:
    first, second = ovs_switch.machines
    told: list[dict[str, str]] = []
    order = make_order("disable_port", "m1")
    done = put_in_place(driver, order, 3600, lambda _order, before, _backup: told.append(before.values))
    assert (done.before.values, done.after.values) == ({"admin": "up", "oper": "up"}, {"admin": "down", "oper": "down"})
    assert (told, done.timer.where) == ([{"admin": "up", "oper": "up"}], "device")
    assert b"dot1qPvid.3 = 20" in done.backup
    assert not ovs_switch.reaches(first.address, seconds=0.2)
    assert ovs_switch.reaches(second.address)
    assert list_schedule(ovs_switch)
    assert not put_in_place(driver, order, 3600).changed
    assert renew_timer(driver, order, done.before, 0).where == "none"
    assert not list_schedule(ovs_switch)
    assert "7200 s" in renew_timer(driver, order, done.before, 7200).how
    assert (list_schedule(ovs_switch).count("\n"), ovs_switch.is_up("m1")) == (1, False)
    assert take_back(driver, order, done.before).changed
    assert ovs_switch.reaches(first.address, seconds=2)
    assert not list_schedule(ovs_switch)
    assert not take_back(driver, order, done.before).changed

    # A label that was used by somebody who crashed is no obstacle; then the switch does it by itself.
    driver.change(order, done.before, 3600)
    driver.change(order, done.before, 1)
    until = time.monotonic() + 15
    while not ovs_switch.is_up("m1"):
        assert time.monotonic() < until, "the switch's schedule does nothing"
        time.sleep(0.05)
    assert not take_back(driver, order, done.before).changed
    assert not list_schedule(ovs_switch)


def test_a_port_moves_and_a_vlan_is_shut_without_its_trunks(ovs_switch: Switch, driver: SnmpDriver) -> None:
    moved = put_in_place(driver, make_order("move_vlan", "m1"), 3600)
    assert (moved.before.values, moved.after.values) == ({"vlan": "20"}, {"vlan": str(QUARANTINE)})
    assert not ovs_switch.reaches(ovs_switch.machines[0].address, seconds=0.2)
    assert take_back(driver, make_order("move_vlan", "m1"), moved.before).changed
    assert ovs_switch.reaches(ovs_switch.machines[0].address, seconds=2)

    shut = put_in_place(driver, make_order("shut_vlan", vlan=20), 3600)
    assert shut.before.values == {"port m1": "up", "port m2": "up"}, "hq-20 is kept"
    assert [ovs_switch.is_up(port) for port in ("hq-20", "m1", "m2")] == [True, False, False]
    # One of them was moved meanwhile: it is left and told, the other comes back.
    ovs_switch.say("set", "port", "m2", "tag=30")
    until = time.monotonic() + 5
    while "port m2" in driver.read_state(make_order("shut_vlan", vlan=20)).values:
        assert time.monotonic() < until
    back = take_back(driver, make_order("shut_vlan", vlan=20), shut.before)
    assert (back.changed, back.touched) == (True, ("port m2",))
    assert [ovs_switch.is_up(port) for port in ("m1", "m2")] == [True, False]
    ovs_switch.say("set", "port", "m2", "tag=20")
    driver.undo(make_order("disable_port", "m2"), shut.before)


def test_what_it_refuses(ovs_switch: Switch, driver: SnmpDriver) -> None:
    for order, said in (
        (make_order("disable_port", "hq"), "in keep_ports"),
        (make_order("shut_vlan", vlan=77), "no access port of VLAN 77"),
        (make_order("move_vlan", "m1", vlan=4095), "no VLAN to move to"),
    ):
        with pytest.raises(WrongUse, match=said):
            put_in_place(driver, order, 60)
    with pytest.raises(DeviceFailed, match="has no port m77"):
        put_in_place(driver, make_order("disable_port", "m77"), 60)
    with pytest.raises(WrongUse, match="can't block_address by SNMP"):
        driver.find_outcome(make_order("block_address"), driver.read_state(make_order("disable_port", "m1")))
    config = ovs_switch.config()
    wrong = SnmpDriver(msgspec.structs.replace(config, auth_password="wrong-words"))
    with pytest.raises(DeviceFailed, match="sw1: SNMP: "):
        wrong.read_state(make_order("disable_port", "m1"))
    wrong.close()
    silent = SnmpDriver(msgspec.structs.replace(config, port=1161, seconds=0.2))
    with pytest.raises(DeviceSilent):
        silent.read_state(make_order("disable_port", "m1"))
    silent.close()
    assert all(ovs_switch.is_up(port) for port in ("hq", "m1", "m2"))
