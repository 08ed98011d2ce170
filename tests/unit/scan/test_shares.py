import os
import signal
import time

import pytest

from codered.scan.shares import count_cores, deal_out, split_evenly


def test_every_share_is_answered_once_by_one_or_by_several() -> None:
    for jobs in (1, 2, 5):
        found = list(deal_out(50, lambda number: str(number).encode() * 10_000, jobs))
        assert sorted(found) == [(number, str(number).encode() * 10_000) for number in range(50)]
    assert list(deal_out(0, lambda number: b"", 2)) == []


def test_several_processes_do_it() -> None:
    def work(_number: int) -> bytes:
        time.sleep(0.05)
        return str(os.getpid()).encode()

    pids = {answer for _, answer in deal_out(10, work, 2)}
    assert len(pids) == 2
    assert str(os.getpid()).encode() not in pids


def test_a_share_whose_process_dies_is_named_and_the_others_are_done() -> None:
    def work(number: int) -> bytes:
        if number == 3:
            os.kill(os.getpid(), signal.SIGKILL)
        return b"done"

    found = dict(deal_out(20, work, 3))
    assert found.pop(3) is None
    assert len(found) == 19
    assert found.keys() == set(range(20)) - {3}


def test_a_share_that_fails_ends_its_process_without_a_word(capfd: pytest.CaptureFixture[str]) -> None:
    def work(number: int) -> bytes:
        raise OSError(f"share {number}")

    assert dict(deal_out(4, work, 2)) == dict.fromkeys(range(4))


def test_children_are_gone_when_nobody_listens_any_more() -> None:
    answers = deal_out(100, lambda number: str(os.getpid()).encode(), 2)
    _, pid = next(answers)
    answers.close()  # type: ignore[attr-defined]
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid or b"0"), 0)


def test_more_shares_than_fit_are_refused() -> None:
    with pytest.raises(ValueError):
        list(deal_out(8001, lambda number: b"", 2))


def test_shares_of_even_weight_cover_everything_in_order() -> None:
    weights = [1, 1, 1, 100, 1, 1, 1, 1, 50, 50]
    for most in (1, 2, 3, 100):
        shares = split_evenly(weights, most)
        assert [index for share in shares for index in share] == list(range(10))
        assert len(shares) <= most
        assert all(len(share) for share in shares)
    assert split_evenly([], 4) == []
    assert count_cores() >= 1
