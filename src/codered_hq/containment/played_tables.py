"""What the switches of a played range say of their ports, in the form in which real ones are read."""

from datetime import UTC, datetime

from codered_hq.config import DeviceConfig, headquarters_folder
from codered_hq.devices.played_switches import RANGE_FOLDER, name_file, read_switch
from codered_hq.model.device import DeviceFailed
from codered_hq.model.inventory import Skipped
from codered_hq.resolving.switch_tables import Port, SeenMac, SwitchTables


def read_played(device: DeviceConfig) -> SwitchTables | Skipped:
    """The tables of a played switch: a machine behind a port that is off is not seen. Says why if it is silent."""
    try:
        switch = read_switch(headquarters_folder() / RANGE_FOLDER / name_file(device.name))
    except DeviceFailed as error:
        return Skipped(where=device.address, why=str(error))
    at = datetime.now(UTC)
    ports = tuple(Port(number=port.number, name=port.name, up=switch.is_up(port, at)) for port in switch.ports)
    macs = tuple(
        SeenMac(mac=port.mac, port=port.number, vlan=switch.find_vlan(port, at))
        for port in switch.ports
        if port.mac and switch.is_up(port, at)
    )
    return SwitchTables(address=device.address, name=switch.name, ports=ports, macs=macs, seen_at=at)
