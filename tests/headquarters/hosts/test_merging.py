"""A host is its identity over time: every way in which sources name one machine differently, and two alike."""

import pytest

from codered_hq.hosts.merging import Merger, is_address, name_host
from codered_hq.hosts.models import Host
from codered_hq.model.inventory import HostRecord
from tests.fixtures.inventories import HOUR, NOW, make_host, record

pytestmark = pytest.mark.django_db
MAC, OTHER = "02:00:00:00:00:01", "02:00:00:00:00:02"


def held(host: Host) -> list[str]:
    return sorted(host.addresses.filter(current=True).values_list("address", flat=True))


def test_a_laptop_that_moves_is_one_machine() -> None:
    first = record(HostRecord(mac=MAC, name="laptop", address="10.1.0.5", seen_at=NOW - HOUR)).hosts[0]
    moved = record(HostRecord(mac=MAC, name="laptop", address="10.2.0.9", seen_at=NOW), kind="kea").hosts[0]
    assert moved == first
    assert held(first) == ["10.2.0.9"]
    assert first.addresses.count() == 2
    # its old address now belongs to somebody else, and news that come late change nothing
    next_one = record(HostRecord(mac=OTHER, name="desk", address="10.1.0.5", seen_at=NOW)).hosts[0]
    late = record(HostRecord(mac=MAC, address="10.1.0.5", seen_at=NOW - 2 * HOUR)).hosts[0]
    assert (next_one != first, late == first, held(first), held(next_one)) == (True, True, ["10.2.0.9"], ["10.1.0.5"])


def test_what_two_sources_knew_by_different_things_is_joined() -> None:
    by_mac = record(HostRecord(mac=MAC, address="10.1.0.5", seen_at=NOW), kind="arp").hosts[0]
    by_name = record(HostRecord(name="web1", owner="shop"), kind="csv").hosts[0]
    assert by_mac != by_name
    joined = record(HostRecord(mac=MAC, name="web1", tags=("web",), seen_at=NOW)).hosts[0]
    assert Host.objects.count() == 1
    assert (joined.label, joined.owner and joined.owner.name, held(joined)) == ("web1", "shop", ["10.1.0.5"])
    assert [tag.name for tag in joined.tags.all()] == ["web"]


def test_within_one_source_too() -> None:
    taken = record(
        HostRecord(mac=MAC, address="10.1.0.5", seen_at=NOW),
        HostRecord(name="web1", address="10.1.0.9", seen_at=NOW),
        HostRecord(mac=MAC, name="web1", seen_at=NOW),
    )
    assert (Host.objects.count(), taken.new_hosts, len(set(taken.hosts))) == (1, 1, 1)
    assert Host.objects.get().label == "web1"


def test_machines_that_differ_in_serial_or_machine_id_are_never_joined() -> None:
    one = record(HostRecord(mac=MAC, name="vm", machine_id="a" * 32, seen_at=NOW), kind="scan").hosts[0]
    clone = record(HostRecord(mac=MAC, name="vm", machine_id="b" * 32, seen_at=NOW), kind="scan").hosts[0]
    assert one != clone
    shared = {(each.kind, each.value) for each in one.identifiers.filter(shared=True)}
    assert shared == {("mac", MAC), ("name", "vm")}
    # what is shared leads to nobody: a lease of that MAC is a third, unknown one until it is scanned
    lease = record(HostRecord(mac=MAC, address="10.1.0.7", seen_at=NOW)).hosts[0]
    assert lease not in (one, clone)


def test_a_name_and_a_mac_given_twice_at_once_prove_nothing() -> None:
    taken = record(
        HostRecord(name="pc", mac=MAC, address="10.1.0.1", seen_at=NOW),
        HostRecord(name="pc", mac=OTHER, address="10.1.0.2", seen_at=NOW),
    )
    assert len(set(taken.hosts)) == 2
    assert all(host.identifiers.get(kind="name").shared for host in taken.hosts)
    virtual = record(
        HostRecord(name="a", mac="02:00:00:00:00:09", seen_at=NOW),
        HostRecord(name="b", mac="02:00:00:00:00:09", seen_at=NOW),
    )
    assert len(set(virtual.hosts)) == 2


def test_an_address_leads_to_who_has_it_now() -> None:
    known = record(HostRecord(name="web1", mac=MAC, address="10.1.0.5", seen_at=NOW - HOUR)).hosts[0]
    swept = record(HostRecord(address="10.1.0.5", seen_at=NOW), kind="sweep").hosts[0]
    assert swept == known
    unknown = record(HostRecord(address="10.1.0.6", seen_at=NOW), kind="sweep").hosts[0]
    assert unknown.label == "10.1.0.6"
    named = record(HostRecord(address="10.1.0.6", name="printer", seen_at=NOW), kind="dns").hosts[0]
    assert (named, named.label) == (unknown, "printer")
    old = NOW + 24 * HOUR * 30
    assert record(HostRecord(address="10.1.0.5", seen_at=old), kind="sweep", at=old).hosts[0] != known


def test_a_record_without_a_time_takes_no_address_away() -> None:
    seen = record(HostRecord(name="new", mac=MAC, address="10.1.0.5", seen_at=NOW - HOUR)).hosts[0]
    stale = record(HostRecord(name="old", address="10.1.0.5"), kind="csv", name="old.csv").hosts[0]
    assert (stale != seen, held(seen), held(stale)) == (True, ["10.1.0.5"], [])


def test_short_names_and_aliases_of_an_address_are_no_other_machines() -> None:
    known = record(HostRecord(name="web1", mac=MAC, address="10.1.0.5", seen_at=NOW - HOUR)).hosts[0]
    rows = [HostRecord(name=name, address="10.1.0.5") for name in ("web1.corp.example", "news.corp.example")]
    taken = record(*rows, kind="zone-file", name="corp.zone")
    assert (set(taken.hosts), taken.new_hosts) == ({known}, 0)
    assert sorted(known.identifiers.filter(kind="name").values_list("value", flat=True)) == [
        "web1",
        "web1.corp.example",
    ]
    assert list(known.claims.values_list("kind", "value")) == [("alias", "news.corp.example")]
    # of a list of machines, another name at an address is another machine
    assert record(HostRecord(name="news.corp.example", address="10.1.0.5"), kind="csv").new_hosts == 1


def test_expired_leases_and_clocks_that_run_ahead() -> None:
    gone = record(HostRecord(mac=MAC, address="10.1.0.5", seen_at=NOW - HOUR, until=NOW - HOUR, current=False)).hosts[0]
    assert held(gone) == []
    ahead = record(HostRecord(mac=OTHER, address="10.1.0.6", seen_at=NOW + 999 * HOUR)).hosts[0]
    assert ahead.last_seen == NOW


def test_a_machine_with_two_cards_keeps_both_addresses() -> None:
    card = {"machine_id": "c" * 32, "name": "router", "seen_at": NOW}
    taken = record(
        HostRecord(mac=MAC, address="10.1.0.1", **card),  # type: ignore[arg-type]
        HostRecord(mac=OTHER, address="10.2.0.1", **card),  # type: ignore[arg-type]
        kind="scan",
    )
    assert len(set(taken.hosts)) == 1
    assert held(taken.hosts[0]) == ["10.1.0.1", "10.2.0.1"]


def test_names_of_hosts() -> None:
    host = make_host("web1", "10.1.0.5")
    assert name_host(host, {"name": "other"}) == "web1"
    assert name_host(Host(label="10.1.0.5"), {"netbios": "WEB1"}) == "WEB1"
    assert name_host(Host(label=MAC), {"name": "web1", "netbios": "WEB1"}) == "web1"
    assert name_host(None, {}) == "unnamed"
    assert (is_address("::1"), is_address("web1")) == (True, False)


def test_many_records_are_taken_alike() -> None:
    """From some number on every host is read; it must make no difference."""
    rows = [
        HostRecord(mac=f"02:00:00:00:{number >> 8:02x}:{number & 255:02x}", name=f"pc{number}", seen_at=NOW)
        for number in range(5001)
    ]
    first = record(*rows)
    again = record(*rows, kind="kea")
    assert (first.new_hosts, again.new_hosts, again.hosts == first.hosts, Host.objects.count()) == (5001, 0, True, 5001)


def test_a_hostname_in_a_lease_hides_no_machine_behind_another() -> None:
    known = record(HostRecord(name="dc1", mac=MAC, address="10.0.0.1", seen_at=NOW - HOUR), kind="csv").hosts[0]
    hidden = record(HostRecord(name="dc1", mac=OTHER, address="10.0.9.66", seen_at=NOW)).hosts[0]
    assert (hidden != known, held(known), held(hidden)) == (True, ["10.0.0.1"], ["10.0.9.66"])
    assert all(host.identifiers.get(kind="name").shared for host in (known, hidden))


def test_a_key_outranks_a_machine_id_which_is_kept_as_a_claim() -> None:
    host = record(HostRecord(agent_key="k", machine_id="m1")).hosts[0]
    assert record(HostRecord(agent_key="k", machine_id="m2")).hosts == (host,)
    assert [each.value for each in host.identifiers.filter(kind="machine_id")] == ["m1"]
    assert host.claims.get(kind="machine_id told").value == "m2"
    merger = Merger((), NOW)
    merger.put(host.pk, HostRecord(name="whatever"))
    assert [key.host for key in merger.identifiers] == [host.pk]
