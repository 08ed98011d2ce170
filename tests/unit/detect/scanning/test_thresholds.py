"""The numbers are what their derivations say."""

from math import log

import pytest

from codered.detect.scanning.scores import weigh
from codered.detect.scanning.thresholds import load_thresholds


def test_weights_and_threshold_are_those_of_the_reverse_sequential_test() -> None:
    numbers = load_thresholds()
    failure, success = weigh(benign_succeeds=0.7, scanner_succeeds=0.1)
    assert numbers.failure_weight == pytest.approx(failure, abs=1e-3) == pytest.approx(log(3), abs=1e-3)
    assert numbers.success_weight == pytest.approx(success, abs=1e-3) == pytest.approx(-log(7), abs=1e-3)
    assert numbers.threshold == pytest.approx(log(0.99 / 0.00005), abs=1e-3)
    assert numbers.cap == pytest.approx(3 * numbers.threshold, abs=1e-2)


def test_ten_failures_in_a_row_pass_and_nine_do_not() -> None:
    numbers = load_thresholds()
    assert 9 * numbers.failure_weight < numbers.threshold <= 10 * numbers.failure_weight


def test_the_rate_below_which_failures_never_add_up() -> None:
    numbers = load_thresholds()

    def settle(seconds: float) -> float:
        return numbers.failure_weight / (1 - 2 ** (-seconds / numbers.half_life))

    assert settle(102) < numbers.threshold < settle(100)


def test_it_is_read_once() -> None:
    assert load_thresholds() is load_thresholds()
