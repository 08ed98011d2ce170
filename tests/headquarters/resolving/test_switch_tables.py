from datetime import UTC, datetime

import msgspec
import pytest

from codered_hq.resolving.switch_tables import Neighbour, Port, SeenMac, SwitchTables


def test_tables_are_kept_and_read_back_as_they_were() -> None:
    """What was read of a switch can be carried away as JSON; nobody changes it afterwards."""
    tables = SwitchTables(
        address="192.0.2.1",
        name="floor1",
        ports=(Port(number=1, name="g1", up=True),),
        macs=(SeenMac(mac="00:50:56:00:00:01", port=1, vlan=20),),
        neighbours=(Neighbour(port=1, name="core"),),
        own_macs=frozenset(["00:50:56:00:00:09"]),
        seen_at=datetime(2026, 11, 22, tzinfo=UTC),
    )
    assert msgspec.json.decode(msgspec.json.encode(tables), type=SwitchTables) == tables
    assert tables.neighbours[0].bridges is None  # not told is not "no"
    with pytest.raises(AttributeError):
        tables.name = "other"  # type: ignore[misc]
