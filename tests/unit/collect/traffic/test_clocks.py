import time

from codered.collect.traffic.clocks import measure_offset


def test_both_clocks_agree() -> None:
    before, now, after = time.time(), time.monotonic() + measure_offset(), time.time()
    assert before - 0.5 < now < after + 0.5
