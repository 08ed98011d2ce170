import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered.collect.log_times import read_clf_time, read_ctime, read_iso_time, read_us_time

AT = datetime(2001, 7, 19, 15, 38, 38, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", [b"19/Jul/2001:15:38:38 +0000", b"19/Jul/2001:17:38:38 +0200", b"19/JUL/2001:08:08:38 -0730"]
)
def test_clf_time_comes_out_as_utc(text: bytes) -> None:
    assert read_clf_time(text) == AT


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"-",
        b"19/Jul/2001:15:38:38",
        b"31/Feb/2001:00:00:00 +0000",
        b"19/Jux/2001:15:38:38 +0000",
        b"19/Jul/2001:25:38:38 +0000",
        b"19/Jul/2001:15:38:38 +9900",
        b"01/Jan/0001:00:00:00 +1000",
        b"1\xff/Jul/2001:15:38:38 +0000",
    ],
)
def test_clf_time_that_is_none(text: bytes) -> None:
    assert read_clf_time(text) is None


def test_iso_time_of_iis_and_nginx() -> None:
    assert read_iso_time(b"2001-07-19", b"15:38:38") == AT
    assert read_iso_time(b"2001/07/19", b"15:38:38.123") == AT
    assert read_iso_time(b"2001-07-19", b"") is None
    assert read_iso_time(b"20010719", b"15:38:38") is None


def test_us_time_of_iis_and_urlscan() -> None:
    assert read_us_time(b"07/19/01", b"15:38:38") == AT
    assert read_us_time(b"07-19-2001", b"15:38:38") == AT
    assert read_us_time(b"19.07.2001", b"15:38:38") == AT
    assert read_us_time(b"13/13/01", b"15:38:38") is None


def test_ctime_of_apache() -> None:
    assert read_ctime(b"Thu Jul 19 15:38:38 2001") == AT
    assert read_ctime(b"Thu Jul 19 15:38:38.123456 2001") == AT
    assert read_ctime(b"Thu Jul 19 2001") is None


@given(st.binary(max_size=40), st.binary(max_size=20))
def test_no_bytes_raise(one: bytes, other: bytes) -> None:
    for found in (read_clf_time(one), read_iso_time(one, other), read_us_time(one, other), read_ctime(one)):
        assert found is None or found.tzinfo is not None


def test_a_leap_second_is_the_last_of_its_minute() -> None:
    last = datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC)
    assert read_clf_time(b"31/Dec/2016:23:59:60 +0000") == last
    assert read_iso_time(b"2016-12-31", b"23:59:60") == last
    assert read_us_time(b"12/31/2016", b"23:59:60") == last
    assert read_ctime(b"Sat Dec 31 23:59:60.5 2016") == last
    assert read_clf_time(b"31/Dec/2016:23:59:61 +0000") is None


@pytest.mark.parametrize(
    "read",
    [
        read_clf_time,
        read_ctime,
        lambda text: read_iso_time(b"2001-07-19", text),
        lambda text: read_iso_time(text, b"15:38:38"),
        lambda text: read_us_time(b"7/19/2001", text),
        lambda text: read_us_time(text, b"15:38:38"),
    ],
)
def test_long_texts_are_no_times_and_are_not_kept(read: Callable[[bytes], datetime | None]) -> None:
    tracemalloc.start()
    try:
        assert {read(b"15:38:38.%d" % number + b"0" * 100_000) for number in range(50)} == {None}
        assert tracemalloc.get_traced_memory()[0] < 1 << 20
    finally:
        tracemalloc.stop()
