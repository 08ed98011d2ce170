"""The pulse: who waits is woken when something moved, and nothing runs while nobody watches."""

import asyncio
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connections

from codered.model.errors import Refused
from codered_hq.console.live import pulse as room
from codered_hq.console.live.pulse import Pulse, Stream
from codered_hq.console.live.topics import TOPICS
from codered_hq.ledger.writing import enter

pytestmark = pytest.mark.django_db(transaction=True)
LONG = 20.0


@pytest.fixture
def pulse(monkeypatch: pytest.MonkeyPatch) -> Iterator[Pulse]:
    for name in ("PAUSE", "BETWEEN_DIGESTS", "GRACE", "BETWEEN_CHECKS"):
        monkeypatch.setattr(room, name, 0.01)
    made = Pulse()
    yield made
    made.stop()
    assert not [thread for thread in threading.enumerate() if thread.name == "pulse"]


def write(kind: str) -> None:
    enter(kind, "Nora", "said", datetime.now(UTC))
    connections.close_all()


def test_the_first_hears_all_and_a_move_wakes_those_it_concerns(pulse: Pulse) -> None:
    async def watch() -> None:
        assert pulse.find_moved("") == ("", ())
        stream = Stream(lambda: True, asyncio.get_running_loop())
        pulse.join(stream)  # it keeps the thread alive
        mark = await listen_to(stream, "", set(TOPICS))
        assert pulse.find_moved(mark) == (mark, ())
        writer = threading.Thread(target=write, args=("message",))
        writer.start()
        later = await listen_to(stream, mark, {"timeline", "messages"})
        writer.join()
        assert later != mark
        assert set(pulse.find_moved(mark)[1]) == {"timeline", "messages"}
        assert set(pulse.find_moved("of-another")[1]) == set(TOPICS)
        assert pulse.find_versions(["hosts"]) != pulse.find_versions(["timeline"])
        pulse.leave(stream)

    async def listen_to(stream: Stream, mark: str, wanted: set[str]) -> str:
        moved: set[str] = set()
        now = mark
        async with asyncio.timeout(LONG):
            while not wanted <= moved:
                await stream.woken.wait()
                stream.woken.clear()
                now, found = pulse.find_moved(mark)
                moved |= set(found)
        return now

    asyncio.run(watch())


def test_a_page_is_never_said_to_show_more_than_it_does(pulse: Pulse) -> None:
    async def watch() -> None:
        begun = datetime.now(UTC)
        stream = Stream(lambda: True, asyncio.get_running_loop())
        pulse.join(stream)
        await asyncio.wait_for(stream.woken.wait(), LONG)
        mark, _ = pulse.find_moved("")
        assert pulse.find_mark(begun) == ""  # it began before anything was seen
        assert pulse.find_mark(datetime.now(UTC) + timedelta(seconds=1)) == mark
        pulse.leave(stream)

    asyncio.run(watch())


def test_who_was_signed_out_hears_nothing_more(pulse: Pulse) -> None:
    async def watch() -> None:
        loop = asyncio.get_running_loop()
        gone, here = Stream(lambda: False, loop), Stream(lambda: True, loop)
        for stream in (gone, here):
            pulse.join(stream)
        async with asyncio.timeout(LONG):
            while not gone.ended:
                await gone.woken.wait()
                gone.woken.clear()
        assert gone.signed_out
        assert not here.ended
        pulse.stop()  # the server goes down: nobody was signed out
        assert here.ended
        assert not here.signed_out

    asyncio.run(watch())


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_an_error_of_ours_ends_all_and_the_next_begins_anew(pulse: Pulse, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> int:
        raise ValueError("ours")

    async def watch() -> None:
        first, second = (Stream(lambda: True, asyncio.get_running_loop()) for _ in range(2))
        with monkeypatch.context() as broken:
            broken.setattr(room, "read_mark", fail)
            pulse.join(first)
            await asyncio.wait_for(first.woken.wait(), LONG)
        assert (first.ended, first.signed_out) == (True, False)
        pulse.join(second)
        await asyncio.wait_for(second.woken.wait(), LONG)
        assert not second.ended
        assert pulse.find_moved("")[1] == TOPICS
        pulse.leave(second)

    asyncio.run(watch())


def test_only_so_many(pulse: Pulse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "MOST_STREAMS", 1)

    async def watch() -> None:
        first, second = (Stream(lambda: True, asyncio.get_running_loop()) for _ in range(2))
        assert not pulse.is_full()
        pulse.join(first)
        assert pulse.is_full()
        with pytest.raises(Refused, match="watched live already"):
            pulse.join(second)
        pulse.leave(first)
        pulse.join(second)
        pulse.leave(second)

    asyncio.run(watch())


def test_one_account_does_not_take_all(pulse: Pulse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "MOST_OF_ONE", 1)

    async def watch() -> None:
        loop = asyncio.get_running_loop()
        first, second, other = (Stream(lambda: True, loop, account) for account in (7, 7, 8))
        pulse.join(first)
        assert (pulse.is_full(7), pulse.is_full(8)) == (True, False)
        with pytest.raises(Refused, match="watched live already"):
            pulse.join(second)
        pulse.join(other)
        for stream in (first, other):
            pulse.leave(stream)

    asyncio.run(watch())


def test_ends_after_the_last(pulse: Pulse) -> None:
    async def watch() -> None:
        stream = Stream(lambda: True, asyncio.get_running_loop())
        pulse.join(stream)
        await asyncio.wait_for(stream.woken.wait(), LONG)
        pulse.leave(stream)

    asyncio.run(watch())
    for thread in threading.enumerate():
        if thread.name == "pulse":
            thread.join(LONG)
    assert pulse.find_moved("") == ("", ())
