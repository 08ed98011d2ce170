import socket
from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codered.model.errors import WrongUse
from codered_hq.probing.ranges import BLOCK, MOST_ADDRESSES, AddressSpace, Ranges, permute


@given(st.integers(0, 5000), st.integers(0, 2**64))
def test_an_order_has_each_number_once(size: int, seed: int) -> None:
    assert sorted(permute(size, seed)) == list(range(size))


def test_orders_are_random_and_kept_by_their_seed() -> None:
    first, second = list(permute(65536, 1)), list(permute(65536, 2))
    assert first == list(permute(65536, 1))
    assert first != second
    subnets = [number >> 8 for number in first[:256]]
    assert len(set(subnets)) > 100  # neighbours in time are no neighbours in the network


NETWORKS = st.one_of(
    st.tuples(st.integers(0, 2**32 - 1), st.integers(23, 32)).map(lambda pair: ip_network(pair, strict=False)),
    st.tuples(st.integers(0, 2**128 - 1), st.integers(119, 128)).map(lambda pair: ip_network(pair, strict=False)),
)


@settings(max_examples=25, deadline=None)
@given(st.lists(NETWORKS, max_size=4), st.integers(0, 99))
def test_a_walk_meets_each_address_once(networks: list[object], seed: int) -> None:
    ranges = tuple(map(str, networks))
    space = AddressSpace(ranges)
    wanted = {str(each) for text in ranges for each in ip_network(text)}
    places = [space.locate(index) for index in space.walk(seed)]
    assert {place.text for place in places} == wanted
    assert len(places) == len(wanted) == space.total
    cells = {(place.block, place.position) for place in places}
    assert len(cells) == len(places)
    for place in places:
        first, size = space.describe(place.block)
        assert place.position < size <= BLOCK
        assert int(ip_address(place.text)) - int(ip_address(first)) == place.position


def test_blocks_that_are_done_are_passed_by() -> None:
    space = AddressSpace(
        ("10.0.0.0/22", "2001:db8::/119"), ("10.0.1.0", "2001:db8::100", "10.0.0.7", "192.0.2.0", "::")
    )
    seen = {space.locate(index).text for index in space.walk(5)}
    assert len(seen) == space.remaining() == 1024 + 512 - 512
    assert not any(text.startswith("10.0.1.") for text in seen)
    assert AddressSpace((), ("10.0.0.0",)).remaining() == 0


def test_what_is_no_range_or_too_much_is_refused() -> None:
    for text in ("10.0.0.1/24", "x", "10.0.0.0/33", "", "fe80::1%eth0"):
        with pytest.raises(WrongUse):
            AddressSpace((text,))
    with pytest.raises(WrongUse, match="16,777,216 addresses"):
        AddressSpace(("2001:db8::/64",))
    assert AddressSpace(("10.0.0.0/8", "10.0.0.0/9")).total == MOST_ADDRESSES
    with pytest.raises(WrongUse):
        AddressSpace(("10.0.0.0/8", "11.0.0.0/32"))


def test_ranges_hold() -> None:
    ranges = Ranges(("10.0.0.0/24", "10.0.0.128/25", "2001:db8::/64", "10.0.2.1"))
    places = {
        text: AddressSpace((text,)).locate(0) for text in ("10.0.0.255", "10.0.1.0", "10.0.2.1", "2001:db8::ff", "::1")
    }
    assert [text for text, place in places.items() if ranges.hold(place)] == ["10.0.0.255", "10.0.2.1", "2001:db8::ff"]
    assert places["::1"].family == socket.AF_INET6
    assert not Ranges(()).hold(places["::1"])
