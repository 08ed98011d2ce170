"""What a sweep is asked for -> addresses: words of the user, zones, all that is documented."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from codered.model.errors import WrongUse
from codered.packs.strict_yaml import read_bytes, shorten, show_path
from codered_hq.hosts.models import AddressUse, Subnet, Zone
from codered_hq.hosts.numbers import read_range
from codered_hq.sweeps.intervals import (
    Interval,
    Intervals,
    merge,
    number_of,
    read_intervals,
    write_ranges,
)

MOST_LIST_BYTES = 16 << 20
MOST_SIX = 1 << 16
"""Addresses of the largest IPv6 range that is swept whole (a /112); of a larger one those that are known."""
TOO_LARGE = "a range of this size can't be swept, and no address in it is known"
_IPV4_FIRST, _IPV4_LAST = 0xFFFF << 32, (0xFFFF << 32) + (1 << 32) - 1


class Targets(NamedTuple):
    """What to sweep: the ranges as they were wanted, the addresses that come of them, what is left out of them and
    why, and what to tell the user.
    """

    wanted: tuple[str, ...]
    addresses: Intervals
    left_out: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()


def find_targets(words: Iterable[str], zones: Iterable[str] = (), everything: bool = False) -> Targets:
    """The addresses that are meant by ranges, addresses, FIRST-LAST, @FILE, zones, or all documented subnets. Raises
    WrongUse if a word means none, or nothing is meant at all.
    """
    ranges = [text for word in words for text in _read_word(word)]
    if everything:
        ranges += Subnet.objects.filter(documented=True).values_list("range", flat=True)
    for name in zones:
        ranges += _list_zone(name)
    if not ranges:
        what = "no subnet is documented" if everything else "nothing to sweep"
        raise WrongUse(what, advice="name ranges, --zone Z or --all (codered hosts import takes in subnets)")
    return _weigh(merge(interval for text in ranges for interval in _read_interval(text)))


def is_sweepable(interval: Interval) -> bool:
    """Whether every address of it can be asked: IPv4, or IPv6 up to a /112."""
    return (interval.first >= _IPV4_FIRST and interval.last <= _IPV4_LAST) or interval.size() <= MOST_SIX


def list_known(interval: Interval) -> Intervals:
    """The addresses in it that hosts have now."""
    first, last = f"{interval.first:032x}", f"{interval.last:032x}"
    numbers = AddressUse.objects.filter(current=True, number__gte=first, number__lte=last)
    return merge(Interval(int(number, 16), int(number, 16)) for number in numbers.values_list("number", flat=True))


def _weigh(wanted: Intervals) -> Targets:
    addresses: list[Interval] = []
    left_out: list[tuple[str, str]] = []
    notes: list[str] = []
    for interval in wanted:
        if is_sweepable(interval):
            addresses.append(interval)
            continue
        known = list_known(interval)
        ranges = ", ".join(write_ranges((interval,))[:3])
        if known:
            notes.append(f"{ranges} is too large to sweep: the {len(known):,} known addresses in it are asked")
            addresses.extend(known)
        else:
            notes.append(f"{ranges}: {TOO_LARGE}")
            left_out.extend((text, TOO_LARGE) for text in write_ranges((interval,)))
    return Targets(write_ranges(wanted), merge(addresses), tuple(left_out), tuple(notes))


def _read_word(word: str) -> Iterator[str]:
    if not word.startswith("@"):
        yield word
        return
    path = Path(word[1:])
    raw = read_bytes(path, MOST_LIST_BYTES)
    for number, line in enumerate(raw.decode("utf-8", "backslashreplace").splitlines(), 1):
        for text in line.partition("#")[0].replace(",", " ").split():
            try:
                _read_interval(text)
            except WrongUse as error:
                place = f"{show_path(path)}:{number}"
                raise WrongUse(f"{shorten(text)} {error.what}", where=place, advice=error.advice) from None
            yield text


def _read_interval(text: str) -> Intervals:
    first, dash, last = text.partition("-")
    if not dash:
        return read_intervals((text,))
    bounds = [read_range(part) for part in (first, last)]
    numbers = [number_of(str(each[0])) for each in bounds]
    if (
        bounds[0].version != bounds[1].version
        or numbers[0] > numbers[1]
        or any(each.num_addresses > 1 for each in bounds)
    ):
        raise WrongUse("is no range", where=text[:60], advice="write 10.1.2.3-10.1.2.9, the lower address first")
    return (Interval(numbers[0], numbers[1]),)


def _list_zone(name: str) -> list[str]:
    zone = Zone.objects.filter(name=name).first()
    if zone is None:
        raise WrongUse("no such zone", where=name[:80], advice="codered hosts import takes in zones")
    if not (ranges := list(zone.subnets.filter(documented=True).values_list("range", flat=True))):
        raise WrongUse("the zone has no documented subnet", where=name[:80], advice="document its subnets first")
    return ranges
