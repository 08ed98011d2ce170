"""The narrowest subnet around an address, however they lie in each other."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered_hq.hosts.models import Subnet
from codered_hq.hosts.numbers import to_bounds, to_number
from codered_hq.hosts.subnets import SubnetIndex, read_subnets
from tests.fixtures.inventories import document_subnets

NETWORKS = st.lists(
    st.tuples(st.integers(0, 1023), st.integers(22, 32)).map(
        lambda found: ipaddress.ip_network((0x0A000000 + found[0], found[1]), strict=False)
    ),
    max_size=12,
)


@given(NETWORKS, st.integers(0, 1300))
def test_the_narrowest_one_is_found(networks: list[ipaddress.IPv4Network], offset: int) -> None:
    address = ipaddress.ip_address(0x0A000000 + offset)
    index = SubnetIndex(_make(network) for network in networks)
    found = index.find(str(address))
    fitting = [network for network in networks if address in network]
    narrowest = max((network.prefixlen for network in fitting), default=None)
    assert (found and ipaddress.ip_network(found.range).prefixlen) == narrowest
    every = [each.range for each in index.find_all(to_number(str(address)))]
    assert every == [str(network) for network in sorted(fitting, key=lambda network: -network.prefixlen)]


@pytest.mark.django_db
def test_subnets_of_the_database() -> None:
    document_subnets("10.1.0.0/16", "10.1.2.0/24", "fd00::/64", zone="plant", zone_kind="protected")
    index = read_subnets()
    found = [index.find(address) for address in ("10.1.2.3", "10.1.3.3", "10.2.0.1", "fd00::7")]
    assert [each and each.range for each in found] == ["10.1.2.0/24", "10.1.0.0/16", None, "fd00::/64"]
    assert (found[0] and found[0].zone and found[0].zone.kind) == "protected"
    assert index.find_number(to_number("10.1.2.3")) == found[0]
    with pytest.raises(ValueError, match="does not appear"):
        index.find("web1")


def _make(network: ipaddress.IPv4Network) -> Subnet:
    first, last = to_bounds(network)
    return Subnet(range=str(network), first=first, last=last)
