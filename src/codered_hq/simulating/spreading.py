"""The outbreak model: susceptible and infected machines in subnets, by chance (seeded) and by formula.

Each susceptible machine is hit by the tries of all infected ones: those anywhere in 2**32, those of its /8, those of
its /16. Machines that are cut off try nobody; those that are patched are susceptible no more.
"""

import math
from collections import defaultdict
from collections.abc import Sequence
from random import Random
from typing import NamedTuple

from codered_hq.simulating.draws import draw_binomial
from codered_hq.simulating.worms import Worm

ADDRESSES = 2**32
IN_8, IN_16 = 2**24, 2**16


class Group(NamedTuple):
    """Machines of one subnet by number: `network` is its first address as a number; `infected` are those that try
    others, not those that are cut off.
    """

    network: int
    susceptible: int
    infected: int


def find_pressures(groups: Sequence[Group], worm: Worm, seconds: float) -> list[float]:
    """For each group the tries within so many seconds that one address of it is hit by, on the average."""
    in_8: defaultdict[int, int] = defaultdict(int)
    in_16: defaultdict[int, int] = defaultdict(int)
    for group in groups:
        in_8[group.network >> 24] += group.infected
        in_16[group.network >> 16] += group.infected
    everywhere = worm.anywhere * sum(in_8.values()) / ADDRESSES
    tries = worm.probes_per_second * seconds
    return [
        tries
        * (
            everywhere
            + worm.same_8 * in_8[group.network >> 24] / IN_8
            + worm.same_16 * in_16[group.network >> 16] / IN_16
        )
        for group in groups
    ]


def spread(groups: Sequence[Group], worm: Worm, seconds: float, source: Random) -> list[int]:
    """How many machines of each group are newly infected within so many seconds, by chance."""
    pressures = find_pressures(groups, worm, seconds)
    return [
        draw_binomial(group.susceptible, -math.expm1(-pressure), source) if group.susceptible and pressure else 0
        for group, pressure in zip(groups, pressures, strict=True)
    ]


def play(groups: Sequence[Group], worm: Worm, seconds: float, steps: int, source: Random) -> list[int]:
    """Infected machines in all at the beginning and after each of so many steps of so many seconds, with nobody cut
    off.
    """
    now = list(groups)
    curve = [sum(group.infected for group in now)]
    for _ in range(steps):
        now = [
            Group(group.network, group.susceptible - fresh, group.infected + fresh)
            for group, fresh in zip(now, spread(now, worm, seconds, source), strict=True)
        ]
        curve.append(sum(group.infected for group in now))
    return curve


def find_growth(susceptible: int, worm: Worm) -> float:
    """The early growth of an even population: each infected machine makes so many more in an hour."""
    return worm.probes_per_second * 3600 * susceptible / ADDRESSES
