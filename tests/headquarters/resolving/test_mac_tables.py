from collections import defaultdict

from codered_hq.model.inventory import Skipped
from codered_hq.resolving.mac_tables import Forwarding, read_forwarding
from codered_hq.resolving.row_values import Rows
from codered_hq.resolving.switch_tables import SeenMac

A, B = (2, 0, 0, 0, 0, 1), (2, 0, 0, 0, 0, 2)


def read(columns: dict[str, Rows], *tables: Forwarding) -> tuple[list[SeenMac], list[str]]:
    skipped: list[Skipped] = []
    every: dict[str, Rows] = defaultdict(dict, columns)
    return read_forwarding(every, list(tables), skipped), [one.why for one in skipped]


def test_table_ids_lead_to_vlans() -> None:
    base: Rows = {(1,): 101, (2,): 102}
    ids: Rows = {(0, 50): 7, (99, 60): 8, (0, 61): 8}  # VLANs 60 and 61 share a table: neither is told
    ports: Rows = {(7, *A): 1, (8, *B): 2}
    macs, whys = read({"dot1dBasePortIfIndex": base, "dot1qVlanFdbId": ids, "dot1qTpFdbPort": ports})
    assert [(seen.mac, seen.port, seen.vlan) for seen in macs] == [
        ("02:00:00:00:00:01", 101, 50),
        ("02:00:00:00:00:02", 102, 0),
    ]
    assert whys == []
    plain, _ = read({"dot1dBasePortIfIndex": base, "dot1qTpFdbPort": {(30, *A): 1, (4711, *B): 2}})
    assert [seen.vlan for seen in plain] == [30, 0]  # no table of ids: the id is the VLAN, as most do


def test_bridge_mib_adds_what_q_bridge_lacks() -> None:
    columns: dict[str, Rows] = {"dot1dBasePortIfIndex": {(1,): 101}, "dot1qTpFdbPort": {(30, *A): 1}}
    macs, _ = read(columns, Forwarding({(9,): 109}, {A: 9, B: 9}, {B: 5}, 77))
    assert macs == [
        SeenMac(mac="02:00:00:00:00:01", port=101, vlan=30),
        SeenMac(mac="02:00:00:00:00:02", port=109, vlan=77, status="static"),
    ]


def test_lies_are_counted_and_the_rest_is_taken() -> None:
    base: Rows = {(1,): 101}
    ports: Rows = {(30, *A): 1, (30, 999, 0, 0, 0, 0, 1): 1, (30, *B): 99, (31, *B): b"1", (1, 2): 1, (32, *B): 0}
    macs, whys = read({"dot1dBasePortIfIndex": base, "dot1qTpFdbPort": ports})
    assert [seen.port for seen in macs] == [101]
    assert sorted(whys) == [
        "1 row not taken: a bridge port that the switch does not have",
        "1 row not taken: the port is no number",
        "2 rows not taken: the index is no MAC",
    ]


def test_own_and_invalid_rows() -> None:
    macs, whys = read({}, Forwarding({}, {A: 0, B: 3}, {A: 4, B: 2}))
    assert [(seen.mac, seen.port, seen.status) for seen in macs] == [("02:00:00:00:00:01", 0, "own")]
    assert whys == []
