"""Switches are read once, all of them where they are few; what can't be read is told."""

from collections.abc import Sequence

from codered_hq.config import Config, SnmpConfig
from codered_hq.containment.sighting import MOST_READ, Sight
from codered_hq.model.inventory import Skipped
from codered_hq.resolving.snmp_access import SnmpAccess
from codered_hq.resolving.switch_tables import SwitchTables
from tests.fixtures.played_devices import make_router, make_switch, make_tables

MAC = "02:00:00:00:01:01"


def test_what_is_read_and_how() -> None:
    asked: list[tuple[str, ...]] = []
    tables = make_tables("192.0.2.1", {"p1": [MAC], "p2": []})

    def read(addresses: Sequence[str], access: SnmpAccess) -> list[SwitchTables | Skipped]:
        asked.append((access.user or access.community, *addresses))
        return [tables if each == "192.0.2.1" else Skipped(where=each, why="silent") for each in addresses]

    snmp = SnmpConfig(devices=("192.0.2.1", "192.0.2.2"), user="reader")
    devices = (make_switch("sw1", "192.0.2.1"), make_switch("sw3", "192.0.2.3"), make_router("r1"))
    sight = Sight(Config(snmp=(snmp,), devices=devices), read)
    assert (sight.explain("192.0.2.1"), sight.explain("192.0.2.2")) == ("", "silent")
    assert sorted(asked) == [("played", "192.0.2.3"), ("reader", "192.0.2.1", "192.0.2.2")]
    assert "no [[snmp]]" in sight.explain("192.0.2.99")
    assert [view.macs for view in sight.find_ports("192.0.2.1", "p1")] == [{MAC}]
    assert sight.find_ports("192.0.2.1", "p9") == []
    (place,), _ = sight.locate([MAC])
    assert (place.port, len(asked)) == ("p1", 2)
    sight.forget()
    assert sight.find_table("192.0.2.1") is tables
    assert len(asked) == 4


def test_of_many_only_those_that_are_named() -> None:
    asked: list[str] = []

    def read(addresses: Sequence[str], _access: SnmpAccess) -> list[SwitchTables | Skipped]:
        asked.extend(addresses)
        return []

    many = tuple(f"192.0.{one}.1" for one in range(MOST_READ + 1))
    Sight(Config(snmp=(SnmpConfig(devices=many, community="x"),)), read).look([many[3]])
    assert asked == [many[3]]
