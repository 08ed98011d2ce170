"""A switch of a drill's played range: the same verbs as on a real one, on a file. Each change has its timer in it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from codered.model.errors import WrongUse
from codered_hq.config import DeviceConfig, headquarters_folder
from codered_hq.devices.played_switches import (
    RANGE_FOLDER,
    PlayedChange,
    PlayedPort,
    PlayedSwitch,
    change_switch,
    name_file,
    read_switch,
)
from codered_hq.model.device import ControlOrder, ControlState, DeviceFailed, Timer

_HOW = "the played switch ends it by itself"


class SimulatedDriver:
    """model.device.Driver on the file of a played switch."""

    def __init__(self, config: DeviceConfig) -> None:
        if "/" in config.name or config.name.startswith("."):
            raise WrongUse(
                "is no name of a played switch", where=f"device {config.name[:60]}", advice="letters, digits"
            )
        self._name = config.name
        self._place: Path = headquarters_folder() / RANGE_FOLDER / name_file(config.name)

    def read_state(self, order: ControlOrder) -> ControlState:
        """What the order is about: {"admin": "up"}, {"vlan": "20"}, {"port NAME": "up", …} or {NETWORK: "open"}."""
        switch, at = read_switch(self._place), datetime.now(UTC)
        if order.kind in ("block_address", "block_subnet"):
            return ControlState(
                values={each: switch.find_value(f"block {each}", "open", at) for each in order.networks}
            )
        if order.kind == "shut_vlan":
            ports = [port for port in switch.ports if port.vlan == order.vlan]
            return ControlState(values={f"port {port.name}": _tell(switch, port, at) for port in ports})
        port = self._find_port(switch, order.port)
        if order.kind == "move_vlan":
            return ControlState(values={"vlan": str(switch.find_vlan(port, at))})
        return ControlState(values={"admin": _tell(switch, port, at)})

    def find_outcome(self, order: ControlOrder, before: ControlState) -> ControlState:
        """Off, moved or blocked. Raises WrongUse for a VLAN that has no port there."""
        if order.kind == "shut_vlan" and not before.values:
            raise WrongUse(f"has no port in VLAN {order.vlan}", where=self._name)
        if order.kind == "move_vlan":
            return ControlState(values={"vlan": str(order.vlan)})
        word = "blocked" if order.kind in ("block_address", "block_subnet") else "down"
        return ControlState(values=dict.fromkeys(before.values, word))

    def back_up(self) -> bytes:
        """Its file."""
        read_switch(self._place)
        return self._place.read_bytes()

    def change(self, order: ControlOrder, before: ControlState, undo_seconds: int) -> Timer:
        """Set what is wanted; it ends by itself after so many seconds (0 = never)."""
        at = datetime.now(UTC)
        until = at + timedelta(seconds=undo_seconds) if undo_seconds else None
        wanted = self.find_outcome(order, before).values
        changes = [
            PlayedChange(label=order.label, word=_name_word(order, word), value=value, until=until)
            for word, value in wanted.items()
        ]
        change_switch(self._place, changes, order.label, at)
        return Timer(where="device", how=_HOW) if undo_seconds else Timer(where="none")

    def undo(self, order: ControlOrder, before: ControlState) -> None:
        """Set these words as they were before, and let go of the order's own changes."""
        at = datetime.now(UTC)
        switch = read_switch(self._place)
        back = [
            PlayedChange(label=order.label, word=_name_word(order, word), value=value)
            for word, value in before.values.items()
            if self._would_differ(switch, order, word, value)
        ]
        change_switch(self._place, back, order.label, at)

    def renew_timer(self, order: ControlOrder, before: ControlState, undo_seconds: int) -> Timer:
        """What is in place ends so many seconds from now (0 = never)."""
        return self.change(order, before, undo_seconds)

    def close(self) -> None:
        """There is no connection."""

    def _would_differ(self, switch: PlayedSwitch, order: ControlOrder, word: str, value: str) -> bool:
        """Whether the word would say something else once the order's own changes are away."""
        rest = PlayedSwitch(
            name=switch.name, address=switch.address, ports=switch.ports,
            changes=tuple(each for each in switch.changes if each.label != order.label),
        )  # fmt: skip
        name = _name_word(order, word)
        kind, _, about = name.partition(" ")
        default = "open" if kind == "block" else "up"
        if kind == "vlan":
            default = str(self._find_port(switch, about).vlan)
        return rest.find_value(name, default, datetime.now(UTC)) != value

    def _find_port(self, switch: PlayedSwitch, name: str) -> PlayedPort:
        for port in switch.ports:
            if port.name == name:
                return port
        raise DeviceFailed(f"{self._name}: has no port {name[:60]}")


def _tell(switch: PlayedSwitch, port: PlayedPort, at: datetime) -> str:
    return "up" if switch.is_up(port, at) else "down"


def _name_word(order: ControlOrder, word: str) -> str:
    """The word of a state as the switch keeps it."""
    if order.kind in ("block_address", "block_subnet"):
        return f"block {word}"
    if order.kind == "shut_vlan":
        return word
    return f"vlan {order.port}" if order.kind == "move_vlan" else f"port {order.port}"
