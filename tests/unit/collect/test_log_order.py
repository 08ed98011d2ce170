from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from codered.collect.log_order import LogFile, order_logs

START = datetime(2001, 7, 19, tzinfo=UTC)


def order(*files: tuple[str, int | None]) -> list[str]:
    return [
        file.path
        for file in order_logs(
            LogFile(path, None if day is None else START + timedelta(days=day)) for path, day in files
        )
    ]


def test_time_counts_and_not_the_name() -> None:
    assert order(("l/a.log", 0), ("l/a.log.1", 2), ("l/a.log.2.gz", 1)) == ["l/a.log", "l/a.log.2.gz", "l/a.log.1"]


def test_numbers_decide_when_a_time_is_missing() -> None:
    names = ["a.log", "a.log.10.gz", "a.log.2.gz", "a.log.1"]
    assert order(*((name, None) for name in names)) == ["a.log.10.gz", "a.log.2.gz", "a.log.1", "a.log"]


def test_dates_in_names_rise() -> None:
    names = ["a.log", "a.log-20010720.gz", "a.log-20010719.gz"]
    assert order(*((name, None) for name in names)) == ["a.log-20010719.gz", "a.log-20010720.gz", "a.log"]


def test_sets_stay_together() -> None:
    assert order(("b.log", 0), ("a.log.1", 1), ("b.log.1", 2), ("a.log", 5)) == ["a.log.1", "a.log", "b.log", "b.log.1"]


@given(st.lists(st.tuples(st.text(max_size=30), st.none() | st.integers(0, 999))))
def test_no_name_is_lost(files: list[tuple[str, int | None]]) -> None:
    assert sorted(order(*files)) == sorted(path for path, _ in files)
