"""Sets of addresses as sorted, separate intervals of numbers (IPv4 as ::ffff:0:0/96), however large they are."""

import ipaddress
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from codered_hq.hosts.numbers import read_range, to_address, to_number

_MAPPED_FIRST, _MAPPED_LAST = 0xFFFF << 32, (0xFFFF << 32) + (1 << 32) - 1


class Interval(NamedTuple):
    """All addresses from the first to the last number, both included."""

    first: int
    last: int

    def size(self) -> int:
        """How many addresses there are."""
        return self.last - self.first + 1


Intervals = tuple[Interval, ...]


def read_intervals(ranges: Iterable[str]) -> Intervals:
    """The addresses of some ranges or addresses. Raises WrongUse for what is none."""
    networks = [read_range(text) for text in ranges]
    return merge(Interval(number_of(str(network[0])), number_of(str(network[-1]))) for network in networks)


def number_of(address: str) -> int:
    """The number of an address. Raises ValueError."""
    return int(to_number(address), 16)


def address_of(number: int) -> str:
    """The address of a number."""
    return to_address(f"{number:032x}")


def merge(intervals: Iterable[Interval]) -> Intervals:
    """In order, with what touches or overlaps as one."""
    merged: list[Interval] = []
    for each in sorted(intervals):
        if merged and each.first <= merged[-1].last + 1:
            merged[-1] = Interval(merged[-1].first, max(merged[-1].last, each.last))
        else:
            merged.append(each)
    return tuple(merged)


def intersect(some: Intervals, others: Intervals) -> Intervals:
    """What is in both."""
    if not some or not others:
        return ()
    found: list[Interval] = []
    at, other = _skip(some, others[0].first), _skip(others, some[0].first)
    while at < len(some) and other < len(others):
        first, last = max(some[at].first, others[other].first), min(some[at].last, others[other].last)
        if first <= last:
            found.append(Interval(first, last))
        if some[at].last < others[other].last:
            at += 1
        else:
            other += 1
    return tuple(found)


def subtract(some: Intervals, others: Intervals) -> Intervals:
    """What is in the first and not in the others."""
    found: list[Interval] = []
    place = _skip(others, some[0].first) if some else 0
    for each in some:
        first = each.first
        while place < len(others) and others[place].last < first:
            place += 1
        at = place
        while at < len(others) and others[at].first <= each.last:
            if others[at].first > first:
                found.append(Interval(first, others[at].first - 1))
            first = max(first, others[at].last + 1)
            at += 1
        if first <= each.last:
            found.append(Interval(first, each.last))
    return tuple(found)


def holds(intervals: Intervals, first: int, last: int) -> bool:
    """Whether all addresses from the first to the last number are in them."""
    place = _skip(intervals, first)
    return place < len(intervals) and intervals[place].first <= first and last <= intervals[place].last


def count(intervals: Intervals) -> int:
    """How many addresses there are in all."""
    return sum(each.size() for each in intervals)


def count_numbers(numbers: Sequence[int], intervals: Intervals) -> int:
    """How many of these numbers, which are in order, lie in them."""
    return sum(bisect_right(numbers, each.last) - bisect_left(numbers, each.first) for each in intervals)


def write_ranges(intervals: Intervals) -> tuple[str, ...]:
    """As ranges in CIDR form, one address without its prefix; IPv4 stays IPv4."""
    return tuple(text for each in intervals for text in _write(each))


def _skip(intervals: Intervals, number: int) -> int:
    """The place of the first one that does not end before this number."""
    return bisect_left(intervals, number, key=lambda each: each.last)


def _write(interval: Interval) -> Iterator[str]:
    for first, last in _split(interval):
        for network in ipaddress.summarize_address_range(
            ipaddress.ip_address(address_of(first)), ipaddress.ip_address(address_of(last))
        ):
            yield str(network[0]) if network.num_addresses == 1 else str(network)


def _split(interval: Interval) -> Iterator[Interval]:
    """IPv4 apart from IPv6: neighbours there are strangers."""
    for low, high in ((0, _MAPPED_FIRST - 1), (_MAPPED_FIRST, _MAPPED_LAST), (_MAPPED_LAST + 1, (1 << 128) - 1)):
        first, last = max(interval.first, low), min(interval.last, high)
        if first <= last:
            yield Interval(first, last)
