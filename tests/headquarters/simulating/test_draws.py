"""How many of many happen."""

from random import Random

import pytest

from codered_hq.simulating.draws import draw_binomial


@pytest.mark.parametrize(("trials", "chance"), [(50, 0.3), (10_000, 0.001), (100_000, 0.2), (5_000, 0.97)])
def test_mean_and_spread_are_those_of_the_distribution(trials: int, chance: float) -> None:
    source = Random(1)
    drawn = [draw_binomial(trials, chance, source) for _ in range(2_000)]
    mean = sum(drawn) / len(drawn)
    variance = sum((one - mean) ** 2 for one in drawn) / len(drawn)
    spread = trials * chance * (1 - chance)
    assert abs(mean - trials * chance) < 5 * (spread / len(drawn)) ** 0.5
    assert variance == pytest.approx(spread, rel=0.15)
    assert 0 <= min(drawn) <= max(drawn) <= trials


def test_the_ends_are_certain() -> None:
    assert [draw_binomial(1_000, chance, Random(2)) for chance in (0.0, 1.0)] == [0, 1_000]


@pytest.mark.parametrize(("trials", "chance"), [(-1, 0.5), (10, 1.1), (10, -0.1)])
def test_what_is_no_chance_is_refused(trials: int, chance: float) -> None:
    with pytest.raises(ValueError, match="no trials"):
        draw_binomial(trials, chance, Random(3))
