"""A played switch does what a real one does, on a file, and ends its changes itself."""

from pathlib import Path

import pytest

from codered.model.errors import WrongUse
from codered_hq.config import DeviceConfig, read_config
from codered_hq.devices.carrying_out import is_in_place, take_back
from codered_hq.devices.drivers import open_driver
from codered_hq.devices.played_switches import RANGE_FOLDER
from codered_hq.model.device import ControlOrder, DeviceFailed
from tests.fixtures.carried_out import put_in_place
from tests.fixtures.small_ranges import write_small_range

SWITCH = "sw-ulm-1"
ORDERS = [
    ControlOrder(kind="disable_port", device=SWITCH, label="a", port="ge-0/0/1"),
    ControlOrder(kind="move_vlan", device=SWITCH, label="b", port="ge-0/0/2", vlan=999),
    ControlOrder(kind="shut_vlan", device=SWITCH, label="c", vlan=101),
    ControlOrder(kind="block_address", device=SWITCH, label="d", networks=("10.20.1.10/32",)),
]


@pytest.fixture
def device(headquarters: Path) -> DeviceConfig:
    write_small_range(headquarters)
    return next(each for each in read_config(headquarters).devices if each.name == SWITCH)


@pytest.mark.parametrize("order", ORDERS, ids=lambda order: order.kind)
def test_it_is_put_in_place_and_taken_back(device: DeviceConfig, order: ControlOrder) -> None:
    driver = open_driver(device)
    done = put_in_place(driver, order, 3_600)
    assert done.changed
    assert done.timer.where == "device"
    assert is_in_place(driver, order, done.before)
    take_back(driver, order, done.before)
    assert driver.read_state(order) == done.before


def test_the_change_is_over_when_its_time_is_up(device: DeviceConfig) -> None:
    driver = open_driver(device)
    before = driver.read_state(ORDERS[0])
    driver.change(ORDERS[0], before, -1)
    assert driver.read_state(ORDERS[0]) == before


def test_an_earlier_change_of_another_order_stays(device: DeviceConfig) -> None:
    driver = open_driver(device)
    vlan, port = ORDERS[2], ORDERS[0]
    put_in_place(driver, vlan, 0)
    assert not put_in_place(driver, port, 0).changed
    assert driver.read_state(port).values == {"admin": "down"}


def test_a_port_that_is_not_there_and_a_switch_that_is_away_are_told(device: DeviceConfig, headquarters: Path) -> None:
    driver = open_driver(device)
    with pytest.raises(DeviceFailed, match="has no port ge-9"):
        driver.read_state(ControlOrder(kind="disable_port", device=SWITCH, label="x", port="ge-9"))
    (headquarters / RANGE_FOLDER / f"{SWITCH}.json").unlink()
    with pytest.raises(DeviceFailed, match="no answer"):
        driver.read_state(ORDERS[0])


@pytest.mark.parametrize(
    ("toml", "what"),
    [
        ('[[devices]]\nname = "a"\naddress = "10.0.0.1"\ndriver = "simulated"\n', "driver simulated"),
        ('exercise = "simulated"\n[[devices]]\nname = "a"\naddress = "10.0.0.1"\ndriver = "snmp"\n', "driver snmp"),
        ('exercise = "simulated"\n[[notify]]\nname = "a"\nway = "mail"\nurl = "smtp://127.0.0.1:1"\n', "tells nobody"),
        ('exercise = "simulated"\n[[snmp]]\ndevices = ["10.0.0.1"]\ncommunity = "x"\n', "asks and tells nobody"),
    ],
)
def test_played_and_real_never_meet_in_one_headquarters(headquarters: Path, toml: str, what: str) -> None:
    headquarters.mkdir(mode=0o700)
    place = headquarters / "headquarters.toml"
    place.touch(mode=0o600)
    place.write_text(toml)
    with pytest.raises(WrongUse, match=what):
        read_config(headquarters)
