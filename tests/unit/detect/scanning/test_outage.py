"""Peers that always answered, and do no more."""

from codered.detect.scanning.outage import LATEST, MOST_PORTS, MOST_WITHHELD, REMEMBERED, Peers


def test_only_what_is_open_for_too_long_or_settled_counts() -> None:
    peers = Peers()
    peers.open(b"a", 0.0, 60.0)
    peers.open(b"b", 0.95, 60.0)
    peers.settle(b"c", 0.9, answered=True)
    assert peers.count(1.0, 0.15, 60.0) == (2, 1)
    peers.settle(b"a", 1.0, answered=True)
    assert peers.count(1.0, 0.15, 60.0) == (2, 0)
    peers.settle(b"c", 1.05, answered=False)
    assert peers.count(1.05, 0.15, 60.0) == (2, 1)


def test_only_the_latest_count_so_a_busy_host_learns_of_a_cut_line_soon() -> None:
    peers = Peers()
    for one in range(400):
        peers.settle(b"%d" % one, one / 10, answered=True)
    for one in range(LATEST):
        peers.open(b"%d" % one, 40.0, 60.0)
    assert peers.count(40.5, 0.15, 60.0) == (LATEST, LATEST)


def test_what_is_older_than_a_minute_does_not_count() -> None:
    peers = Peers()
    peers.settle(b"a", 0.0, answered=False)
    assert peers.count(60.0, 0.15, 60.0) == (1, 1)
    assert peers.count(60.1, 0.15, 60.0) == (0, 0)


def test_a_peer_that_is_tried_again_and_again_keeps_its_time() -> None:
    peers = Peers()
    for one in range(10):
        peers.open(b"a", one / 10, 60.0)
    assert peers.opened[b"a"] == 0.0
    peers.open(b"a", 61.0, 60.0)
    assert peers.opened[b"a"] == 61.0


def test_its_memory_is_bounded() -> None:
    peers = Peers()
    for one in range(3 * REMEMBERED):
        peers.open(b"%d" % one, one, 60.0)
        peers.settle(b"%d" % one, one, answered=True)
        peers.settle(b"x%d" % one, one, answered=False)
        peers.open(b"y%d" % one, one, 60.0)
    assert max(len(peers.opened), len(peers.answered), len(peers.failed)) <= REMEMBERED


def test_what_is_withheld_is_odd_once_somebody_answered_in_the_middle() -> None:
    peers = Peers()
    peers.begin_withholding(100.0, 90.0, 600.0)
    peers.withhold(80, b"a", 100.0, 600.0)
    assert peers.withheld == {}
    peers.begin_withholding(102.0, 101.0, 600.0)
    peers.withhold(80, b"b", 102.0, 600.0)
    peers.withhold(80, b"old", 100.5, 600.0)
    assert peers.withheld == {80: {b"b": 102.0}}
    peers.begin_withholding(702.0, 101.0, 600.0)
    assert peers.withheld == {80: {b"b": 102.0}}  # ten minutes to the second: still the same
    peers.begin_withholding(1302.1, 101.0, 600.0)
    assert peers.withheld == {}  # another outage


def test_an_outage_that_does_not_end_is_odd() -> None:
    peers = Peers()
    for when in range(0, 700, 50):
        peers.begin_withholding(float(when), -1.0, 600.0)
        peers.withhold(80, b"%d" % when, float(when), 600.0)
    assert set(peers.withheld[80].values()) == {650.0}


def test_what_was_withheld_is_bounded() -> None:
    peers = Peers()
    peers.begin_withholding(0.0, 1.0, 600.0)
    for one in range(2 * MOST_WITHHELD):
        peers.withhold(80, b"%d" % one, 2.0, 600.0)
    assert len(peers.withheld[80]) == MOST_WITHHELD
    for port in range(2 * MOST_PORTS):
        peers.withhold(port, b"a", 2.0, 600.0)
    assert len(peers.withheld) == MOST_PORTS
