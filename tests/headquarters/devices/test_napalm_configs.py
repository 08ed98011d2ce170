"""NAPALM's way, with a library of the test's own that has NAPALM's names and arguments (it is not among our pins)."""

import sys
from types import ModuleType
from typing import Any

import msgspec
import pytest

from codered.model.errors import WrongUse
from codered_hq.config import DeviceConfig
from codered_hq.devices import carrying_out
from codered_hq.devices.carrying_out import take_back
from codered_hq.devices.napalm_configs import NapalmDriver
from codered_hq.model.device import ControlOrder, DeviceFailed
from tests.fixtures.carried_out import put_in_place

CONFIG = DeviceConfig(
    name="sw1", address="127.0.0.1", driver="napalm", platform="ios", user="me", keep_ports=("Gi0/9",)
)
ORDER = ControlOrder(kind="disable_port", device="sw1", label="cr-1", port="Gi0/1")


class NapalmException(Exception):
    """As NAPALM's."""


class Device:
    """A device with a candidate, and a commit that waits for its confirmation."""

    def __init__(
        self,
        hostname: str,
        username: str,
        password: str,
        timeout: int = 60,
        optional_args: dict[str, Any] | None = None,
    ) -> None:
        self.up, self.candidate, self.pending, self.reverts = True, "", False, True
        self.idle = False

    def open(self) -> None:
        if not self.reverts:
            raise NapalmException("can't connect\nin two lines")

    def close(self) -> None: ...

    def get_interfaces(self) -> dict[str, dict[str, Any]]:
        return {"Gi0/1": {"is_enabled": self.up, "is_up": self.up}, "Gi0/9": {"is_enabled": True, "is_up": True}}

    def get_config(self, retrieve: str = "all", **_more: object) -> dict[str, str]:
        return {"running": "interface Gi0/1"}

    def load_merge_candidate(self, filename: str | None = None, config: str | None = None) -> None:
        self.candidate = config or ""

    def compare_config(self) -> str:
        return "" if self.up == self.candidate.endswith("no shutdown") else f"+{self.candidate}"

    def commit_config(self, message: str = "", revert_in: int | None = None) -> None:
        if revert_in and not self.reverts:
            raise NotImplementedError
        self.pending = bool(revert_in)
        if not self.idle:
            self.up = self.candidate.endswith("no shutdown")

    def discard_config(self) -> None:
        self.candidate = ""

    def has_pending_commit(self) -> bool:
        return self.pending

    def confirm_commit(self) -> None:
        self.pending = False


@pytest.fixture
def device(monkeypatch: pytest.MonkeyPatch) -> Device:
    made = Device("", "", "")
    library, base, errors = (ModuleType(name) for name in ("napalm", "napalm.base", "napalm.base.exceptions"))
    vars(errors)["NapalmException"] = NapalmException
    vars(base)["exceptions"] = errors
    vars(library).update(base=base, get_network_driver=lambda _name: lambda *_args, **_more: made)
    for module in (library, base, errors):
        monkeypatch.setitem(sys.modules, module.__name__, module)
    return made


def test_down_with_a_timer_and_up_again(device: Device, monkeypatch: pytest.MonkeyPatch) -> None:
    driver = NapalmDriver(CONFIG)
    done = put_in_place(driver, ORDER, 60)
    assert (done.timer.how, device.pending, device.up) == ("commit with revert_in 60 s", True, False)
    assert done.backup == b"interface Gi0/1"
    assert take_back(driver, ORDER, done.before).after.values == {"admin": "up", "oper": "up"}
    assert not device.pending, "what waits for its confirmation would revert what was taken back"
    device.reverts = False
    assert put_in_place(driver, ORDER, 60).timer.where == "none"
    assert take_back(driver, ORDER, done.before).changed
    device.idle = True
    monkeypatch.setattr(carrying_out, "PATIENCE", 0.0)
    with pytest.raises(DeviceFailed, match="nothing of it is in place"):
        put_in_place(driver, ORDER, 0)
    driver.close()
    with pytest.raises(DeviceFailed, match=r"sw1: can't connect$"):
        driver.read_state(ORDER)


def test_what_it_refuses(device: Device) -> None:
    driver = NapalmDriver(CONFIG)
    for order in (
        msgspec.structs.replace(ORDER, port="Gi0/9"),
        msgspec.structs.replace(ORDER, port="x\ny"),
        msgspec.structs.replace(ORDER, kind="move_vlan"),
    ):
        with pytest.raises(WrongUse):
            put_in_place(driver, order, 0)
    with pytest.raises(DeviceFailed, match="has no port Gi0/3"):
        put_in_place(driver, msgspec.structs.replace(ORDER, port="Gi0/3"), 0)
    with pytest.raises(WrongUse, match="no words for platform"):
        NapalmDriver(msgspec.structs.replace(CONFIG, platform="x"))
    assert device.up


def test_without_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "napalm", None)
    with pytest.raises(WrongUse, match="napalm is not installed"):
        NapalmDriver(CONFIG)
