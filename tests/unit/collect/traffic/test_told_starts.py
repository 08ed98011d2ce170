import select
import subprocess
import time

import pytest

from codered.collect.traffic.told_starts import make_filter, open_told_starts
from codered.collect.watching.process_starts import parse_changes
from tests.fixtures.networks import running_network
from tests.fixtures.sensing import call_inside


def hear() -> tuple[int, set[str]] | None:
    """What is told of a child: how many messages say nothing to us, and of what the others are."""
    connector = open_told_starts()
    if connector is None:
        return None
    with connector:
        child = subprocess.Popen(["true"])
        child.wait()
        strange, until = 0, time.monotonic() + 10
        kinds: set[str] = set()
        waiting = select.poll()
        waiting.register(connector, select.POLLIN)
        while kinds != {"began", "executed"} and time.monotonic() < until:
            waiting.poll(100)
            try:
                changes = parse_changes(connector.recv(1 << 16))
            except BlockingIOError:
                continue
            strange += not changes
            kinds |= {change.kind for change in changes if change.process == child.pid}
        return strange, kinds


def test_only_beginnings_and_executions_are_told_wherever_we_are() -> None:
    with running_network() as network:
        for space in (None, network.host):
            heard = call_inside(space, hear)
            if heard is None:
                pytest.skip("the kernel tells nothing in this namespace")
            # One that was on its way before the filter was there may be among them.
            assert heard[1] == {"began", "executed"}
            assert heard[0] <= 16


def test_the_filter_is_whole_lines() -> None:
    assert len(make_filter()) % 8 == 0
