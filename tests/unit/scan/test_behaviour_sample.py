import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from codered.cli import running
from codered.model.allow_list import NOTHING_ALLOWED
from codered.model.errors import CoverageIncomplete
from codered.model.ruleset import RuleSet
from codered.scan import behaviour_sample
from codered.scan.behaviour_sample import DIED, NO_NETWORK, Sample, SampleOrder, has_network, take_sample
from codered.scan.sampling import Sampled
from tests.fixtures.networks import running_network


@pytest.fixture(scope="module")
def rules(rule_cache: Path) -> Iterator[RuleSet]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CODERED_CACHE", str(rule_cache))
        yield running.load_rules()


def run_child(enter: Callable[[], None], work: Callable[[], bool]) -> bool:
    """Whether the work is true in a child that first went elsewhere."""
    child = os.fork()
    if not child:
        code = 1
        try:
            enter()
            code = 0 if work() else 1
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def leave() -> None:
    if ctypes.CDLL(None, use_errno=True).unshare(0x40000000):  # CLONE_NEWNET
        raise OSError(ctypes.get_errno(), "unshare")


def test_where_no_network_is_up_nothing_is_awaited(rules: RuleSet) -> None:
    def work() -> bool:
        (item,) = take_sample(SampleOrder(3600.0, rules, NOTHING_ALLOWED)).counted
        return (item.state, item.why) == ("skipped", NO_NETWORK)

    assert run_child(leave, work)


def test_a_network_is_up_or_not() -> None:
    assert run_child(leave, lambda: not has_network())
    with running_network() as network:
        assert run_child(network.host.enter, has_network)


def test_a_sample_ends_when_it_is_told_to(rules: RuleSet) -> None:
    def work() -> bool:
        sample = Sample(SampleOrder(3600.0, rules, NOTHING_ALLOWED))
        assert sample.poll() is None
        sample.stop()
        sampled = sample.finish()
        assert sample.finish() is sampled
        return sampled.summary is not None and [item.state for item in sampled.counted] == ["looked"]

    with running_network() as network:
        assert run_child(network.host.enter, work)


def test_a_sample_that_is_killed_is_a_gap(rules: RuleSet, monkeypatch: pytest.MonkeyPatch) -> None:
    def die(_order: SampleOrder, _leash: int, _own: frozenset[int], _told: int) -> Sampled:
        os.kill(os.getpid(), signal.SIGKILL)
        return Sampled()

    monkeypatch.setattr(behaviour_sample, "take_sample", die)
    (item,) = Sample(SampleOrder(1.0, rules, NOTHING_ALLOWED)).finish().counted
    assert (item.state, item.why) == ("failed", DIED)


def test_where_nothing_can_be_seen_that_is_said(rules: RuleSet, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise CoverageIncomplete("no connection attempts can be seen here", advice="run as root")

    monkeypatch.setattr(behaviour_sample, "BehaviourWatch", refuse)
    monkeypatch.setattr(behaviour_sample, "has_network", lambda: True)
    (item,) = take_sample(SampleOrder(1.0, rules, NOTHING_ALLOWED)).counted
    assert item.state == "unsupported"
    assert "run as root" in item.why


def test_no_descriptor_is_left_open(rules: RuleSet) -> None:
    before = set(os.listdir("/proc/self/fd"))
    monitor = Sample(SampleOrder(3600.0, rules, NOTHING_ALLOWED))
    monitor.stop()
    monitor.finish()
    assert set(os.listdir("/proc/self/fd")) == before


def test_what_is_found_is_told_at_once(rules: RuleSet) -> None:
    worm = Path(__file__).resolve().parents[2] / "fixtures" / "marker_worm.py"

    def work() -> bool:
        sample = Sample(SampleOrder(3600.0, rules, NOTHING_ALLOWED))
        try:
            time.sleep(1.0)
            # past our own process: what the tool's children do is passed over
            subprocess.run(
                ["setsid", "--fork", sys.executable, str(worm), "--rate", "50", "--count", "60"],
                check=True,
                stdout=subprocess.DEVNULL,
            )
            until = time.monotonic() + 20
            while not (alarms := sample.alarms()) and time.monotonic() < until:
                time.sleep(0.05)
            return sample.poll() is None and len(alarms) == 1 and alarms[0].startswith("confirmed: ")
        finally:
            sample.stop()
            sample.finish()

    with running_network() as network:
        assert run_child(network.host.enter, work)
