"""Sets of addresses behave like sets, also at the edges of IPv4 and IPv6."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered.model.errors import WrongUse
from codered_hq.sweeps.intervals import (
    Interval,
    Intervals,
    address_of,
    count,
    count_numbers,
    holds,
    intersect,
    merge,
    number_of,
    read_intervals,
    subtract,
    write_ranges,
)

SOME = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 9)).map(lambda pair: Interval(pair[0], sum(pair)))).map(
    merge
)


def spread(intervals: Intervals) -> set[int]:
    return {number for each in intervals for number in range(each.first, each.last + 1)}


@given(SOME, SOME)
def test_they_are_sets(some: Intervals, others: Intervals) -> None:
    assert spread(intersect(some, others)) == spread(some) & spread(others)
    assert spread(subtract(some, others)) == spread(some) - spread(others)
    assert spread(merge([*some, *others])) == spread(some) | spread(others)
    assert count(some) == len(spread(some))
    for made in (intersect(some, others), subtract(some, others)):
        assert made == merge(made)
    within = [(first, last) for first in range(70) for last in (first, first + 3)]
    assert count_numbers(range(0, 70, 3), some) == len(spread(some) & set(range(0, 70, 3)))
    for first, last in within:
        assert holds(some, first, last) == spread(some).issuperset(range(first, last + 1))


@given(SOME)
def test_ranges_come_back(some: Intervals) -> None:
    base = number_of("10.0.0.0")
    moved = merge(Interval(base + each.first, base + each.last) for each in some)
    assert read_intervals(write_ranges(moved)) == moved


def test_ranges_as_users_write_them() -> None:
    found = read_intervals(("10.0.0.5/24", "10.0.1.0/24", "fd00::1", "255.255.255.255", "0.0.0.0/32"))
    assert write_ranges(found) == ("0.0.0.0", "10.0.0.0/23", "255.255.255.255", "fd00::1")
    assert address_of(number_of("192.0.2.7")) == "192.0.2.7"
    edge = (Interval(number_of("255.255.255.255"), number_of("255.255.255.255") + 1),)
    assert write_ranges(edge) == ("255.255.255.255", "::1:0:0:0")
    with pytest.raises(WrongUse, match="is no address or range"):
        read_intervals(("10.0.0.256",))
