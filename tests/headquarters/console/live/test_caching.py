"""What is the same for all is made once, and anew when one of its topics moved."""

from datetime import UTC, datetime

import pytest

from codered_hq.console.live.caching import keep
from codered_hq.console.live.topics import Look
from codered_hq.ledger.writing import enter

pytestmark = pytest.mark.django_db


class Maker:
    def __init__(self) -> None:
        self.made = 0

    def make(self) -> int:
        self.made += 1
        return self.made


@pytest.fixture(autouse=True)
def one_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("codered_hq.console.live.caching.SECONDS", 10**12)


def test_made_again_only_when_its_topic_moved() -> None:
    maker = Maker()
    assert [keep("x", ("timeline",), maker.make, Look()) for _ in range(3)] == [1, 1, 1]
    enter("task", "Nora", "done", datetime.now(UTC))
    assert keep("x", ("timeline",), maker.make, Look(live=True)) == 2
    assert keep("x", ("timeline",), maker.make, Look()) == 2
    assert keep("another", ("timeline",), maker.make, Look()) == 3


def test_of_another_headquarters_is_nothing_known(monkeypatch: pytest.MonkeyPatch) -> None:
    maker = Maker()
    keep("x", ("timeline",), maker.make, Look())
    monkeypatch.setenv("CODERED_HQ", "/nowhere/else")
    assert keep("x", ("timeline",), maker.make, Look()) == 2


def test_the_time_itself_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    maker = Maker()
    keep("x", ("timeline",), maker.make, Look())
    monkeypatch.setattr("codered_hq.console.live.caching.time.time", lambda: 5e12)
    assert keep("x", ("timeline",), maker.make, Look()) == 2
