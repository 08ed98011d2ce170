"""What a host says of itself is taken for this host alone, however much it claims."""

import pytest

from codered_hq.hosts.finding import find_host_at
from codered_hq.hosts.gaps import find_gaps
from codered_hq.hosts.models import Host, Identifier
from codered_hq.hosts.telling import MOST_JOINED, record_told
from codered_hq.model.inventory import HostRecord, Source
from tests.fixtures.inventories import NOW, make_host, record

pytestmark = pytest.mark.django_db
MAC, OTHER = "02:00:00:00:00:01", "02:00:00:00:00:02"


def tell(host: Host, *records: HostRecord) -> None:
    record_told(host, records, Source(kind="scan", name=host.label), NOW)


def known(host: Host) -> set[tuple[str, str, bool]]:
    return set(host.identifiers.values_list("kind", "value", "shared"))


def gaps() -> set[tuple[str, str]]:
    return {(gap.kind, gap.about) for gap in find_gaps(NOW) if gap.kind.startswith("conflict")}


def test_what_is_another_s_is_neither_taken_nor_shared() -> None:
    liar = make_host("a", "10.0.9.66", mac="66:66:66:66:66:66")
    victim = make_host("db1", "10.0.0.1", mac=MAC, serial="SN1", agent_key="k")
    bare = make_host("", "10.0.0.2", serial="SN2")
    before = known(victim), known(bare)
    tell(
        liar,
        HostRecord(name="db1", mac=MAC, serial="SN1", address="10.0.0.1"),
        HostRecord(name="db1", mac="66:66:66:66:66:66", serial="SN2", address="10.0.9.66", seen_at=NOW),
        HostRecord(address="10.0.0.2"),
    )
    assert (known(victim), known(bare), Host.objects.count()) == (*before, 3)
    assert known(liar) == {("name", "a", False), ("mac", "66:66:66:66:66:66", False)}
    assert [find_host_at(f"10.0.{end}") for end in ("0.1", "0.2", "9.66")] == [victim, bare, liar]
    assert gaps() == {("conflict: name", "a"), ("conflict: mac", "a"), ("conflict: serial", "a")}


def test_another_machine_id_under_one_key_is_a_conflict_on_that_host() -> None:
    host = make_host("a", "10.0.0.1", agent_key="k")
    tell(host, HostRecord(name="a", machine_id="m1"))
    tell(host, HostRecord(name="a", machine_id="m2", mac=MAC))
    assert known(host) == {("agent_key", "k", False), ("name", "a", False), ("machine_id", "m1", False),
                           ("mac", MAC, False)}  # fmt: skip
    assert gaps() == {("conflict: machine_id", "a")}


def test_a_card_that_dhcp_knew_becomes_part_of_its_machine_but_not_a_whole_network() -> None:
    host = make_host("a", "10.0.0.1", agent_key="k")
    card = record(HostRecord(mac=MAC, address="10.0.0.2", seen_at=NOW), kind="arp").hosts[0]
    named = record(HostRecord(mac=OTHER, name="b", address="10.0.0.3", seen_at=NOW)).hosts[0]
    tell(host, HostRecord(name="a", mac=MAC, address="10.0.0.2"), HostRecord(name="a", mac=OTHER))
    assert set(Host.objects.all()) == {host, named}
    assert not Host.objects.filter(pk=card.pk).exists()
    assert find_host_at("10.0.0.2") == host
    many = [f"02:00:00:00:01:{number:02x}" for number in range(MOST_JOINED + 1)]
    record(*[HostRecord(mac=mac, address=f"10.1.0.{at}", seen_at=NOW) for at, mac in enumerate(many, 1)], kind="arp")
    tell(host, *[HostRecord(name="a", mac=mac) for mac in many])
    assert Host.objects.count() == 2 + len(many)
    assert not Identifier.objects.filter(shared=True).exists()


def test_what_many_share_stays_shared() -> None:
    twins = record(
        HostRecord(name="vm1", mac=MAC, address="10.0.0.1", seen_at=NOW),
        HostRecord(name="vm2", mac=MAC, address="10.0.0.2", seen_at=NOW),
    ).hosts
    third = make_host("vm3", "10.0.0.3")
    tell(third, HostRecord(name="vm3", mac=MAC))
    assert all(("mac", MAC, True) in known(host) for host in (*twins, third))
