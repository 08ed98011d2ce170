"""A switch's ports as SNMP tells them: their indexes, bridge numbers, VLANs and which of them are trunks. Read anew
for each session; an index is never taken from outside.
"""

from typing import Any

from codered_hq.devices.snmp_session import SnmpSession

_ADMIN = {1: "up", 2: "down", 3: "testing"}
_OPER = {1: "up", 2: "down", 3: "testing", 4: "unknown", 5: "dormant", 6: "notPresent", 7: "lowerLayerDown"}
ADMIN_NUMBERS = {name: number for number, name in _ADMIN.items()}
_NETWORK_GEAR = 0x38  # LLDP capabilities as bits: bridge, access point of a WLAN, router


class SnmpPorts:
    """The tables of one device, each read once. Methods raise DeviceFailed."""

    def __init__(self, session: SnmpSession) -> None:
        self._session = session
        self._columns: dict[str, dict[tuple[int, ...], Any]] = {}

    def column(self, name: str, *, anew: bool = False) -> dict[tuple[int, ...], Any]:
        """One column; from memory if it was read in this session already."""
        if anew or name not in self._columns:
            self._columns[name] = self._session.read_column(name)
        return self._columns[name]

    def forget(self) -> None:
        """What was read may not hold any more."""
        self._columns.clear()

    def find(self, port: str) -> tuple[int, str]:
        """The index of a port and the column that its name stands in."""
        for column in ("ifName", "ifDescr"):
            found = [index for index, name in self.column(column).items() if _text(name) == port and len(index) == 1]
            if len(found) == 1:
                return found[0][0], column
            if found:
                raise self._session.fail(f"{len(found)} ports of it are called {port}: it can't be told which is meant")
        raise self._session.fail(f"has no port {port}")

    def name(self, index: int) -> str:
        """What the device calls a port."""
        for column in ("ifName", "ifDescr"):
            if (index,) in (names := self.column(column)):
                return _text(names[(index,)])
        return f"#{index}"

    def find_bridge_number(self, index: int) -> int:
        """The number of a port in the tables of VLANs."""
        for number, value in self.column("dot1dBasePortIfIndex").items():
            if int(value) == index:
                return number[0]
        raise self._session.fail(f"does not say which port of its bridge {self.name(index)} is")

    def list_vlan(self, vlan: int) -> list[int]:
        """The indexes of the access ports whose VLAN this is; trunks are left out, and the device must tell them."""
        members = [row[0] for row, value in self.column("dot1qPvid", anew=True).items() if int(value) == vlan]
        trunks, indexes = self.find_trunks(), self.column("dot1dBasePortIfIndex")
        return sorted(int(indexes[(one,)]) for one in members if one not in trunks and (one,) in indexes)

    def find_trunks(self) -> set[int]:
        """Bridge numbers of the ports that carry VLANs with tags, or behind which is another switch or router."""
        egress = self.column("dot1qVlanCurrentEgressPorts") or self.column("dot1qVlanStaticEgressPorts")
        untagged = self.column("dot1qVlanCurrentUntaggedPorts") or self.column("dot1qVlanStaticUntaggedPorts")
        own, neighbours = self.column("lldpLocPortId"), self.column("lldpRemSysCapEnabled")
        if not egress and not own:
            raise self._session.fail("tells neither tagged VLANs nor neighbours: trunks can't be told from other ports")
        found: set[int] = set()
        for row, mask in egress.items():
            found |= list_bits(bytes(mask)) - list_bits(bytes(untagged.get(row, b"")))
        names = {self.name(int(index)): number[0] for number, index in self.column("dot1dBasePortIfIndex").items()}
        for row, capabilities in neighbours.items():
            if len(row) == 3 and bytes(capabilities)[:1] and bytes(capabilities)[0] & _NETWORK_GEAR:
                found.add(names.get(_text(own.get((row[1],), b"")), row[1]))
        return found


def list_bits(mask: bytes) -> set[int]:
    """The ports of a bit mask: the first octet's highest bit is port 1."""
    return {8 * place + bit + 1 for place, octet in enumerate(mask) for bit in range(8) if octet & (0x80 >> bit)}


def change_bit(mask: bytes, port: int, *, on: bool) -> bytes:
    """The mask with one port set or cleared."""
    octets = bytearray(mask.ljust((port + 7) // 8, b"\0"))
    bit = 0x80 >> ((port - 1) % 8)
    octets[(port - 1) // 8] = octets[(port - 1) // 8] | bit if on else octets[(port - 1) // 8] & ~bit
    return bytes(octets)


def name_admin(value: object) -> str:
    """The word for a number of ifAdminStatus."""
    return _ADMIN.get(_number(value), "unknown")


def name_oper(value: object) -> str:
    """The word for a number of ifOperStatus."""
    return _OPER.get(_number(value), "unknown")


def _number(value: Any) -> int:  # noqa: ANN401 - of the optional library
    try:
        return int(value)
    except (TypeError, ValueError):
        return 0


def _text(value: Any) -> str:  # noqa: ANN401 - of the optional library
    return bytes(value).decode("utf-8", "replace")
