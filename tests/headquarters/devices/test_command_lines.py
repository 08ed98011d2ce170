"""A switch by its command line, over a real ssh connection: well-behaved and not."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from codered.model.errors import WrongUse
from codered_hq.config import DeviceConfig
from codered_hq.devices import carrying_out
from codered_hq.devices.carrying_out import take_back
from codered_hq.devices.command_lines import CommandLineDriver, read_dialects
from codered_hq.model.device import ControlOrder, DeviceFailed, NotTakenBack
from tests.fixtures.carried_out import put_in_place
from tests.fixtures.ios_talk import IosSwitch, Manner
from tests.fixtures.ssh_devices import running_ssh_device


def make_order(port: str = "Gi0/1", *, vlan: int = 0) -> ControlOrder:
    kind = "move_vlan" if vlan else "disable_port"
    return ControlOrder(kind=kind, device="sw1", label="cr-1", port=port, vlan=vlan)  # type: ignore[arg-type]


@pytest.fixture
def switch() -> IosSwitch:
    return IosSwitch()


@pytest.fixture
def config(switch: IosSwitch, tmp_path: Path) -> Iterator[DeviceConfig]:
    with running_ssh_device(tmp_path / "ssh", talk=switch.talk) as found:
        yield msgspec.structs.replace(found, name="sw1", driver="netmiko", platform="cisco_ios", seconds=1.0)


def test_a_port_goes_down_and_into_another_vlan_and_back(config: DeviceConfig, switch: IosSwitch) -> None:
    driver = CommandLineDriver(config)
    done = put_in_place(driver, make_order(), 120)
    assert done.before.values == {"admin": "up", "oper": "up"}
    assert (done.after.values, done.timer.where) == ({"admin": "down", "oper": "down"}, "none")
    assert "shutdown" in switch.ports["Gi0/1"]
    assert b"interface Gi0/2" in done.backup
    assert not put_in_place(driver, make_order(), 120).changed
    assert take_back(driver, make_order(), done.before).changed
    assert switch.ports["Gi0/1"] == ["switchport access vlan 20"]
    moved = put_in_place(driver, make_order(vlan=66), 0)
    assert (moved.before.values, switch.ports["Gi0/1"]) == ({"vlan": "20"}, ["switchport access vlan 66"])
    switch.ports["Gi0/1"] = ["switchport access vlan 30"]
    assert take_back(driver, make_order(vlan=66), moved.before).touched == ("vlan",)
    with pytest.raises(WrongUse, match="is a trunk"):
        put_in_place(driver, make_order("Gi0/2", vlan=66), 0)
    with pytest.raises(DeviceFailed, match="Invalid input"):
        put_in_place(driver, make_order("Gi0/9"), 0)
    for port in ("Gi0/1\nreload", "", "x" * 65, "Gi0/1;"):
        with pytest.raises(WrongUse, match="is no name of a port"):
            put_in_place(driver, make_order(port), 0)
    assert "reload" not in switch.heard
    switch.archive = True
    assert put_in_place(driver, make_order(), 90).timer.how == "configuration reverts after 2 min"
    assert "configure terminal revert timer 2" in switch.heard
    driver.close()


@pytest.mark.parametrize(("manner", "said"), [("idle", "says admin up"), ("cuts", "line broke"), ("hangs", "sw1: ")])
def test_one_that_misbehaves_is_told_and_nothing_is_assumed(
    config: DeviceConfig, switch: IosSwitch, monkeypatch: pytest.MonkeyPatch, manner: Manner, said: str
) -> None:
    monkeypatch.setattr(carrying_out, "PATIENCE", 0.2)
    switch.manner = manner
    driver = CommandLineDriver(config)
    with pytest.raises(DeviceFailed, match=said) as caught:
        put_in_place(driver, make_order(), 60)
    # An idle one is as before; of the others nobody can say that it was taken back.
    assert isinstance(caught.value, NotTakenBack) is (manner != "idle")
    assert "\n" not in str(caught.value)
    switch.manner = "good"
    assert driver.read_state(make_order()).values["admin"] == "up"
    driver.close()


def test_who_is_not_known_gets_no_password(config: DeviceConfig) -> None:
    Path(config.known_hosts).write_text("")
    with pytest.raises(DeviceFailed):
        CommandLineDriver(config).read_state(make_order())
    with pytest.raises(WrongUse, match="no words for platform 'x'"):
        CommandLineDriver(msgspec.structs.replace(config, platform="x"))
    assert list(read_dialects()) == ["cisco_ios", "arista_eos", "hp_procurve", "juniper_junos"]
