import os
from collections.abc import Callable
from functools import partial

import msgspec

from codered.collect.forking import run_forked


class Answer(msgspec.Struct, frozen=True):
    pid: int
    data: bytes = b""


def answer_with(size: int) -> Answer:
    return Answer(os.getpid(), b"x" * size)


def test_answers_come_in_order_each_from_its_own_process() -> None:
    jobs: list[Callable[[], Answer]] = [partial(answer_with, size) for size in (0, 3_000_000, 5)]
    answers = run_forked(jobs, Answer)
    assert [len(answer.data) for answer in answers if answer] == [0, 3_000_000, 5]
    assert len({answer.pid for answer in answers if answer} | {os.getpid()}) == 4


def test_one_that_dies_or_fails_has_no_answer() -> None:
    def die() -> Answer:
        os._exit(3)

    def fail() -> Answer:
        raise LookupError

    assert run_forked([die, fail, lambda: Answer(1)], Answer) == [None, None, Answer(1)]


def test_no_jobs_no_answers() -> None:
    assert run_forked([], Answer) == []
