"""The arithmetic of the sequential test."""

import pytest

from codered.detect.scanning.contacts import MOST_FAILURES, Failure, PortContacts
from codered.detect.scanning.scores import (
    MOST_NETWORKS,
    add_failure,
    add_success,
    age,
    count_more,
    count_unanswered,
    forget_recent,
    is_silent_crowd,
    take_back,
    was_answered,
    weigh,
)
from codered.detect.scanning.thresholds import load_thresholds

NUMBERS = load_thresholds()


def fail(port: PortContacts, which: int, when: float, weight: float = NUMBERS.failure_weight) -> None:
    failure = Failure(when, when)
    failure.weight = weight
    port.contacts[which.to_bytes(4, "big")] = when
    add_failure(port, which.to_bytes(4, "big"), failure, NUMBERS)


def make_port() -> PortContacts:
    return PortContacts(80, 80, "tcp", 0.0)


def test_weights_of_the_plain_test_of_2004() -> None:
    assert weigh(0.8, 0.2) == pytest.approx((1.3863, -1.3863), abs=1e-4)


def test_ten_failures_pass_and_a_success_costs_nearly_two() -> None:
    port = make_port()
    for one in range(9):
        fail(port, one, 0.0)
    assert port.score < NUMBERS.threshold
    fail(port, 9, 0.0)
    assert port.score >= NUMBERS.threshold
    add_success(port, bytes((8, 0, 0, 1)), 0.0, NUMBERS)
    assert port.score == pytest.approx(10 * 1.0986 - 1.9459)
    assert (port.judged, port.failed) == (11, 10)


def test_it_halves_in_ten_minutes_and_a_clock_set_back_changes_nothing() -> None:
    port = make_port()
    port.score = 8.0
    age(port, 600.0, NUMBERS.half_life)
    assert port.score == pytest.approx(4.0)
    age(port, 0.0, NUMBERS.half_life)
    assert port.score == pytest.approx(4.0)
    age(port, 600.0, NUMBERS.half_life)
    assert port.score == pytest.approx(2.0)


def test_it_never_falls_below_zero_where_the_run_of_evidence_ends() -> None:
    port = make_port()
    fail(port, 1, 0.0)
    add_success(port, bytes((8, 0, 0, 1)), 0.0, NUMBERS)
    assert (port.score, port.judged, port.failures) == (0.0, 0, None)
    assert (port.all_failed, port.all_answered) == (1, 1)


def test_it_is_capped() -> None:
    port = make_port()
    for one in range(100):
        fail(port, one, 0.0)
    assert port.score == NUMBERS.cap


def test_what_was_no_failure_is_taken_back_with_its_age() -> None:
    port = make_port()
    fail(port, 1, 0.0)
    fail(port, 2, 600.0)
    failure = take_back(port, (1).to_bytes(4, "big"), 600.0, NUMBERS.half_life)
    assert failure is not None
    assert failure.tried == 0.0
    assert port.score == pytest.approx(NUMBERS.failure_weight)
    assert (port.failed, port.judged, port.all_failed) == (1, 1, 1)
    assert take_back(port, b"none", 600.0, NUMBERS.half_life) is None


def test_stale_evidence_ends_the_run() -> None:
    port = make_port()
    fail(port, 1, 0.0)
    fail(port, 2, 6000.0)
    assert (port.failed, port.since) == (1, 6000.0)


def test_an_hour_of_quiet_lets_it_be_told_again() -> None:
    port = make_port()
    port.told = "likely"
    fail(port, 1, NUMBERS.quiet)
    assert port.told == "likely"
    fail(port, 2, 2 * NUMBERS.quiet + 1)
    assert port.told == ""


def test_failures_of_the_last_minute_are_forgotten() -> None:
    port = make_port()
    for one in range(5):
        fail(port, one, 0.0)
    for one in range(5, 9):
        fail(port, one, 100.0)
    forget_recent(port, 110.0, NUMBERS)
    assert (port.failed, len(port.contacts)) == (5, 9)
    forget_recent(port, 60.0, NUMBERS)
    assert (port.failed, port.score, port.failures) == (0, 0.0, None)


def test_failures_kept_are_bounded() -> None:
    port = make_port()
    for one in range(3 * MOST_FAILURES):
        fail(port, one, 0.0)
    assert len(port.failures or ()) == MOST_FAILURES


def test_a_crowd_is_many_networks_and_not_many_addresses() -> None:
    port = make_port()
    for one in range(50):
        fail(port, one, 0.0, weight=0.0)
    assert not is_silent_crowd(port, NUMBERS)
    for one in range(16):
        fail(port, one << 8, 0.0, weight=0.0)
    assert is_silent_crowd(port, NUMBERS)


def test_unanswered_questions_of_the_last_minute() -> None:
    port = make_port()
    for one in range(10):
        fail(port, one, float(one * 10))
    assert count_unanswered(port, 90.0, NUMBERS) == 7


def test_a_row_of_answers_just_before_is_remembered() -> None:
    port = make_port()
    for one in range(30):
        add_success(port, bytes((8, one, 0, 1)), 0.0, NUMBERS)
    assert was_answered(port, 59.0, NUMBERS)
    assert not was_answered(port, 61.0, NUMBERS)
    for one in range(7):
        fail(port, one, 1.0)
    assert port.cut_off
    assert not was_answered(port, 1.0, NUMBERS)


def test_of_whom_all_was_said_is_only_counted() -> None:
    port = make_port()
    fail(port, 1, 0.0)
    score = port.score
    count_more(port, 7.0)
    assert (port.failed, port.judged, port.all_failed, port.last_failure) == (2, 2, 2, 7.0)
    assert port.score == score


def test_a_network_that_answers_everything_buys_nobody_free_but_outweighs_its_own_failures() -> None:
    port = make_port()
    mine = bytes((32, 1, 13, 184, 0, 7))
    for one in range(400):
        add_success(port, mine + one.to_bytes(10, "big"), 1.0, NUMBERS)
    for one in range(10):
        fail(port, one << 16, 1.0)
        add_success(port, mine + (1000 + one).to_bytes(10, "big"), 1.0, NUMBERS)
    assert port.score >= NUMBERS.threshold
    assert port.all_answered == 410
    port.begin_anew()
    for one in range(40):
        failure = Failure(1.0, 1.0)
        failure.weight = NUMBERS.failure_weight
        add_failure(port, mine + (5000 + one).to_bytes(10, "big"), failure, NUMBERS)
        add_success(port, mine + (6000 + one).to_bytes(10, "big"), 1.0, NUMBERS)
    assert port.score < NUMBERS.threshold


def test_what_networks_answered_is_bounded_and_ages() -> None:
    port = make_port()
    for one in range(300):
        add_success(port, bytes((8, one >> 8, one & 255, 1)), 1.0, NUMBERS)
    assert len(port.answers or ()) == MOST_NETWORKS
    add_success(port, bytes((8, 0, 0, 1)), NUMBERS.quiet + 2.0, NUMBERS)
    assert port.answers == {bytes((8, 0, 0)): 1}
