"""Who a host says it is, believed within bounds."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from codered.model.job import HostFacts, NetworkCard
from codered_hq.fleet.facts import take_facts
from codered_hq.hosts.models import AddressUse, Claim, Host, Identifier, Subnet
from tests.fixtures.inventories import NOW

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
