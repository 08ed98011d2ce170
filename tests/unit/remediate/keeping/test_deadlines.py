from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from codered.remediate.keeping.deadlines import (
    count_left,
    has_own_clock,
    may_have_opened,
    read_now,
    read_since_boot,
)
from tests.fixtures.contained import make_record

STEP = timedelta(seconds=120)


def test_a_clock_that_was_set_moves_nothing() -> None:
    record = replace(make_record(opens_in=60), began=read_since_boot())
    set_back = replace(record, since=record.since + STEP, opens=record.since + STEP + timedelta(seconds=60))
    for each in (record, set_back):  # the second was begun before the clock was set back
        left = count_left(each.ends(), read_now(each))
        assert left is not None
        assert 50 < left <= 60


def test_after_another_start_only_the_wall_has_a_clock() -> None:
    record = replace(make_record(opens_in=60), began=read_since_boot(), boot="another")
    assert not has_own_clock(record)
    assert abs(read_now(record) - datetime.now(UTC)) < timedelta(seconds=5)
    assert not has_own_clock(replace(make_record(), began=0.0))


def test_what_never_ends_is_not_opened_by_the_kernel() -> None:
    now = datetime.now(UTC)
    assert count_left(None, now) is None
    assert not may_have_opened(make_record(), now)
    assert not may_have_opened(replace(make_record(opens_in=60), confirmed=now), now)


def test_the_kernel_opens_at_the_end_and_not_long_before() -> None:
    record = replace(make_record(opens_in=60), began=read_since_boot())
    assert not may_have_opened(record, record.since + timedelta(seconds=50))
    for seconds in (59, 60, 300):
        assert may_have_opened(record, record.since + timedelta(seconds=seconds))
    assert may_have_opened(make_record(opens_in=60), datetime.now(UTC))  # begun by a version that kept no clock
