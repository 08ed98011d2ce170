from pathlib import Path
from unittest.mock import patch

import pytest

from codered.model.errors import Refused, RolledBack
from codered.model.firewall import FirewallOrder
from codered.model.plan import Plan
from codered.remediate.applying import apply_plan, is_in_effect, roll_back
from codered.remediate.case_folder import open_case
from codered.remediate.firewall.links import Link
from codered.remediate.plan_containment import make_containment_plan
from codered.remediate.processes import is_stopped
from codered.remediate.ready import Contained, ReadyContainment
from tests.fixtures.children import SHELL, STUBBORN, Children, LiveTarget
from tests.fixtures.firewalls import echo_session, list_ruleset, plan_firewall, run_inside, send_worm
from tests.fixtures.networks import running_network


def read_events(plan: Plan, case: Path) -> list[tuple[str, str]]:
    with open_case(case, plan, create=False) as folder:
        return [(entry.event, entry.note) for entry in folder.journal.entries]


def test_it_holds_when_it_is_decided_and_is_an_ordinary_plan_then(live: LiveTarget, case: Path) -> None:
    with running_network() as network, echo_session(network.host, network.world) as echo:
        plan = plan_firewall(live, "isolate_host", FirewallOrder(sessions=(echo.session,), confirm_within=60))

        def work() -> Contained:
            ready = ReadyContainment(plan, live, case)
            assert "codered" not in list_ruleset(network.host)
            return ready.hold("13 of 13 failed")

        held = run_inside(network.host, work)
        assert 0 < held.commit_seconds <= held.all_seconds
        assert held.notes == ()
        assert set(send_worm(network.host, 5)) == {"silent"}
        assert echo.ping(50) == 50
        events = read_events(plan, case)
        assert [event for event, _ in events] == ["opened", "begun", "opened", "verified", "finished"]
        assert events[1][1] == "13 of 13 failed"
        assert is_in_effect(plan, case)
        assert run_inside(network.host, lambda: apply_plan(plan, live, case)).already
        assert run_inside(network.host, lambda: roll_back(plan, live, case)).undone == ("a01",)
        assert list_ruleset(network.host) == ""


def test_processes_are_frozen_with_it(live: LiveTarget, case: Path, children: Children) -> None:
    process = children.start(SHELL, "-c", STUBBORN)
    plan = make_containment_plan(live.info, "isolate_host", FirewallOrder(), "a test", processes=(process.pid,))
    with running_network() as network:
        run_inside(network.host, lambda: ReadyContainment(plan, live, case).hold("it scans"))
        assert is_stopped(process)
        assert run_inside(network.host, lambda: roll_back(plan, live, case)).undone == ("a01", "a02")
        assert not is_stopped(process)


def test_what_was_never_needed_leaves_nothing(live: LiveTarget, case: Path) -> None:
    plan = plan_firewall(live, "isolate_host")
    with running_network() as network:
        run_inside(network.host, lambda: ReadyContainment(plan, live, case).close())
        assert not case.exists()
        assert list_ruleset(network.host) == ""


def test_while_it_is_ready_nobody_else_works_in_its_case(live: LiveTarget, case: Path) -> None:
    plan = plan_firewall(live, "isolate_host")
    with running_network() as network:
        ready = run_inside(network.host, lambda: ReadyContainment(plan, live, case))
        with pytest.raises(Refused, match="in use"):
            roll_back(plan, live, case)
        with pytest.raises(Refused, match="in use"):
            run_inside(network.host, lambda: ReadyContainment(plan, live, case))
        assert case.exists()
        ready.close()


def test_a_device_that_went_meanwhile_does_not_keep_it_from_holding(live: LiveTarget, case: Path) -> None:
    plan = plan_firewall(live, "isolate_host")

    def work() -> Contained:
        with patch("codered.remediate.ready.list_links", return_value=(Link(77, "went", 1, carries=False),)):
            ready = ReadyContainment(plan, live, case)
        return ready.hold("it scans")

    with running_network() as network:
        assert run_inside(network.host, work).notes == ()
        assert set(send_worm(network.host, 5)) == {"silent"}


def test_a_refusal_of_the_kernel_leaves_nothing_in_place(live: LiveTarget, case: Path) -> None:
    plan = plan_firewall(live, "isolate_host")

    def work() -> None:
        with patch("codered.remediate.ready.request_tables", return_value=b'{"nftables": [{"add": {"no": 1}}]}'):
            ready = ReadyContainment(plan, live, case)
        with patch("codered.remediate.firewall.containment.request_tables", return_value=b'{"nftables": [{"x": 1}]}'):
            ready.hold("it scans")

    with running_network() as network:
        with pytest.raises(RolledBack, match="the firewall refused"):
            run_inside(network.host, work)
        assert list_ruleset(network.host) == ""
        assert not is_in_effect(plan, case)


def test_a_full_disk_at_the_moment_of_decision_changes_nothing(live: LiveTarget, case: Path) -> None:
    plan = plan_firewall(live, "isolate_host")

    def work() -> None:
        ready = ReadyContainment(plan, live, case)
        with patch("codered.remediate.journal.Journal._write", side_effect=OSError(5, "Input/output error")):
            ready.hold("it scans")

    with running_network() as network:
        with pytest.raises(RolledBack, match="journal can't be written"):
            run_inside(network.host, work)
        assert list_ruleset(network.host) == ""


def test_only_a_containment_that_was_not_begun_can_be_made_ready(
    live: LiveTarget, case: Path, children: Children
) -> None:
    process = children.start(SHELL, "-c", STUBBORN)
    freeze = make_containment_plan(live.info, "freeze_process", FirewallOrder(), "a test", processes=(process.pid,))
    with pytest.raises(Refused, match="no plan of a containment"):
        ReadyContainment(freeze, live, case)
    plan = plan_firewall(live, "isolate_host")
    with running_network() as network:
        run_inside(network.host, lambda: apply_plan(plan, live, case))
        with pytest.raises(Refused):
            run_inside(network.host, lambda: ReadyContainment(plan, live, case))
        assert run_inside(network.host, lambda: roll_back(plan, live, case)).undone == ("a01",)
        with pytest.raises(Refused, match="was begun before"):
            run_inside(network.host, lambda: ReadyContainment(plan, live, case))
        assert is_in_effect(plan, case) is False


def test_where_nothing_can_be_made_ready_it_is_said_and_nothing_is_left(live: LiveTarget, case: Path) -> None:
    plan = plan_firewall(live, "isolate_host")
    with running_network() as network, patch("codered.remediate.ready.list_links", side_effect=OSError("no netlink")):
        with pytest.raises(Refused, match="can't be made ready"):
            run_inside(network.host, lambda: ReadyContainment(plan, live, case))
        assert not case.exists()
