from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from codered.model.monitoring import Heartbeat
from codered.monitor.lasting import Lasting, find_gap, measure_silence, read_boot, read_up


def beat(seconds_ago: float, *, boot: str = "", elapsed: float = 100.0) -> Heartbeat:
    when = datetime.now(UTC) - timedelta(seconds=seconds_ago)
    return Heartbeat(time=when, boot=boot or read_boot(), up=read_up() - seconds_ago, elapsed=elapsed, pid=1)


def test_a_watch_lasts_as_long_as_wanted() -> None:
    lasting = Lasting(1000.0)
    assert 990 < lasting.left() <= 1000
    assert Lasting(0.0).left() == 0


def test_a_gap_counts() -> None:
    assert 159 < Lasting(1000.0, beat(60)).elapsed() < 200


@pytest.mark.parametrize("hours", [-5, 5])
def test_the_clock_of_the_day_does_not_matter_within_a_boot(hours: int) -> None:
    last = beat(60)
    moved = replace(last, time=last.time + timedelta(hours=hours))
    assert 59 < measure_silence(moved, last.boot, read_up()) < 100


def test_a_clock_that_was_set_back_over_a_reboot_shortens_no_silence_below_the_uptime() -> None:
    last = beat(-5 * 3600, boot="another")
    assert measure_silence(last, read_boot(), 50.0) == 50.0


def test_a_reboot_is_a_gap_and_counts_by_the_time_of_day() -> None:
    last = beat(7200, boot="another")
    assert 7199 < measure_silence(last, read_boot(), 50.0) < 7300
    gap = find_gap(last, "")
    assert gap is not None
    assert (gap.why, gap.since) == ("the host was started anew", last.time)


def test_a_short_silence_is_no_gap_by_itself() -> None:
    assert find_gap(beat(2), "") is None
    assert find_gap(beat(2), "it was ended") is not None
    assert find_gap(beat(300), "") is not None


def test_a_sign_of_life_carries_on() -> None:
    made = Lasting(1000.0, beat(0)).beat(7, {"events": 3})
    assert (made.pid, made.counts, made.boot) == (7, {"events": 3}, read_boot())
    assert made.elapsed >= 100
