"""The outbreak model against what was measured of Code Red, and against the logistic curve."""

import math
from itertools import pairwise
from random import Random

import pytest

from codered_hq.simulating.spreading import Group, find_growth, find_pressures, play, spread
from codered_hq.simulating.worms import CODE_RED, MEASURED_HOSTS, MEASURED_PROBES, make_worm

EVEN = [Group(number << 16, 1_795, 0) for number in range(1, 200)] + [Group(200 << 16, 1_695, 100)]
"""359,000 machines in 200 networks."""
CODE_RED_2 = make_worm("codered2", MEASURED_PROBES, [("any", 1 / 8), ("same_8", 4 / 8), ("same_16", 3 / 8)])
"""At Code Red's rate: none was measured of it."""


def test_code_red_reaches_359_000_machines_in_14_hours() -> None:
    curve = play(EVEN, CODE_RED, 60, 14 * 60, Random(1))
    assert curve[0] == 100
    assert curve[-1] >= 0.99 * MEASURED_HOSTS
    assert curve == sorted(curve)
    assert 2_000 < max(later - sooner for sooner, later in pairwise(curve)) < 3_500  # new ones a minute at its peak


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_half_and_nine_tenths_are_reached_when_the_logistic_curve_says(seed: int) -> None:
    """By hand, from 1.8 an hour and 100 of 359,000 at first: half after ln(3,589) / 1.8 = 4.55 h = 273 min, nine tenths
    ln(9) / 1.8 = 73 min later.
    """
    curve = play(EVEN, CODE_RED, 60, 8 * 60, Random(seed))
    half, most = (next(minute for minute, number in enumerate(curve) if number >= part) for part in (179_500, 323_100))
    assert 263 < half < 285  # 100 machines that try by chance differ by some 3 min, whole minutes add 4
    assert 71 <= most - half <= 76


def test_chance_follows_the_formula() -> None:
    curve = play(EVEN, CODE_RED, 60, 8 * 60, Random(2))
    growth = find_growth(MEASURED_HOSTS, CODE_RED)
    for hours in (1, 2, 4):
        logistic = MEASURED_HOSTS / (1 + (MEASURED_HOSTS - 100) / 100 * math.exp(-growth * hours))
        assert curve[hours * 60] == pytest.approx(logistic, rel=0.25)


def test_code_red_2_is_faster_in_a_dense_neighbourhood_and_slower_far_away() -> None:
    groups = [Group(0x0A140000, 2_000, 5), Group(0xC0A80000, 2_000, 0)]
    near, far = find_pressures(groups, CODE_RED_2, 60)
    everywhere = find_pressures(groups, CODE_RED, 60)
    assert near > 1_000 * everywhere[0]
    assert far == pytest.approx(everywhere[1] / 8)


def test_who_is_cut_off_infects_nobody() -> None:
    assert spread([Group(0x0A140000, 2_000, 0)], CODE_RED_2, 3_600, Random(4)) == [0]


def test_the_same_seed_is_the_same_outbreak() -> None:
    groups = [Group(0x0A140000, 500, 5)]
    assert play(groups, CODE_RED_2, 60, 60, Random(5)) == play(groups, CODE_RED_2, 60, 60, Random(5))
