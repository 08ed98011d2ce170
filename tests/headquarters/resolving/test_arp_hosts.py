from datetime import UTC, datetime

from codered_hq.model.inventory import HostRecord
from codered_hq.resolving.arp_hosts import MOST_ADDRESSES, read_arp_hosts
from codered_hq.resolving.switch_tables import ArpRow, SwitchTables

NOW = datetime(2026, 11, 22, tzinfo=UTC)
PC, ROUTER, OWN = "00:50:56:00:00:01", "00:50:56:00:00:02", "00:50:56:00:00:03"


def test_machines_and_what_only_looks_like_one() -> None:
    rows = [("10.0.0.5", PC), ("10.0.0.6", PC), ("10.0.0.1", OWN), ("10.0.0.2", "00:00:5e:00:01:07")]
    rows += [(f"10.0.1.{low}", ROUTER) for low in range(MOST_ADDRESSES + 1)]
    tables = SwitchTables(
        address="192.0.2.1",
        name="core",
        arp=tuple(ArpRow(address=address, mac=mac, port=1) for address, mac in rows),
        own_macs=frozenset([OWN]),
        seen_at=NOW,
    )
    records, skipped = read_arp_hosts(tables)
    assert records == (
        HostRecord(address="10.0.0.5", mac=PC, seen_at=NOW),
        HostRecord(address="10.0.0.6", mac=PC, seen_at=NOW),
    )
    assert sorted(one.why.partition(":")[0] for one in skipped) == [
        "1 row not taken",
        "1 row not taken",
        "17 rows not taken",
    ]
    assert any(f"{ROUTER} answers for 17 addresses" in one.why for one in skipped)
