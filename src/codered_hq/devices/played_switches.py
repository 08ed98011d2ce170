"""The switches of a played range, as files: their ports, what is plugged in, what was changed and until when.

A change carries its own end, so it is over on time whoever is dead; nothing here ever speaks to a network.
"""

import fcntl
import ipaddress
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec

from codered_hq.model.device import DeviceFailed

RANGE_FOLDER: Final = "range"
"""Below the folder of a drill's headquarters."""
MOST_BYTES: Final = 1 << 20


class PlayedPort(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A port by its number and name, its VLAN, and the one machine that is plugged in ("" = none)."""

    number: int
    name: str
    vlan: int
    mac: str = ""
    address: str = ""


class PlayedChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an order (by its label) has set: `word` is "port NAME", "vlan NAME" or "block NETWORK", `value` what it
    says since then; over at `until` (None = never by itself).
    """

    label: str
    word: str
    value: str
    until: datetime | None = None


class PlayedSwitch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A switch that also routes its subnets: `address` and `name` as in headquarters.toml."""

    name: str
    address: str
    ports: tuple[PlayedPort, ...] = ()
    changes: tuple[PlayedChange, ...] = ()

    def find_value(self, word: str, default: str, at: datetime) -> str:
        """What the newest change of this word that is not over says at this time (aware)."""
        found = [each for each in self.changes if each.word == word and not _is_over(each, at)]
        return found[-1].value if found else default

    def find_vlan(self, port: PlayedPort, at: datetime) -> int:
        """The VLAN that a port is in at this time."""
        return int(self.find_value(f"vlan {port.name}", str(port.vlan), at))

    def is_up(self, port: PlayedPort, at: datetime) -> bool:
        """Whether a port is on at this time."""
        return self.find_value(f"port {port.name}", "up", at) == "up"

    def list_blocked(self, at: datetime) -> list[str]:
        """The networks that are blocked at this time."""
        words = {each.word for each in self.changes if each.word.startswith("block ")}
        return sorted(word[6:] for word in words if self.find_value(word, "open", at) == "blocked")


def name_file(name: str) -> str:
    """The file of a switch in its range's folder."""
    return f"{name}.json"


def read_switch(place: Path) -> PlayedSwitch:
    """A switch as it is kept. Raises DeviceFailed: it is silent."""
    try:
        with open(os.open(place, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
            return msgspec.json.decode(file.read(MOST_BYTES), type=PlayedSwitch)
    except (OSError, msgspec.DecodeError) as error:
        raise DeviceFailed(f"{place.stem}: no answer ({str(error).splitlines()[0][:120]})") from None


def write_switch(place: Path, switch: PlayedSwitch) -> None:
    """Write it whole or not at all, for its owner alone. Raises OSError."""
    spare = place.with_name(f".{place.name}.{os.getpid()}")
    with open(
        os.open(spare, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600), "wb"
    ) as file:
        file.write(msgspec.json.encode(switch))
    spare.replace(place)


@contextmanager
def hold_switch(place: Path) -> Iterator[None]:
    """Nobody else changes it meanwhile. Raises DeviceFailed."""
    try:
        descriptor = os.open(place.with_suffix(".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise DeviceFailed(f"{place.stem}: no answer ({error.strerror})") from None
    with open(descriptor, "wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def change_switch(place: Path, changes: Iterable[PlayedChange], drop: str, at: datetime) -> None:
    """Take away what an order (`drop`, its label) has set and what is over, and set these. Raises DeviceFailed."""
    with hold_switch(place):
        switch = read_switch(place)
        kept = [each for each in switch.changes if each.label != drop and not _is_over(each, at)]
        try:
            write_switch(place, msgspec.structs.replace(switch, changes=(*kept, *changes)))
        except OSError as error:
            raise DeviceFailed(f"{switch.name}: can't be changed ({error.strerror})") from None


def read_range(folder: Path) -> list[PlayedSwitch]:
    """All switches of a range. Raises DeviceFailed."""
    return [read_switch(place) for place in sorted((folder / RANGE_FOLDER).glob("*.json"))]


def list_answering(folder: Path, addresses: Iterable[str], at: datetime | None = None) -> dict[str, bool]:
    """Which of these addresses would answer: plugged in, port on, in its own VLAN, not blocked. Raises DeviceFailed."""
    from_blocks = find_live(read_range(folder), at or datetime.now(UTC))
    return {address: address in from_blocks for address in addresses}


def find_live(switches: Iterable[PlayedSwitch], at: datetime) -> frozenset[str]:
    """The addresses that the network carries at this time (aware)."""
    found: set[str] = set()
    blocked = []
    for switch in switches:
        blocked += [ipaddress.ip_network(each) for each in switch.list_blocked(at)]
        found |= {
            port.address
            for port in switch.ports
            if port.address and switch.is_up(port, at) and switch.find_vlan(port, at) == port.vlan
        }
    if not blocked:
        return frozenset(found)
    return frozenset(each for each in found if not any(ipaddress.ip_address(each) in network for network in blocked))


def _is_over(change: PlayedChange, at: datetime) -> bool:
    return change.until is not None and change.until <= at
