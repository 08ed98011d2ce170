"""How destinations are chosen, by the likelihood of a few ways to choose; and which packs choose so."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import exp, inf, log
from typing import NamedTuple

import msgspec

from codered.model.countermeasures import AddressShare
from codered.model.traffic import Preference, Transport

CERTAIN = log(1000)
"""By how much (natural logarithm of odds) one way must be likelier than every other one."""

FEWEST = 6
FIRST_OCTETS = 220  # that are routed to hosts
EVEN = 2.0**-32
STRIDES = 4096  # the longest step still called a step


class Behaviour(msgspec.Struct, frozen=True, kw_only=True):
    """How a pack's threat looks for victims: `name` is the pack's, `addresses` the shares of its `ScanBehaviour`."""

    name: str
    protocol: Transport
    ports: tuple[int, ...]
    addresses: tuple[AddressShare, ...] = ()


class Mixture(NamedTuple):
    """Shares of destinations: in the own /8, /16 and /24, in private networks, and anywhere."""

    same_8: float = 0.0
    same_16: float = 0.0
    same_24: float = 0.0
    private: float = 0.0
    anywhere: float = 0.0


UNIFORM = Mixture(anywhere=1.0)
NEAR = (
    Mixture(same_8=0.5, same_16=0.375, anywhere=0.125),  # Code Red II
    Mixture(same_8=0.25, same_16=0.5, anywhere=0.25),  # Nimda
)
LOCAL = (
    Mixture(same_16=0.98, same_24=0.01, anywhere=0.01),
    Mixture(same_24=0.98, same_16=0.01, anywhere=0.01),
    Mixture(private=0.98, same_16=0.01, anywhere=0.01),
)
PRIVATE = ((0x0A000000, 0xFF000000, 2.0**-24), (0xAC100000, 0xFFF00000, 2.0**-20), (0xC0A80000, 0xFFFF0000, 2.0**-16))


def prefer(destinations: Sequence[bytes], source: bytes) -> Preference:
    """Which way of choosing is likelier than every other by CERTAIN; "" = none, or too few. Order counts. Of IPv6 only
    what goes step by step is told.
    """
    addresses = [int.from_bytes(one, "big") for one in destinations]
    if len(addresses) < FEWEST or len({len(one) for one in destinations}) != 1:
        return ""
    if len(destinations[0]) != 4:
        return "sequential" if count_steps(addresses) >= 0.8 * (len(addresses) - 1) else ""
    own = int.from_bytes(source, "big") if len(source) == 4 else None
    odds: dict[Preference, float] = {
        "uniform": measure(addresses, own, UNIFORM),
        "near": max(measure(addresses, own, one) for one in NEAR),
        "local": max(measure(addresses, own, one) for one in LOCAL),
        "sequential": measure_steps(addresses),
    }
    best, second = sorted(odds, key=odds.__getitem__, reverse=True)[:2]
    if odds[best] - odds[second] < CERTAIN or not is_spread(addresses, best, own):
        return ""
    return best


def measure(addresses: Sequence[int], own: int | None, way: Mixture) -> float:
    """The logarithm of the likelihood that these addresses were chosen so by `own` (None = not known)."""
    total = 0.0
    for one in addresses:
        likely = way.anywhere * EVEN
        if own is not None:
            differing = one ^ own
            if differing < 1 << 24:
                likely += way.same_8 * 2.0**-24
            if differing < 1 << 16:
                likely += way.same_16 * 2.0**-16
            if differing < 1 << 8:
                likely += way.same_24 * 2.0**-8
        if way.private:
            likely += way.private * sum(one & mask == net and share for net, mask, share in PRIVATE) / len(PRIVATE)
        total += log(likely) if likely else -inf
    return total


def measure_steps(addresses: Sequence[int]) -> float:
    """As `measure`, for one address after the other: by one, by the same stride as before, or a few aside, since many
    threads share one counter.
    """
    total, before = log(EVEN), 0
    for last, one in pairwise(addresses):
        step = one - last
        likely = 0.02 * EVEN
        if abs(step) == 1:
            likely += 0.4
        if step and step == before and abs(step) <= STRIDES:
            likely += 0.38
        if 0 < abs(step) <= 16:
            likely += 0.2 / 32
        total += log(likely)
        before = step
    return total


def count_steps(addresses: Sequence[int]) -> int:
    """How many follow their predecessor closely."""
    return sum(0 < abs(one - last) <= 16 for last, one in pairwise(addresses))


def is_spread(addresses: Sequence[int], way: Preference, own: int | None) -> bool:
    """Whether nearly as many networks were chosen as chance gives: a list of hosts lies in clumps. Looked at are the
    /8 of a uniform choice, and the /16 other than the own one of a near choice.
    """
    if way == "uniform":
        networks, there = [one >> 24 for one in addresses], FIRST_OCTETS
    elif way == "near" and own is not None:
        networks, there = [one >> 16 for one in addresses if one >> 16 != own >> 16], 256
    else:
        return True
    return len(set(networks)) >= 0.75 * there * (1 - exp(-len(networks) / there))


def name_packs(
    behaviours: Iterable[Behaviour], protocol: Transport, port: int, destinations: Sequence[bytes], source: bytes
) -> tuple[str, ...]:
    """The packs that choose this port and choose addresses so: a hint. None when no way of choosing is certain."""
    preference = prefer(destinations, source)
    if not preference or len(destinations[0]) != 4:
        return ()
    own = int.from_bytes(source, "big") if len(source) == 4 else None
    addresses = [int.from_bytes(one, "big") for one in destinations]
    fitting = [one for one in behaviours if one.protocol == protocol and port in one.ports]
    odds = {one.name: _measure_pack(one, addresses, own) for one in fitting if _family(one) == preference}
    best = max(odds.values(), default=-inf)
    return tuple(sorted(name for name, value in odds.items() if value > best - CERTAIN))


def _measure_pack(behaviour: Behaviour, addresses: Sequence[int], own: int | None) -> float:
    if _family(behaviour) == "sequential":
        return 0.0
    shares: dict[str, float] = {}
    for one in behaviour.addresses:
        shares[one.within] = shares.get(one.within, 0.0) + one.share
    return measure(
        addresses,
        own,
        Mixture(
            same_8=shares.get("same_8", 0.0),
            same_16=shares.get("same_16", 0.0) + shares.get("local_network", 0.0),
            same_24=shares.get("same_24", 0.0),
            private=shares.get("local_network", 0.0),
            anywhere=max(shares.get("any", 0.0), 0.001),
        ),
    )


def _family(behaviour: Behaviour) -> Preference:
    """The way of choosing that holds the most of a pack's shares."""
    shares = {one.within: one.share for one in behaviour.addresses}
    if not shares or "fixed_list" in shares:
        return ""
    if shares.get("sequential", 0.0) >= 0.5:
        return "sequential"
    if shares.get("local_network", 0.0) + shares.get("same_24", 0.0) >= 0.8 or shares.get("same_16", 0.0) >= 0.9:
        return "local"
    return "uniform" if shares.get("any", 0.0) >= 0.9 else "near"
