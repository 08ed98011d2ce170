"""What comes together is done together; each gets its own answer."""

import threading
from collections.abc import Sequence

import pytest
from django.db import OperationalError

from codered.model.errors import Refused
from codered_hq.api.grouping import Group


def test_what_comes_while_one_is_at_work_is_done_together() -> None:
    done: list[list[int]] = []
    began, may_go = threading.Event(), threading.Event()

    def double(some: Sequence[int]) -> list[int | Refused]:
        done.append(sorted(some))
        began.set()
        assert may_go.wait(30)
        return [Refused("odd") if each == 3 else each * 2 for each in some]

    group: Group[int, int] = Group(double)
    answers: dict[int, object] = {}

    def bring(number: int) -> None:
        try:
            answers[number] = group.bring(number)
        except Refused as error:
            answers[number] = str(error)

    threads = [threading.Thread(target=bring, args=(number,)) for number in range(1, 6)]
    threads[0].start()
    assert began.wait(30)
    for each in threads[1:]:
        each.start()
    while len(group._queue) < 4:
        pass
    may_go.set()
    for each in threads:
        each.join(30)
    assert done == [[1], [2, 3, 4, 5]]
    assert answers == {1: 2, 2: 4, 3: "odd", 4: 8, 5: 10}


def bring_together(group: Group[int, int], numbers: Sequence[int]) -> dict[int, object]:
    """What each heard that waited while the turn was another's."""
    heard: dict[int, object] = {}

    def bring(number: int) -> None:
        try:
            heard[number] = group.bring(number)
        except (ValueError, OperationalError) as error:
            heard[number] = str(error)

    threads = [threading.Thread(target=bring, args=(number,)) for number in numbers]
    with group._turn:
        for each in threads:
            each.start()
        while len(group._queue) < len(numbers):
            pass
    for each in threads:
        each.join(30)
    return heard


def test_one_that_fails_fails_alone() -> None:
    done: list[int] = []

    def store(some: Sequence[int]) -> list[int]:
        done.append(len(some))
        if 3 in some:
            raise ValueError("a sign that the database does not take")
        return [each * 2 for each in some]

    heard = bring_together(Group(store), range(1, 6))
    assert heard == {1: 2, 2: 4, 3: "a sign that the database does not take", 4: 8, 5: 10}
    assert done == [5, 1, 1, 1, 1, 1]


def test_a_database_that_is_away_is_not_asked_again_for_each() -> None:
    done: list[int] = []

    def store(some: Sequence[int]) -> list[int]:
        done.append(len(some))
        raise OperationalError("away")

    assert bring_together(Group(store), range(3)) == dict.fromkeys(range(3), "away")
    assert done == [3]


def test_what_fails_as_a_whole_fails_for_all_and_the_next_is_done() -> None:
    def fail(some: Sequence[int]) -> list[int]:
        if 1 in some:
            raise OSError("the disk is full")
        return list(some)

    group: Group[int, int] = Group(fail)
    with pytest.raises(OSError, match="full"):
        group.bring(1)
    assert group.bring(2) == 2
