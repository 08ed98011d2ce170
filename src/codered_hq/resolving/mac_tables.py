"""BRIDGE-MIB and Q-BRIDGE-MIB: rows → MACs behind interfaces, with their VLAN."""

from typing import NamedTuple

from codered_hq.model.inventory import Skipped
from codered_hq.resolving.row_values import Refusals, Rows, mac_in, number_of
from codered_hq.resolving.switch_tables import SeenMac

_STATUS = {1: "other", 2: "invalid", 3: "learned", 4: "own", 5: "static"}


class Forwarding(NamedTuple):
    """A MAC table of BRIDGE-MIB: bridge port → ifIndex, MAC → bridge port, MAC → status. `vlan` 0 = of the switch."""

    base: Rows
    port: Rows
    status: Rows
    vlan: int = 0


def read_forwarding(columns: dict[str, Rows], tables: list[Forwarding], skipped: list[Skipped]) -> list[SeenMac]:
    """Every MAC with its interface. Q-BRIDGE tells the VLAN; BRIDGE-MIB counts for MACs that Q-BRIDGE has not."""
    base = columns["dot1dBasePortIfIndex"]
    macs = _read_vlan_rows(columns, base, skipped)
    known = {seen.mac for seen in macs}
    for table in tables:
        refusals = Refusals("dot1dTpFdbPort")
        for index, port in table.port.items():
            mac = mac_in(index) if len(index) == 6 else ""
            if mac in known:
                continue
            status = _STATUS.get(number_of(table.status.get(index, 3)), "other")
            if (number := _find_interface(mac, status, port, table.base or base, refusals)) is not None:
                macs.append(SeenMac(mac=mac, port=number, vlan=table.vlan, status=status))
        refusals.tell(skipped)
    return macs


def _read_vlan_rows(columns: dict[str, Rows], base: Rows, skipped: list[Skipped]) -> list[SeenMac]:
    vlans = _find_vlans(columns["dot1qVlanFdbId"])
    statuses = columns["dot1qTpFdbStatus"]
    refusals, macs = Refusals("dot1qTpFdbPort"), []
    for index, port in columns["dot1qTpFdbPort"].items():
        mac = mac_in(index) if len(index) == 7 else ""
        status = _STATUS.get(number_of(statuses.get(index, 3)), "other")
        if (number := _find_interface(mac, status, port, base, refusals)) is None:
            continue
        vlan = vlans.get(index[0], 0 if vlans else index[0])
        macs.append(SeenMac(mac=mac, port=number, vlan=vlan if 0 < vlan < 4095 else 0, status=status))
    refusals.tell(skipped)
    return macs


def _find_vlans(rows: Rows) -> dict[int, int]:
    """Table id → VLAN; an id that several VLANs share tells none of them (0)."""
    vlans: dict[int, int] = {}
    for index, table in rows.items():
        number = number_of(table)
        vlan = index[-1]  # before it stands the time of the last change
        vlans[number] = vlan if vlans.get(number, vlan) == vlan else 0
    return vlans


def _find_interface(mac: str, status: str, port: object, base: Rows, refusals: Refusals) -> int | None:
    number = number_of(port)
    if not mac:
        refusals.count("the index is no MAC")
    elif status == "invalid":
        return None
    elif number < 0:
        refusals.count("the port is no number")
    elif number == 0:  # the switch's own, or not known where
        return 0 if status == "own" else None
    elif not base:
        return number  # a switch without that table numbers them alike, as a rule
    elif (interface := number_of(base.get((number,)))) > 0:
        return interface
    elif status == "own":
        return 0
    else:
        refusals.count("a bridge port that the switch does not have")
    return None
