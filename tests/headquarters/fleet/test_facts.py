"""Who a host says it is, believed within bounds."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from codered.model.job import HostFacts, NetworkCard
from codered_hq.fleet.facts import MOST_SUBNETS, take_facts
from codered_hq.hosts.models import AddressUse, Claim, Host, Identifier, Owner, Subnet
from codered_hq.hosts.recording import record_seen_subnets
from codered_hq.model.inventory import Source
from tests.fixtures.inventories import NOW, make_host

KEY = "ed25519:" + "2" * 32


@pytest.mark.django_db
def test_names_cards_administrators_and_ways_to_other_networks() -> None:
    cards = (
        NetworkCard(name="lo", addresses=("127.0.0.1/8", "::1/128")),
        NetworkCard(name="eth0", mac="02:00:00:00:00:0A", addresses=("10.1.0.5/24", "fe80::1/64", "2001:db8::5/64")),
        NetworkCard(name="eth1", mac="02:00:00:00:00:0b"),
    )
    facts = HostFacts(
        name="Web-5", domain_name="web-5.example.org", machine_id="e1" * 16, serial="S-1", cards=cards,
        admins=("root", "eve"),
        routes=("0.0.0.0/0", "10.1.0.0/24", "192.168.7.0/24", "10.1.0.1/32", "127.0.0.0/8", "fe80::/64", "no route"),
    )  # fmt: skip
    take_facts(facts, KEY, NOW)
    host = Host.objects.get()
    assert host.label == "web-5.example.org"
    assert set(host.identifiers.values_list("kind", "value")) == {
        ("agent_key", KEY), ("machine_id", "e1" * 16), ("serial", "S-1"), ("mac", "02:00:00:00:00:0a"),
        ("mac", "02:00:00:00:00:0b"), ("name", "web-5.example.org"),
    }  # fmt: skip
    assert set(AddressUse.objects.values_list("address", flat=True)) == {"10.1.0.5", "2001:db8::5"}
    assert set(Claim.objects.filter(kind="admin").values_list("value", flat=True)) == {"root", "eve"}
    assert set(Subnet.objects.values_list("range", flat=True)) == {"10.1.0.0/24", "192.168.7.0/24"}


@pytest.mark.django_db
def test_what_is_no_name_address_or_number_is_left_out() -> None:
    odd = ("999.1.1.1", "10.0.0.0/99", "\0", "224.0.0.1")
    cards = tuple(
        NetworkCard(name="x", mac="not a mac", addresses=(*odd, f"10.2.0.{number}/24")) for number in range(300)
    )
    facts = HostFacts(
        name="<script>\0", domain_name="localhost", machine_id="\x1b[2J", serial="\0" * 900, cards=cards,
        admins=("a\0b", *(f"u{number}" for number in range(9000))), system="\x1b[31mred", routes=("/" * 500,) * 9000,
    )  # fmt: skip
    take_facts(facts, KEY, NOW)
    assert {each.kind for each in Identifier.objects.all()} == {"agent_key"}
    assert AddressUse.objects.count() == 64
    assert Claim.objects.filter(kind="admin").count() == 500
    assert not Claim.objects.filter(value__contains="\x1b").exists()
    assert not Subnet.objects.exists()


@pytest.mark.django_db
def test_what_it_says_of_other_networks_does_not_pile_up() -> None:
    """Neither by answering again, nor under another name; another host's and what was described stay."""
    record_seen_subnets(["10.66.0.0/24"], Source(kind="scan", name="a"), NOW, of="ed25519:other")
    wide = ("0.0.0.0/1", "128.0.0.0/7", "2000::/3")
    for number in range(3):
        routes = tuple(f"{20 + number}.{each >> 8}.{each & 255}.0/24" for each in range(512))
        take_facts(HostFacts(name=f"a{number}", routes=(*wide, "10.0.0.0/8", *routes)), KEY, NOW)
        assert Subnet.objects.count() == MOST_SUBNETS - len(wide) + 1 + number  # and those that were described
        ann, _ = Owner.objects.get_or_create(name="ann")
        Subnet.objects.filter(range=f"{20 + number}.0.3.0/24").update(owner=ann)
    found = set(Subnet.objects.values_list("range", flat=True))
    assert {"10.66.0.0/24", "10.0.0.0/8", "20.0.3.0/24", "22.0.0.0/24"} <= found
    assert not {"20.0.0.0/24", *wide} & found
    assert Subnet.objects.get(range="22.0.0.0/24").source == f"scan:a2 {KEY}"


class TestHostile(TestCase):
    """Whatever a host says of itself, it is taken or left out."""

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(st.text(max_size=40), min_size=8, max_size=8))
    def test_anything(self, words: list[str]) -> None:
        """No words of a host break the inventory."""
        name, domain, machine, serial, mac, address, route, admin = words
        card = NetworkCard(name=name, mac=mac, addresses=(address,))
        facts = HostFacts(
            name=name,
            domain_name=domain,
            machine_id=machine,
            serial=serial,
            cards=(card,),
            routes=(route,),
            admins=(admin,),
        )
        take_facts(facts, KEY, NOW)
        assert Identifier.objects.filter(kind="agent_key").count() == 1


@pytest.mark.django_db
def test_an_address_is_seen_only_where_the_host_was_asked() -> None:
    liar, other = make_host("a", "10.0.9.66", agent_key=KEY), make_host("b", "10.0.0.1")
    cards = (NetworkCard(name="e", addresses=("10.0.9.66/24", "10.0.0.1/24", "10.0.0.3/24")),)
    later = NOW + timedelta(hours=1)
    take_facts(HostFacts(name="a", cards=cards), KEY, later, "10.0.9.66")
    held = {(use.address, use.host_id) for use in AddressUse.objects.filter(current=True)}
    assert held == {("10.0.9.66", liar.pk), ("10.0.0.1", other.pk), ("10.0.0.3", liar.pk)}
    take_facts(HostFacts(name="a", cards=cards), KEY, later, "10.0.0.1")  # it answered there
    assert AddressUse.objects.get(address="10.0.0.1", current=True).host == liar
