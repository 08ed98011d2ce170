"""Tables of a switch as SNMP tells them: names, trunks, bit masks."""

from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered_hq.devices.snmp_ports import SnmpPorts, change_bit, list_bits, name_admin, name_oper
from codered_hq.devices.snmp_session import SnmpSession
from codered_hq.model.device import DeviceFailed


class Told:
    """A session whose tables are these."""

    def __init__(self, **columns: Any) -> None:
        self.columns = columns

    def read_column(self, name: str) -> Any:  # noqa: ANN401 - as given
        return self.columns.get(name, {})

    def fail(self, what: str) -> DeviceFailed:
        return DeviceFailed(f"sw1: {what}")


def make_ports(**columns: Any) -> SnmpPorts:
    return SnmpPorts(cast(SnmpSession, Told(**columns)))


@given(st.binary(max_size=40), st.integers(1, 400), st.booleans())
def test_one_bit_changes_one_port(mask: bytes, port: int, on: bool) -> None:
    changed = list_bits(change_bit(mask, port, on=on))
    assert changed - {port} == list_bits(mask) - {port}
    assert (port in changed) is on


def test_ports_are_found_by_their_name_alone() -> None:
    names = {(10001,): b"Gi0/1", (10002,): b"twice"}
    descriptions = {(10001,): b"GigabitEthernet0/1", (10003,): b"twice", (4,): b"twice"}
    ports = make_ports(ifName=names, ifDescr=descriptions)
    assert ports.find("Gi0/1") == (10001, "ifName")
    assert ports.find("GigabitEthernet0/1") == (10001, "ifDescr")
    assert (ports.name(10001), ports.name(5)) == ("Gi0/1", "#5")
    for port in ("10001", "gi0/1", ""):
        with pytest.raises(DeviceFailed, match="has no port"):
            ports.find(port)
    with pytest.raises(DeviceFailed, match="2 ports of it are called eth"):
        make_ports(ifName={(1,): b"eth", (2,): b"eth"}).find("eth")
    with pytest.raises(DeviceFailed, match="which port of its bridge"):
        ports.find_bridge_number(10001)


def test_trunks_are_told_by_tags_and_by_neighbours_or_nothing_is_shut() -> None:
    base = {
        "dot1qPvid": {(1,): 20, (2,): 20, (3,): 20, (4,): 30},
        "dot1dBasePortIfIndex": {(1,): 101, (2,): 102, (3,): 103, (4,): 104},
        "ifName": {(101,): b"p1", (102,): b"p2", (103,): b"p3", (104,): b"p4"},
    }
    tagged = {
        "dot1qVlanCurrentEgressPorts": {(0, 20): b"\xe0", (0, 30): b"\x50"},
        "dot1qVlanCurrentUntaggedPorts": {(0, 20): b"\xe0", (0, 30): b"\x10"},
    }
    assert make_ports(**base, **tagged).list_vlan(20) == [101, 103]
    beside = {"lldpLocPortId": {(7,): b"p3"}, "lldpRemSysCapEnabled": {(0, 7, 1): b"\x28", (0, 1, 1): b"\x80"}}
    assert make_ports(**base, **beside).list_vlan(20) == [101, 102]
    with pytest.raises(DeviceFailed, match="trunks can't be told"):
        make_ports(**base).list_vlan(20)


def test_numbers_as_words() -> None:
    assert (name_admin(2), name_admin("x"), name_oper(7), name_oper(None)) == (
        "down",
        "unknown",
        "lowerLayerDown",
        "unknown",
    )
