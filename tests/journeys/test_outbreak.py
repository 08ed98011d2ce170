"""A worm scans at 1, 14, 100 and 300 attempts a second; `codered contain --auto` sees it, names its process, cuts it
off and takes that back. Inert: plain connects to made-up addresses in a network of the test's own.
"""

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.fixtures.children import wait_until
from tests.fixtures.command import Desk
from tests.fixtures.networks import HOST, Namespace, running_network

WORM = Path(__file__).resolve().parents[1] / "fixtures" / "marker_worm.py"
STORY = re.compile(
    r"contained \(confirmed.*process (\d+) .*?(\d+) of (\d+) first contacts to port 80 in (\d+) networks"
)
COUNTER = f"""
add table inet seen
add chain inet seen arrivals {{ type filter hook prerouting priority -310; }}
add rule inet seen arrivals ip saddr {HOST} tcp dport 80 tcp flags syn counter
"""
# Attempts that may be made up to the verdict, by attempts a second.
MOST = {1: 12, 14: 15, 100: 35, 300: 100}
_SECONDS = 60


@contextmanager
def guarding(desk: Desk, host: Namespace) -> Iterator["subprocess.Popen[str]"]:
    """`codered contain --auto` in the network, watching."""
    words = ["contain", "--auto", "--for", "45s", "--undo-after", "4s"]
    guard = subprocess.Popen(
        host.command(sys.executable, "-m", "codered", *words), cwd=desk.folder, env=desk.environment, text=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        _read_until(guard, "watching for")
        yield guard
    finally:
        guard.terminate()
        guard.communicate(timeout=30)


def _read_until(guard: "subprocess.Popen[str]", text: str) -> str:
    assert guard.stderr is not None
    until, told = time.monotonic() + _SECONDS, ""
    while time.monotonic() < until:
        line = guard.stderr.readline()
        told += line
        if text in line:
            return told
        assert line, f"it ended without a word of {text!r}: {told}"
    raise AssertionError(told)


def count_arrivals(world: Namespace) -> int:
    """The SYNs that reached the world."""
    found = re.search(r"counter packets (\d+)", world.run("nft", "list", "table", "inet", "seen").stdout)
    assert found is not None
    return int(found[1])


@pytest.mark.parametrize("rate", sorted(MOST))
def test_a_worm_is_seen_named_cut_off_and_let_go_again(desk: Desk, rate: int) -> None:
    with running_network() as network, guarding(desk, network.host) as guard:
        network.world.run("nft", COUNTER)
        words = network.host.command(sys.executable, str(WORM), "--rate", str(rate), "--count", str(rate * 50))
        worm = subprocess.Popen(words, stdout=subprocess.DEVNULL)
        try:
            story = STORY.search(_read_until(guard, "contained (confirmed"))
            assert story is not None
            pid, failed, contacts, networks = map(int, story.groups())
            assert pid == worm.pid
            assert failed == contacts <= MOST[rate]
            assert networks >= 8
            time.sleep(0.3)  # a repeated SYN of before may still be under way
            held = count_arrivals(network.world)
            time.sleep(1.5)
            assert count_arrivals(network.world) == held
            # The process goes on and nothing of ours is left when the time is over.
            wait_until(lambda: network.host.run("nft", "list", "ruleset").stdout == "")
            wait_until(lambda: count_arrivals(network.world) > held)
        finally:
            worm.kill()
            worm.wait()
