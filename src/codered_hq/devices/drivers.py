"""The drivers of devices, by the words of headquarters.toml; the library of each is loaded when it is used."""

from collections.abc import Callable
from importlib import import_module
from typing import Final

from codered.model.errors import WrongUse
from codered_hq.config import DeviceConfig
from codered_hq.model.device import Driver

DRIVERS: Final[dict[str, tuple[str, str]]] = {
    "snmp": ("snmp", "SnmpDriver"),
    "nftables": ("nftables", "NftablesDriver"),
    "frr": ("frr", "FrrDriver"),
    "netmiko": ("command_lines", "CommandLineDriver"),
    "napalm": ("napalm_configs", "NapalmDriver"),
    "simulated": ("simulated", "SimulatedDriver"),
}
"""The room of each driver, and its class."""


def open_driver(config: DeviceConfig) -> Driver:
    """The driver of a device; it is asked nothing yet. Raises WrongUse for settings that can't be meant so, or if the
    driver's library is not installed.
    """
    if config.driver not in DRIVERS:
        raise WrongUse(f"no driver is called {config.driver}", where=f"device {config.name}", advice=", ".join(DRIVERS))
    room, name = DRIVERS[config.driver]
    make: Callable[[DeviceConfig], Driver] = getattr(import_module(f"codered_hq.devices.{room}"), name)
    return make(config)
