"""Switches that are changed by their command line over ssh (netmiko): ports down, ports into another VLAN. The words of
each platform are in dialects.json. Where the platform can take a change back by itself (Junos: commit confirmed; IOS
with an archive: a revert timer), that is the timer.
"""

import json
import math
from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import Any

import msgspec

from codered.model.errors import WrongUse
from codered_hq.config import DeviceConfig
from codered_hq.devices.ssh_line import check_access
from codered_hq.model.device import ControlOrder, ControlState, DeviceFailed, DeviceSilent, Timer

MOST_BYTES = 16 << 20
_COMPLAINTS = ("% ", "error:", "Invalid input", "syntax error", "unknown command", "Ambiguous")
_MOST_MINUTES = 120
_NAME = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/.:-_ ")


class Dialect(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a platform is asked about a port, what it says of one that is down, in a VLAN or a trunk, and what changes
    that. `timer_asked` must answer with `timer_told` where `timer` works; `commit`: changes hold once committed.
    """

    show_port: str
    show_link: str
    show_all: str
    connected: tuple[str, ...]
    down_line: str
    vlan_line: str
    trunk_line: str
    down: tuple[str, ...]
    up: tuple[str, ...]
    move: tuple[str, ...]
    timer_asked: str = ""
    timer_told: str = ""
    timer: str = ""
    confirm: str = ""
    commit: bool = False


@cache
def read_dialects() -> dict[str, Dialect]:
    """The platforms by netmiko's names of them."""
    raw = json.loads(resources.files(__package__).joinpath("dialects.json").read_text(encoding="utf-8"))
    return msgspec.convert(raw, dict[str, Dialect])


def check_port(port: str, device: str) -> str:
    """The name of a port, if it can be nothing else on a command line. Raises WrongUse."""
    if not port or len(port) > 64 or not set(port) <= _NAME or port != port.strip():
        raise WrongUse(
            f"{port[:40]!a} is no name of a port", where=f"device {device}", advice="write it as the device does"
        )
    return port


def load_library() -> Any:  # noqa: ANN401 - it may be missing
    """The library of command lines. Raises WrongUse if it is not installed."""
    try:
        import netmiko
    except ImportError:
        raise WrongUse("netmiko is not installed", where="netmiko", advice="install codered-detect[devices]") from None
    return netmiko


class CommandLineDriver:
    """model.device.Driver by a command line."""

    def __init__(self, config: DeviceConfig) -> None:
        check_access(config)
        if config.platform not in read_dialects():
            advice = f"platform is one of: {', '.join(read_dialects())}"
            raise WrongUse(f"no words for platform {config.platform!a}", where=f"device {config.name}", advice=advice)
        self._config = config
        self._words = read_dialects()[config.platform]
        self._library = load_library()
        self._line: Any = None

    def read_state(self, order: ControlOrder) -> ControlState:
        """{"admin", "oper"} of a port, or {"vlan"} with {"trunk"} if it is one."""
        port = check_port(order.port, self._config.name)
        lines = [line.strip() for line in self._say(self._words.show_port.format(port=port)).splitlines()]
        if not any(port in line for line in lines):
            raise self._fail(f"tells nothing of port {port}")
        if order.kind == "move_vlan":
            vlan = next((one for line in lines if (one := self._read_vlan(line))), "1")
            trunk = any(self._words.trunk_line and line.startswith(self._words.trunk_line) for line in lines)
            return ControlState(values={"vlan": vlan} | ({"trunk": "yes"} if trunk else {}))
        down = self._words.down_line.format(port=port) in lines
        link = self._say(self._words.show_link.format(port=port)).split()
        up = any(word in link for word in self._words.connected) and not down
        return ControlState(values={"admin": "down" if down else "up", "oper": "up" if up else "down"})

    def _read_vlan(self, line: str) -> str:
        rest = line.removeprefix(self._words.vlan_line) if self._words.vlan_line else line
        return rest.strip() if rest != line and rest.strip().isdecimal() else ""

    def find_outcome(self, order: ControlOrder, before: ControlState) -> ControlState:
        """What it must say then. Raises WrongUse for a kept port, a trunk, or what this platform has no words for."""
        where = f"device {self._config.name}"
        if order.kind not in ("disable_port", "move_vlan") or (order.kind == "move_vlan" and not self._words.move):
            what = f"{order.kind} has no words for {self._config.platform}"
            raise WrongUse(what, where=where, advice="give it to a router or firewall, or disable the port")
        if order.port in self._config.keep_ports:
            raise WrongUse(f"port {order.port} is in keep_ports", where=where, advice="it is never changed")
        if order.kind == "disable_port":
            return ControlState(values={"admin": "down", "oper": "down"})
        vlan = order.vlan or self._config.quarantine_vlan
        if not 0 < vlan < 4095:
            raise WrongUse("no VLAN to move to", where=where, advice="give quarantine_vlan in headquarters.toml")
        if before.values.get("trunk"):
            raise WrongUse(
                f"port {order.port} is a trunk and is moved nowhere", where=where, advice="disable it instead"
            )
        return ControlState(values={"vlan": str(vlan)})

    def back_up(self) -> bytes:
        """The running configuration."""
        return self._say(self._words.show_all).encode()

    def change(self, order: ControlOrder, before: ControlState, undo_seconds: int) -> Timer:
        """Enter the words; with a timer of the platform where it has one."""
        words = self._words.down
        if order.kind == "move_vlan":
            words = self._words.move
        vlan = self.find_outcome(order, before).values.get("vlan", "")
        lines = [one.format(port=order.port, vlan=vlan) for one in words]
        minutes = math.ceil(undo_seconds / 60)
        if not 0 < minutes <= _MOST_MINUTES:
            minutes = 0  # such platforms count minutes, and few of them
        if self._words.commit:
            self._enter(lines, minutes=minutes)
            return Timer(where="device", how=f"commit confirmed {minutes} (min)") if minutes else Timer(where="none")
        if (
            minutes
            and self._words.timer
            and self._words.timer_told in self._say(self._words.timer_asked, checked=False)
        ):
            self._enter(lines, begin=self._words.timer.format(minutes=minutes))
            return Timer(where="device", how=f"configuration reverts after {minutes} min")
        self._enter(lines)
        return Timer(where="none")

    def undo(self, order: ControlOrder, before: ControlState) -> None:
        """Enter the words of the way back; a revert timer that still runs is ended by confirming that."""
        port = check_port(order.port, self._config.name)
        words = self._words.up
        if order.kind == "move_vlan":
            words = self._words.move
        elif before.values.get("admin") == "down":
            words = self._words.down
        if self._words.confirm:
            self._say(self._words.confirm, checked=False)
        self._enter([one.format(port=port, vlan=before.values.get("vlan", "")) for one in words])

    def _enter(self, lines: Sequence[str], *, begin: str = "", minutes: int = 0) -> None:
        more: dict[str, Any] = {"config_mode_command": begin} if begin else {}
        if self._words.commit:
            more["exit_config_mode"] = False
        said = self._try(lambda line: line.send_config_set(list(lines), **more))
        self._check(said, " / ".join(lines))
        if self._words.commit:
            confirm = {"confirm": True, "confirm_delay": minutes} if minutes else {}
            self._check(self._try(lambda line: line.commit(and_quit=True, **confirm)), "commit")

    def _say(self, command: str, *, checked: bool = True) -> str:
        said = self._try(lambda line: line.send_command(command))
        if checked:
            self._check(said, command)
        return said

    def _check(self, said: str, command: str) -> None:
        for line in said.splitlines():
            if line.strip().startswith(_COMPLAINTS):
                raise self._fail(f"to {command!a} it says {line.strip()[:120]!a}")

    def _try(self, ask: Any) -> str:  # noqa: ANN401 - a call of the optional library
        from paramiko import SSHException

        exceptions = self._library.exceptions
        try:
            self._line = self._line or self._connect()
            said = str(ask(self._line))
        except (exceptions.NetmikoAuthenticationException, exceptions.ConnectionException, ValueError) as error:
            self.close()
            raise self._fail(_tell(error)) from None
        except exceptions.NetmikoTimeoutException as error:
            self.close()
            raise self._fail(_tell(error), DeviceSilent) from None
        except (exceptions.NetmikoBaseException, SSHException, OSError, EOFError, AttributeError) as error:
            self.close()  # AttributeError: the library's own, where a line is cut while it reads
            raise self._fail(f"the line broke ({_tell(error)})") from None
        if len(said) > MOST_BYTES:
            raise self._fail("says too much")
        return said

    def _connect(self) -> Any:  # noqa: ANN401
        config = self._config
        return self._library.ConnectHandler(
            device_type=config.platform, host=config.address, port=config.port or 22, username=config.user,
            password=config.password or None, secret=config.enable_password, use_keys=bool(config.private_key),
            key_file=config.private_key or None, ssh_strict=True, alt_host_keys=True, alt_key_file=config.known_hosts,
            conn_timeout=config.seconds, auth_timeout=config.seconds, banner_timeout=config.seconds,
            read_timeout_override=max(2.0, 2 * config.seconds),
        )  # fmt: skip

    def _fail(self, what: str, kind: type[DeviceFailed] = DeviceFailed) -> DeviceFailed:
        return kind(f"{self._config.name}: {what}")

    def close(self) -> None:
        """End the connection; one that is broken makes no fuss."""
        line, self._line = self._line, None
        if line is not None and line.remote_conn_pre is not None:
            line.remote_conn_pre.close()  # not disconnect(): it talks to who may be silent


def _tell(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0][:200] if lines else type(error).__name__
