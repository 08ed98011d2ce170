"""The switches as they are now: their tables, read when they are first wanted, and what stands behind each port."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from codered_hq.config import Config, DeviceConfig
from codered_hq.containment.played_tables import read_played
from codered_hq.model.inventory import PlaceRecord, Skipped
from codered_hq.resolving.locating import PortView, locate, view_ports
from codered_hq.resolving.snmp_access import SnmpAccess, SnmpLimits
from codered_hq.resolving.switch_reading import read_switches
from codered_hq.resolving.switch_tables import SwitchTables

MOST_READ = 64
"""Up to so many switches, all are read: who is behind an uplink is known best from both of its ends."""
SNMP_PORT = 161
LIMITS = SnmpLimits(seconds=1.0, tries=2, whole_seconds=20.0)
_AT_ONCE = 8  # ways to read

Reader = Callable[[Sequence[str], SnmpAccess], Iterable[SwitchTables | Skipped]]


def read_now(addresses: Sequence[str], access: SnmpAccess) -> list[SwitchTables | Skipped]:
    """The tables of these switches, or why not; soon: somebody waits to be cut off. Raises WrongUse."""
    return list(read_switches(addresses, access, LIMITS))


class Sight:
    """What the switches say during one piece of work. Each is read once; `forget` begins anew."""

    def __init__(self, config: Config, read: Reader = read_now) -> None:
        self._ways = _list_ways(config)
        self._played = {device.address: device for device in config.devices if device.driver == "simulated"}
        self._read = read
        self.forget()

    def forget(self) -> None:
        """What was read is not believed any more."""
        self._tables: dict[str, SwitchTables] = {}
        self._unread: dict[str, str] = {}
        self._ports: dict[tuple[str, str], list[PortView]] | None = None

    def look(self, addresses: Iterable[str] = ()) -> None:
        """Read these switches, and all others where they are few, that were not read yet. Raises WrongUse."""
        wanted = set(addresses)
        if len(self._ways) <= MOST_READ:
            wanted |= self._ways.keys() | self._played.keys()
        wanted -= self._tables.keys() | self._unread.keys()
        if played := sorted(wanted & self._played.keys()):
            self._take(read_played(self._played[address]) for address in played)
            self._ports = None
        groups: dict[SnmpAccess, list[str]] = {}
        for address in sorted(wanted - self._played.keys()):
            access = self._ways.get(address)
            if access is None:
                self._unread[address] = "no [[snmp]] of headquarters.toml says how it is read"
            else:
                groups.setdefault(access, []).append(address)
        if not groups:
            return
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            for found in pool.map(lambda way: list(self._read(way[1], way[0])), groups.items()):
                self._take(found)
        self._ports = None

    @property
    def tables(self) -> tuple[SwitchTables, ...]:
        """All that was read."""
        return tuple(self._tables.values())

    def find_table(self, address: str) -> SwitchTables | None:
        """What one switch said; None if it was not read."""
        self.look([address])
        return self._tables.get(address)

    def explain(self, address: str) -> str:
        """Why a switch is not seen; "" if it is."""
        self.look([address])
        table = self._tables.get(address)
        if table is None:
            return self._unread.get(address, "it was not read")
        if table.macs or not table.skipped:
            return ""
        return f"{table.skipped[0].where}: {table.skipped[0].why}"

    def find_ports(self, address: str, port: str) -> list[PortView]:
        """The ports of this name on a switch: one, none, or several if it names them alike."""
        self.look([address])
        if self._ports is None:
            self._ports = {}
            for view in view_ports(self.tables):
                self._ports.setdefault((view.switch, view.name), []).append(view)
        return self._ports.get((address, port), [])

    def locate(self, macs: Iterable[str]) -> tuple[list[PlaceRecord], list[str]]:
        """The surest place of each MAC, and what is to be said of the others."""
        located = locate(macs, self.tables)
        best: dict[str, PlaceRecord] = {}
        for place in located.places:
            best.setdefault(place.mac, place)
        return list(best.values()), [f"{each.where}: {each.why}" for each in located.reasons]

    def _take(self, found: Iterable[SwitchTables | Skipped]) -> None:
        for one in found:
            if isinstance(one, Skipped):
                self._unread[one.where] = one.why
            else:
                self._tables[one.address] = one


def _list_ways(config: Config) -> dict[str, SnmpAccess]:
    """How each switch is read: as [[snmp]] says, else as [[devices]] that are changed by SNMP."""
    ways = {device.address: access for device, access in _list_writable(config)}
    for each in config.snmp:
        access = SnmpAccess(
            community=each.community, user=each.user, auth=each.auth, auth_password=each.auth_password,
            priv=each.priv, priv_password=each.priv_password, port=each.port,
        )  # fmt: skip
        ways.update(dict.fromkeys(each.devices, access))
    return ways


def _list_writable(config: Config) -> Iterator[tuple[DeviceConfig, SnmpAccess]]:
    for device in config.devices:
        if device.driver == "snmp":
            yield device, SnmpAccess(
                community="" if device.user else device.community, user=device.user, auth=device.auth,
                auth_password=device.auth_password, priv=device.priv, priv_password=device.priv_password,
                port=device.port or SNMP_PORT,
            )  # fmt: skip
