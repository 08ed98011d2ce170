"""Worms that start a new process for each attempt, or have many workers, and honest ones that do the same."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from codered.cli import running
from codered.model.ruleset import RuleSet
from tests.fixtures.behaviour_watching import watch
from tests.fixtures.networks import Network, running_network

SHOT = 'timeout 1 bash -c ": >/dev/tcp/$1/80" 2>/dev/null'
WORKERS = """
import os, socket, time
for worker in range(30):
    if not os.fork():
        for number in range(3):
            one = socket.socket()
            one.setblocking(False)
            one.connect_ex((f"203.{number}.{worker + 7}.9", 80))
            time.sleep(0.4)
        time.sleep(2)
        os._exit(0)
    time.sleep(0.03)
for worker in range(30):
    os.wait()
"""


@pytest.fixture(scope="module")
def rules(rule_cache: Path) -> Iterator[RuleSet]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CODERED_CACHE", str(rule_cache))
        yield running.load_rules()


@pytest.fixture(scope="module")
def network() -> Iterator[Network]:
    with running_network() as made:
        yield made


def loop(network: Network, addresses: str, count: int) -> int:
    """A shell that starts a process for each of `count` attempts, ten a second; its pid."""
    script = f"echo $$; for i in $(seq {count}); do sh -c '{SHOT}' - {addresses} & sleep 0.1; done; wait"
    return int(network.host.run("bash", "-c", script).stdout)


def test_a_loop_of_one_shots_is_known_within_fifteen_attempts_by_its_shell(rules: RuleSet, network: Network) -> None:
    pids = []
    told = watch(network, rules, lambda: pids.append(loop(network, "203.0.$((i + 20)).9", 30)), 8.0)
    (finding,) = told.findings
    assert (finding.indicator, finding.confidence, finding.subject.kind) == ("horizontal-scan", "confirmed", "process")
    assert (finding.subject.pid, finding.subject.key) == (pids[0], "bash")
    assert "different processes that it started" in finding.because
    assert finding.count <= 15
    assert told.summary.attempts == 30


def test_workers_of_one_parent_add_up(rules: RuleSet, network: Network) -> None:
    told = watch(network, rules, lambda: network.host.run(sys.executable, "-c", WORKERS), 8.0)
    (finding,) = told.findings
    assert finding.confidence == "confirmed"
    assert finding.subject.pid not in (None, os.getpid())
    assert finding.evidence[1].data is not None
    assert b"for worker in range(30)" in finding.evidence[1].data


def test_one_shots_that_are_answered_are_nobodys_scan(rules: RuleSet, network: Network) -> None:
    told = watch(network, rules, lambda: loop(network, "198.51.100.$((i + 20))", 40), 7.0)
    assert told.findings == []
    assert told.summary.attempts == 40
