"""Switches changed through NAPALM, which is not among our pins: a part of it is there as source only. Ports down, as a
candidate configuration that the device takes back by itself where its platform can (revert_in).
"""

from typing import Any, Final

from codered.model.errors import WrongUse
from codered_hq.config import DeviceConfig
from codered_hq.devices.command_lines import check_port, read_dialects
from codered_hq.model.device import ControlOrder, ControlState, DeviceFailed, Timer

PLATFORMS: Final = {"ios": "cisco_ios", "eos": "arista_eos", "junos": "juniper_junos"}
"""NAPALM's names of the platforms, and ours of their words."""


def load_library() -> Any:  # noqa: ANN401 - it may be missing
    """The library. Raises WrongUse if it is not installed."""
    try:
        import napalm
        import napalm.base.exceptions
    except ImportError:
        raise WrongUse(
            "napalm is not installed",
            where="napalm",
            advice='install codered-detect[napalm], or use driver = "netmiko"',
        ) from None
    return napalm


class NapalmDriver:
    """model.device.Driver by NAPALM."""

    def __init__(self, config: DeviceConfig) -> None:
        if config.platform not in PLATFORMS:
            advice = f"platform is one of: {', '.join(PLATFORMS)}"
            raise WrongUse(f"no words for platform {config.platform!a}", where=f"device {config.name}", advice=advice)
        self._config = config
        self._library = load_library()
        self._words = read_dialects()[PLATFORMS[config.platform]]
        self._device: Any = None

    def read_state(self, order: ControlOrder) -> ControlState:
        """{"admin", "oper"} of a port."""
        port = check_port(order.port, self._config.name)
        found = self._try(lambda device: device.get_interfaces()).get(port)
        if found is None:
            raise self._fail(f"has no port {port}")
        words = {True: "up", False: "down"}
        return ControlState(values={"admin": words[bool(found["is_enabled"])], "oper": words[bool(found["is_up"])]})

    def find_outcome(self, order: ControlOrder, before: ControlState) -> ControlState:  # noqa: ARG002
        """What it must say then. Raises WrongUse for anything but a port that is not kept."""
        where = f"device {self._config.name}"
        if order.kind != "disable_port":
            raise WrongUse(
                f"{order.kind} is not done by NAPALM", where=where, advice='use driver = "netmiko" or "snmp"'
            )
        if order.port in self._config.keep_ports:
            raise WrongUse(f"port {order.port} is in keep_ports", where=where, advice="it is never changed")
        return ControlState(values={"admin": "down", "oper": "down"})

    def back_up(self) -> bytes:
        """The running configuration."""
        found = self._try(lambda device: device.get_config(retrieve="running"))
        return str(found["running"]).encode()

    def change(self, order: ControlOrder, before: ControlState, undo_seconds: int) -> Timer:  # noqa: ARG002
        """A candidate, compared, then committed with a timer if the platform has one."""
        lines = "\n".join(one.format(port=order.port) for one in self._words.down)
        try:
            self._commit(lines, undo_seconds)
        except NotImplementedError:  # this platform can't revert
            self._try(lambda device: device.discard_config())
            self._commit(lines, 0)
            return Timer(where="none")
        return (
            Timer(where="device", how=f"commit with revert_in {undo_seconds} s")
            if undo_seconds
            else Timer(where="none")
        )

    def undo(self, order: ControlOrder, before: ControlState) -> None:
        """The way back; a commit that still waits is confirmed first, so that it reverts nothing."""
        if self._try(self._is_pending):
            self._try(lambda device: device.confirm_commit())
        words = self._words.down if before.values.get("admin") == "down" else self._words.up
        self._commit("\n".join(one.format(port=order.port) for one in words), 0)

    @staticmethod
    def _is_pending(device: Any) -> bool:  # noqa: ANN401
        try:
            return bool(device.has_pending_commit())
        except NotImplementedError:
            return False

    def _commit(self, lines: str, undo_seconds: int) -> None:
        self._try(lambda device: device.load_merge_candidate(config=lines))
        if not self._try(lambda device: device.compare_config()):
            self._try(lambda device: device.discard_config())
            return  # the device finds no difference
        more = {"revert_in": undo_seconds} if undo_seconds else {}
        self._try(lambda device: device.commit_config(**more))

    def _try(self, ask: Any) -> Any:  # noqa: ANN401 - calls of the optional library
        errors = self._library.base.exceptions
        try:
            if self._device is None:
                self._device = self._open()
            return ask(self._device)
        except NotImplementedError:
            raise
        except (errors.NapalmException, OSError, EOFError, ValueError) as error:
            self.close()
            raise self._fail((str(error).splitlines() or [type(error).__name__])[0][:200]) from None

    def _open(self) -> Any:  # noqa: ANN401
        config = self._config
        optional = {"port": config.port or 22, "secret": config.enable_password}
        optional |= {"ssh_strict": True, "alt_host_keys": True, "alt_key_file": config.known_hosts}
        optional |= {"key_file": config.private_key, "use_keys": True} if config.private_key else {}
        make = self._library.get_network_driver(config.platform)
        device = make(
            config.address, config.user, config.password, timeout=int(config.seconds) or 1, optional_args=optional
        )
        device.open()
        return device

    def _fail(self, what: str) -> DeviceFailed:
        return DeviceFailed(f"{self._config.name}: {what}")

    def close(self) -> None:
        """End the connection."""
        device, self._device = self._device, None
        if device is not None:
            device.close()
