from datetime import UTC, datetime

from codered_hq.importing.harvest import Harvest
from codered_hq.importing.records import KINDS, add_host, add_record, field_names, try_value
from codered_hq.importing.values import read_address
from codered_hq.model.inventory import HostRecord, Inventory, Source, SubnetRecord


def finish(harvest: Harvest) -> Inventory:
    return harvest.finish(Source(kind="csv", name="x"))


def test_fields_that_do_not_fit_are_left_out_and_named() -> None:
    harvest = Harvest()
    fields = {"address": "10.0.0.1", "mac": "ff:ff:ff:ff:ff:ff", "name": "a b", "criticality": "huge",
              "tags": "web, iis",
              "current": "no", "seen_at": "2026-11-22T10:00:00Z", "owner": "x\x1b[0m"}  # fmt: skip
    add_record(harvest, "hosts", fields, "line 2")
    add_record(harvest, "hosts", {"mac": "", "owner": "Anna"}, "line 3")
    found = finish(harvest)
    seen = datetime(2026, 11, 22, 10, tzinfo=UTC)
    assert found.hosts == (HostRecord(address="10.0.0.1", tags=("web", "iis"), current=False, seen_at=seen),)
    assert {(part.where, part.why.partition(":")[0]) for part in found.skipped} == {
        ("line 2", "mac"), ("line 2", "name"), ("line 2", "criticality"), ("line 2", "owner"),
        ("line 3", "neither an address, a MAC nor a name"),
    }  # fmt: skip


def test_each_kind_needs_something() -> None:
    harvest = Harvest()
    add_record(harvest, "subnets", {"range": "10.1.2.3/16", "vlan": "10", "criticality": "2"}, "line 1")
    add_record(harvest, "subnets", {"range": "10.2.0.0/16", "vlan": "5000"}, "line 2")
    add_record(harvest, "zones", {"name": "x", "kind": "secret"}, "line 3")
    add_record(harvest, "owners", {"mail": "a@example.org"}, "line 4")
    add_record(harvest, "scan_points", {"name": "sp", "zone": "plant", "engine": "ansible"}, "line 5")
    add_record(harvest, "places", {"mac": "52:54:00:00:00:01", "switch": "sw", "port": "1"}, "line 6")
    add_record(
        harvest, "places", {"mac": "52:54:00:00:00:01", "switch": "sw", "port": "1", "seen_at": "1781335753"}, ""
    )
    add_record(harvest, "hosts", {"name": ["a", "b"], "address": "10.0.0.1"}, "line 7")
    found = finish(harvest)
    assert found.subnets[0] == SubnetRecord(range="10.1.0.0/16", vlan=10, criticality="normal")
    assert found.subnets[1].vlan == 0
    assert [part.why for part in found.notes] == ["10.1.2.3/16 has host bits: taken as 10.1.0.0/16"]
    assert len(found.places) == len(found.scan_points) == 1
    assert [part.where for part in found.skipped] == [f"line {n}" for n in (2, 3, 3, 4, 6, 7)]


def test_values_and_hosts() -> None:
    harvest = Harvest()
    assert try_value(harvest, "here", read_address, "10.0.0.1") == "10.0.0.1"
    assert try_value(harvest, "here", read_address, "x") is None
    assert try_value(harvest, "there", read_address, "fe80::1") is None
    assert add_host(harvest, "here", HostRecord(name="a"))
    assert not add_host(harvest, "here", HostRecord(owner="a"))
    found = finish(harvest)
    assert len(found.skipped) == 2
    assert [note.where for note in found.notes] == ["there"]
    assert all(field_names(kind) for kind in KINDS)
