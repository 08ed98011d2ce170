"""Addresses as numbers sort as addresses do, whatever their kind."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered.model.errors import WrongUse
from codered_hq.hosts.numbers import read_range, to_address, to_bounds, to_number


@given(st.ip_addresses(), st.ip_addresses())
def test_numbers_come_back_and_sort(one: ipaddress.IPv4Address, other: ipaddress.IPv4Address) -> None:
    assert to_number(to_address(to_number(str(one)))) == to_number(str(one))
    if one.version == other.version:
        assert (to_number(str(one)) < to_number(str(other))) == (one < other)


def test_ranges() -> None:
    assert to_address(to_bounds(read_range("10.1.2.3/24"))[1]) == "10.1.2.255"
    assert read_range("fd00::1").num_addresses == 1
    for text in ("10.1.2.300", "", "x" * 999, "10.0.0.0/33"):
        with pytest.raises(WrongUse, match="no address or range"):
            read_range(text)
