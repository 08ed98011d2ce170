"""Each driver that headquarters.toml may name is there."""

from importlib import import_module
from typing import get_type_hints

import msgspec
import pytest

from codered.model.errors import WrongUse
from codered_hq.config import DeviceConfig
from codered_hq.devices.drivers import DRIVERS, open_driver
from codered_hq.model.device import Driver


def test_each_word_has_its_driver_with_all_verbs() -> None:
    assert set(DRIVERS) == set(get_type_hints(DeviceConfig)["driver"].__args__)
    verbs = {name for name in vars(Driver) if not name.startswith("_")}
    for room, name in DRIVERS.values():
        assert verbs <= set(dir(getattr(import_module(f"codered_hq.devices.{room}"), name)))
    config = DeviceConfig(name="sw1", address="127.0.0.1", driver="snmp", community="words")
    open_driver(config).close()
    with pytest.raises(WrongUse, match="no driver is called x"):
        open_driver(msgspec.structs.replace(config, driver="x"))
