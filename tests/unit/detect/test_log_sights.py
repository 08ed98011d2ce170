import ipaddress
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered.detect import log_sights
from codered.detect.log_sights import (
    MOST_ANSWERS,
    Example,
    HourNames,
    LogTally,
    Sight,
    SightBook,
    Unread,
    count_answer,
    join_ranges,
    join_some,
    merge_tallies,
    widen,
)

START = datetime(2001, 7, 19, 15, 30, tzinfo=UTC)


def make_sight(address: str = "192.0.2.1", hours: int = 0, line: int = 1, source: str = "a.log") -> Sight:
    time = START + timedelta(hours=hours)
    return Sight(
        address,
        ("codered/ida-n",),
        count=1,
        first=time,
        last=time,
        answers={"404": 1},
        hours={HourNames().name(time): 1},
        examples=(Example(source, line, "404", b"GET /default.ida"),),
        sources=(source,),
    )


def test_merging_adds_up() -> None:
    one = LogTally(lines=10, bytes=100, hits=1, unparsed=1, sights=[make_sight()], trouble=["x"])
    two = LogTally(
        lines=5, bytes=50, hits=2, sights=[make_sight(hours=-2, source="b.log"), make_sight("192.0.2.2")], trouble=["x"]
    )
    whole = merge_tallies([one, two])
    assert (whole.lines, whole.bytes, whole.hits, whole.unparsed, whole.trouble) == (15, 150, 3, 1, ["x"])
    first, second = whole.sights
    assert (first.count, first.answers, first.sources) == (2, {"404": 2}, ("a.log", "b.log"))
    assert (first.first, first.last) == (START - timedelta(hours=2), START)
    assert first.hours == {"2001-07-19T13": 1, "2001-07-19T15": 1}
    assert second.address == "192.0.2.2"


def test_ranges_of_one_log_count_their_lines_on() -> None:
    parts = [
        LogTally(lines=100, sights=[make_sight(line=7)]),
        LogTally(lines=50, sights=[make_sight(line=3)], unparsed=1, unread=(Unread("a.log", 4, b"x"),)),
        LogTally(lines=1, sights=[make_sight(line=1)]),
    ]
    whole = join_ranges(parts)
    assert [example.line for example in whole.sights[0].examples] == [7, 103, 151]
    assert whole.unread[0].line == 104
    assert whole.lines == 151


def test_a_tally_crosses_processes_as_msgpack() -> None:
    tally = LogTally(lines=1, hits=1, sights=[make_sight()], unread=(Unread("a", 1, b"\xff"),))
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(tally), type=LogTally) == tally


def test_the_table_is_bounded_but_keeps_own_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_sights, "MOST_SIGHTS", 3)
    monkeypatch.setattr(log_sights, "MOST_OWN_SIGHTS", 2)
    addresses = [*(f"203.0.113.{number}" for number in range(10)), "10.0.0.1", "fd00::1", "10.0.0.3", "203.0.113.1"]
    whole = merge_tallies([LogTally(sights=[make_sight(address)]) for address in addresses])
    assert [sight.address for sight in whole.sights] == [
        "203.0.113.0",
        "203.0.113.1",
        "203.0.113.2",
        "10.0.0.1",
        "fd00::1",
    ]
    assert whole.left_out == 8
    assert sum(sight.count for sight in whole.sights) + whole.left_out == len(addresses)


def test_hours_are_bounded_and_what_is_missing_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_sights, "MOST_HOURS", 2)
    whole = merge_tallies(LogTally(sights=[make_sight(hours=number)]) for number in (0, 1, 2, 0))
    assert whole.sights[0].hours == {"2001-07-19T15": 2, "2001-07-19T16": 1}
    assert whole.hours_left_out == 1
    assert whole.sights[0].count == 4


def test_two_spellings_are_one_address() -> None:
    book = SightBook()
    assert book.find("::ffff:192.0.2.1", ("a",)) is book.find("192.0.2.1", ("a",))
    assert len(book.sights()) == 1


@given(st.lists(st.datetimes(timezones=st.just(UTC))))
def test_hour_names(times: list[datetime]) -> None:
    hours = HourNames()
    assert [hours.name(time) for time in times] == [time.isoformat()[:13] for time in times]


@given(st.lists(st.none() | st.datetimes(timezones=st.just(UTC))))
def test_widen(times: list[datetime | None]) -> None:
    sight = Sight("a", ())
    for time in times:
        widen(sight, time)
    known = [time for time in times if time is not None]
    assert (sight.first, sight.last) == ((min(known), max(known)) if known else (None, None))


def test_join_some() -> None:
    assert join_some((), (1, 2, 3), 2) == (1, 2)
    assert join_some((1, 2), (2, 3, 4), 3) == (1, 2, 3)


def test_different_answers_are_bounded_and_none_goes_uncounted() -> None:
    sight = make_sight()
    for number in range(100, 1000):
        count_answer(sight, str(number), 2)
    count_answer(sight, "404", 5)
    assert len(sight.answers) == MOST_ANSWERS + 1
    assert sight.answers["404"] == 1 + 2 + 5
    assert sum(sight.answers.values()) == 1 + 2 * 900 + 5


def test_the_room_for_own_addresses_is_for_the_networks_that_were_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_sights, "MOST_SIGHTS", 1)
    addresses = ("192.0.2.1", "10.0.0.1", "203.0.113.5")
    tallies = [LogTally(sights=[make_sight(address)]) for address in addresses]
    named = merge_tallies(tallies, [ipaddress.ip_network("203.0.113.0/24")])
    assert [sight.address for sight in named.sights] == ["192.0.2.1", "203.0.113.5"]
    assert named.left_out == 1
    assert [sight.address for sight in merge_tallies(tallies).sights] == ["192.0.2.1", "10.0.0.1"]
