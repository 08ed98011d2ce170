"""IF-MIB, LLDP-MIB, Cisco's CDP and IP-MIB: rows → ports, neighbours, ARP."""

import ipaddress

from codered_hq.model.inventory import Skipped
from codered_hq.resolving.row_values import Refusals, Rows, mac_of, number_of, text_of
from codered_hq.resolving.snmp_walking import Index
from codered_hq.resolving.switch_tables import ArpRow, Neighbour, Port

_UP, _LOWER_DOWN = 1, 7
# LLDP counts bits from the left of the first octet. Telephones and access points have a bridge for those behind them,
# and are no switch: what is behind them is placed at their port.
_LLDP_SWITCH, _LLDP_ROUTER, _LLDP_OTHERS = 0b0010_0000, 0b0000_1000, 0b0001_0100
# CDP has four octets and counts from the right. A bridge without "switch" is an access point.
_CDP_SWITCH, _CDP_ROUTER, _CDP_BRIDGE = 0b1000, 0b0001, 0b0010
_MAC_SUBTYPE = 4
_V4, _V6 = 1, 2


def read_ports(columns: dict[str, Rows], skipped: list[Skipped]) -> tuple[Port, ...]:
    """Every interface, in the order of its number."""
    refusals = Refusals("ifDescr")
    ports = []
    for index in sorted(columns["ifDescr"].keys() | columns["ifName"].keys() | columns["ifOperStatus"].keys()):
        if len(index) != 1:
            refusals.count("the index is no interface")
            continue
        state = number_of(columns["ifOperStatus"].get(index))
        ports.append(
            Port(
                number=index[0],
                name=text_of(columns["ifName"].get(index)) or text_of(columns["ifDescr"].get(index)) or f"if{index[0]}",
                description=text_of(columns["ifAlias"].get(index)),
                mac=mac_of(columns["ifPhysAddress"].get(index)),
                up=state == _UP if _UP <= state <= _LOWER_DOWN else None,
            )
        )
    refusals.tell(skipped)
    return tuple(ports)


def read_neighbours(columns: dict[str, Rows], ports: tuple[Port, ...], skipped: list[Skipped]) -> tuple[Neighbour, ...]:
    """Who is at the other end of a cable, by LLDP and CDP."""
    refusals = Refusals("lldpRemChassisId")
    found = []
    places = _place_local_ports(columns, ports)
    for index, chassis in columns["lldpRemChassisId"].items():
        if len(index) != 3:
            refusals.count("the index is no neighbour")
            continue
        by_mac = columns["lldpRemChassisIdSubtype"].get(index) == _MAC_SUBTYPE
        found.append(
            Neighbour(
                port=places.get(index[1], index[1]),
                name=text_of(columns["lldpRemSysName"].get(index)),
                mac=mac_of(chassis) if by_mac else "",
                bridges=_read_lldp(columns["lldpRemSysCapEnabled"].get(index)),
            )
        )
    refusals.tell(skipped)
    for index, device in columns["cdpCacheDeviceId"].items():
        bridges = _read_cdp(columns["cdpCacheCapabilities"].get(index))
        if len(index) == 2:
            mac = mac_of(device) if not text_of(device).isascii() else ""  # some write the chassis MAC as octets
            name = "" if mac else text_of(device)
            found.append(Neighbour(port=index[0], name=name, mac=mac, bridges=bridges))
    return tuple(found)


def _read_lldp(value: object) -> bool | None:
    if not isinstance(value, bytes) or not value:
        return None
    return bool(value[0] & (_LLDP_SWITCH | _LLDP_ROUTER)) and not value[0] & _LLDP_OTHERS


def _read_cdp(value: object) -> bool | None:
    if not isinstance(value, bytes) or len(value) != 4:
        return None
    return bool(value[3] & _CDP_SWITCH) or (bool(value[3] & _CDP_ROUTER) and not value[3] & _CDP_BRIDGE)


def _place_local_ports(columns: dict[str, Rows], ports: tuple[Port, ...]) -> dict[int, int]:
    """LLDP's own port numbers → ifIndex: by the name that LLDP gives the port, else as bridge port, else as it is."""
    names = {port.name: port.number for port in ports}
    for index, value in columns["ifDescr"].items():
        names.setdefault(text_of(value), index[0])
    base = {index[0]: number_of(value) for index, value in columns["dot1dBasePortIfIndex"].items()}
    places: dict[int, int] = {number: interface for number, interface in base.items() if interface > 0}
    for index, value in columns["lldpLocPortId"].items():
        name = text_of(value)
        if name and name in names:
            places[index[0]] = names[name]
    return places


def read_arp(columns: dict[str, Rows], skipped: list[Skipped]) -> tuple[ArpRow, ...]:
    """Addresses with their MACs, of both tables, each once."""
    refusals = Refusals("ipNetToMedia")
    rows: dict[tuple[str, str], ArpRow] = {}
    for column, read in (("ipNetToMediaPhysAddress", _read_old), ("ipNetToPhysicalPhysAddress", _read_new)):
        for index, value in columns[column].items():
            mac, address = mac_of(value), read(index)
            if not address:
                refusals.count("the index is no address")
            elif not mac:
                refusals.count("no MAC")
            else:
                rows.setdefault((address, mac), ArpRow(address=address, mac=mac, port=index[0]))
    refusals.tell(skipped)
    return tuple(rows.values())


def _read_old(index: Index) -> str:
    return _write_address(index[1:]) if len(index) == 5 else ""


def _read_new(index: Index) -> str:
    kinds = {_V4: 4, _V6: 16}
    if len(index) < 4 or kinds.get(index[1]) != index[2] or len(index) != 3 + index[2]:
        return ""
    return _write_address(index[3:])


def _write_address(octets: Index) -> str:
    try:
        return str(ipaddress.ip_address(bytes(octets)))
    except ValueError:
        return ""
