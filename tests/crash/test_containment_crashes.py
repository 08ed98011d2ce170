"""The tool is killed at each point of a containment: applying goes on, and rolling back leaves nothing of ours."""

import os
import signal
from pathlib import Path

import pytest

from codered.model.firewall import FirewallOrder
from codered.model.plan import Plan
from codered.remediate.actions import isolate_host
from codered.remediate.applying import apply_plan, roll_back
from codered.remediate.firewall import containment
from codered.remediate.firewall.nft import Nft
from codered.remediate.journal import Journal
from codered.remediate.ready import ReadyContainment
from tests.fixtures.children import LiveTarget
from tests.fixtures.firewalls import echo_session, list_ruleset, plan_firewall, run_inside, send_worm
from tests.fixtures.networks import Namespace, running_network

POINTS = (
    "before the journal",
    "before the commit",
    "after the commit",
    "after the connections",
    "before the last line",
)


@pytest.fixture
def live(tmp_path: Path) -> LiveTarget:
    (tmp_path / "live").mkdir()
    return LiveTarget(tmp_path / "live")


@pytest.fixture
def case(tmp_path: Path) -> Path:
    return tmp_path / "state/cases/contain"


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _kill_at(point: str) -> None:
    """In the child: let it die there."""
    run, append, end = Nft.run, Journal.append, isolate_host.end_connections
    lines = {"before the journal": "begun", "before the last line": "verified"}

    def run_or_die(self: Nft, request: bytes) -> bytes:
        sets_up = b'"add"' in request
        if sets_up and point == "before the commit":
            _die()
        answer = run(self, request)
        if sets_up and point == "after the commit":
            _die()
        return answer

    def append_or_die(self: Journal, event: str, **more: str) -> None:
        if lines.get(point) == event:
            _die()
        append(self, event, **more)  # type: ignore[arg-type]

    def end_or_die(action: object) -> str:
        said = end(action)  # type: ignore[arg-type]
        if point == "after the connections":
            _die()
        return said

    Nft.run = run_or_die  # type: ignore[method-assign]
    Journal.append = append_or_die  # type: ignore[method-assign]
    isolate_host.end_connections = end_or_die


def _contain_and_die(space: Namespace, plan: Plan, live: LiveTarget, case: Path, point: str) -> None:
    child = os.fork()
    if not child:
        try:
            space.enter()
            if point == "made ready":
                ReadyContainment(plan, live, case)
                _die()
            _kill_at(point)
            apply_plan(plan, live, case)
        finally:
            os._exit(3)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


@pytest.mark.parametrize("point", POINTS)
def test_applying_goes_on_where_it_was_killed(live: LiveTarget, case: Path, point: str) -> None:
    with running_network() as network, echo_session(network.host, network.world) as echo:
        plan = plan_firewall(live, "isolate_host", FirewallOrder(sessions=(echo.session,)))
        _contain_and_die(network.host, plan, live, case, point)
        assert run_inside(network.host, lambda: apply_plan(plan, live, case)).done == ("a01",)
        assert set(send_worm(network.host, 5)) == {"silent"}
        assert echo.ping(20) == 20
        run_inside(network.host, lambda: roll_back(plan, live, case))
        assert list_ruleset(network.host) == ""


@pytest.mark.parametrize("point", POINTS)
def test_rolling_back_leaves_nothing(live: LiveTarget, case: Path, point: str) -> None:
    with running_network() as network:
        plan = plan_firewall(live, "isolate_host", FirewallOrder())
        _contain_and_die(network.host, plan, live, case, point)
        run_inside(network.host, lambda: roll_back(plan, live, case))
        assert list_ruleset(network.host) == ""
        assert set(send_worm(network.host, 5)) == {"answered"}


def test_one_that_was_killed_when_it_was_ready_can_still_be_applied(live: LiveTarget, case: Path) -> None:
    with running_network() as network:
        plan = plan_firewall(live, "isolate_host", FirewallOrder())
        _contain_and_die(network.host, plan, live, case, "made ready")
        assert list_ruleset(network.host) == ""
        assert run_inside(network.host, lambda: apply_plan(plan, live, case)).done == ("a01",)


def test_a_timer_that_ran_out_while_the_tool_was_dead_is_set_anew(live: LiveTarget, case: Path) -> None:
    order = FirewallOrder(confirm_within=60)
    with running_network() as network:
        plan = plan_firewall(live, "isolate_host", order)
        _contain_and_die(network.host, plan, live, case, "after the commit")
        name = isolate_host.outcome(plan.actions[0]).name
        for table in (f"inet {name}", f"netdev {name}"):
            network.host.run("nft", f"flush set {table} armed")
        run_inside(network.host, lambda: apply_plan(plan, live, case))
        holding = run_inside(network.host, lambda: containment.look_at_holding("isolate_host", name, order))
        assert (holding.arming, holding.whole) == ("armed", True)
