from collections import defaultdict

from codered_hq.model.inventory import Skipped
from codered_hq.resolving.port_tables import read_arp, read_neighbours, read_ports
from codered_hq.resolving.row_values import Rows
from codered_hq.resolving.switch_tables import ArpRow, Neighbour, Port

CHASSIS = bytes.fromhex("8c604f19163a")


def fill(**columns: Rows) -> dict[str, Rows]:
    return defaultdict(dict, columns)


def test_ports_by_name_and_by_description() -> None:
    skipped: list[Skipped] = []
    columns = fill(
        ifDescr={(1,): b"GigabitEthernet0/1", (2,): b"Second", (3, 3): b"?"},
        ifName={(1,): b"Gi0/1"},
        ifAlias={(1,): "Büro 12".encode()},
        ifPhysAddress={(1,): CHASSIS, (2,): b""},
        ifOperStatus={(1,): 1, (2,): 2, (4,): 77},
    )
    assert read_ports(columns, skipped) == (
        Port(number=1, name="Gi0/1", description="Büro 12", mac="8c:60:4f:19:16:3a", up=True),
        Port(number=2, name="Second", up=False),
        Port(number=4, name="if4"),
    )
    assert [one.why for one in skipped] == ["1 row not taken: the index is no interface"]


def read_capability(lldp: bytes | None = None, cdp: bytes | None = None) -> bool | None:
    columns = fill(
        lldpRemChassisId={(0, 1, 1): CHASSIS} if lldp is not None else {},
        lldpRemSysCapEnabled={(0, 1, 1): lldp},
        cdpCacheDeviceId={(1, 1): b"x"} if cdp is not None else {},
        cdpCacheCapabilities={(1, 1): cdp},
    )
    return read_neighbours(columns, (), [])[0].bridges


def test_who_is_a_switch() -> None:
    assert read_capability(b"\x28") is True  # bridge, router
    assert read_capability(b"\x24") is False  # a telephone with a bridge for the computer behind it
    assert read_capability(b"\x30") is False  # an access point
    assert read_capability(b"\x01") is False  # a station
    assert read_capability(b"") is None
    assert read_capability(cdp=b"\0\0\0\x28") is True  # switch
    assert read_capability(cdp=b"\0\0\0\x29") is True
    assert read_capability(cdp=b"\0\0\0\x01") is True  # router
    assert read_capability(cdp=b"\0\0\0\x03") is False  # an access point
    assert read_capability(cdp=b"\0\0\x04\x90") is False  # a telephone
    assert read_capability(cdp=b"8") is None


def test_neighbours_stand_at_the_port_that_lldp_names() -> None:
    """LLDP numbers ports in its own way: by the port's name, else by the bridge port, else as it is."""
    ports = (Port(number=10101, name="Gi1/0/1"),)
    columns = fill(
        lldpLocPortId={(1,): b"Gi1/0/1"},
        dot1dBasePortIfIndex={(2,): 10102},
        lldpRemChassisId={(0, 1, 1): CHASSIS, (0, 2, 1): b"text", (0, 3, 1): CHASSIS, (9,): CHASSIS},
        lldpRemChassisIdSubtype={(0, 1, 1): 4, (0, 2, 1): 7, (0, 3, 1): 7},
        lldpRemSysName={(0, 1, 1): b"core\x1b[2J"},
    )
    skipped: list[Skipped] = []
    found = read_neighbours(columns, ports, skipped)
    assert [(one.port, one.mac) for one in found] == [(10101, "8c:60:4f:19:16:3a"), (10102, ""), (3, "")]
    assert "\x1b" not in found[0].name
    assert [one.why for one in skipped] == ["1 row not taken: the index is no neighbour"]
    assert read_neighbours(fill(cdpCacheDeviceId={(8, 1): CHASSIS}), (), []) == (
        Neighbour(port=8, mac="8c:60:4f:19:16:3a"),
    )


def test_arp_of_both_tables() -> None:
    skipped: list[Skipped] = []
    six = (0x20, 1, 0xD, 0xB8, *[0] * 11, 1)
    columns = fill(
        ipNetToMediaPhysAddress={(23, 10, 1, 30, 1): CHASSIS, (23, 10, 1, 30, 2): b"", (23, 10, 1, 30, 999): CHASSIS},
        ipNetToPhysicalPhysAddress={
            (23, 1, 4, 10, 1, 30, 1): CHASSIS,
            (5, 2, 16, *six): CHASSIS,
            (5, 2, 4, 1): CHASSIS,
        },
    )
    assert read_arp(columns, skipped) == (
        ArpRow(address="10.1.30.1", mac="8c:60:4f:19:16:3a", port=23),
        ArpRow(address="2001:db8::1", mac="8c:60:4f:19:16:3a", port=5),
    )
    assert sorted(one.why for one in skipped) == [
        "1 row not taken: no MAC",
        "2 rows not taken: the index is no address",
    ]
