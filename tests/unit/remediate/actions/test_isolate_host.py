import os
from pathlib import Path

import pytest
from msgspec.structs import replace

from codered.model.errors import Refused
from codered.model.firewall import FirewallOrder, FirewallState
from codered.model.paths import FilePath
from codered.model.plan import Action, seal_plan
from codered.remediate.actions import ACTIONS, CONTAINING, isolate_host
from codered.remediate.applying import apply_plan, roll_back
from codered.remediate.firewall import containment
from codered.remediate.vault import Vault
from tests.fixtures.changing import FolderTarget
from tests.fixtures.children import LiveTarget
from tests.fixtures.firewalls import echo_session, list_ruleset, plan_firewall, run_inside, send_worm
from tests.fixtures.networks import running_network


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    (tmp_path / "vault").mkdir()
    return Vault(os.fsencode(tmp_path / "vault"), "20261122-120000-abc123")


def test_the_five_verbs(live: LiveTarget, vault: Vault) -> None:
    (action,) = plan_firewall(live, "isolate_host").actions

    def work() -> None:
        assert isolate_host.state(action, live) == action.expects
        backup = isolate_host.back_up(action, live, vault)
        assert isolate_host.change(action, live, vault, backup) == ""
        assert isolate_host.state(action, live) == isolate_host.outcome(action)
        assert isolate_host.undo(action, live, vault, backup) == ""
        assert isolate_host.state(action, live) == action.expects
        assert "gone already" in isolate_host.undo(action, live, vault, backup)

    with running_network() as network:
        run_inside(network.host, work)


def test_applied_the_worm_is_silent_and_rolled_back_all_is_as_before(live: LiveTarget, case: Path) -> None:
    with running_network() as network, echo_session(network.host, network.world) as echo:
        before = list_ruleset(network.host)
        plan = plan_firewall(live, "isolate_host", FirewallOrder(sessions=(echo.session,), confirm_within=60))
        outcome = run_inside(network.host, lambda: apply_plan(plan, live, case))
        assert outcome.done == ("a01",)
        assert set(send_worm(network.host)) == {"silent"}
        assert echo.ping(100) == 100
        again = run_inside(network.host, lambda: apply_plan(plan, live, case))
        assert (again.already, again.left) == (True, ())
        undone = run_inside(network.host, lambda: roll_back(plan, live, case))
        assert undone.undone == ("a01",)
        assert list_ruleset(network.host) == before
        assert set(send_worm(network.host)) == {"answered"}


def test_a_rollback_takes_away_what_somebody_else_changed_or_took_away(live: LiveTarget, case: Path) -> None:
    notes: list[str] = []
    plan = plan_firewall(live, "isolate_host")
    name = plan.actions[0].expects.name  # type: ignore[union-attr]
    with running_network() as network:
        run_inside(network.host, lambda: apply_plan(plan, live, case))
        network.host.run("nft", f"insert rule inet {name} output accept")
        left = run_inside(network.host, lambda: apply_plan(plan, live, case)).left
        assert [item.because for item in left] == ["our tables in it are not as they were ordered"]
        undone = run_inside(network.host, lambda: roll_back(plan, live, case, lambda step: notes.append(step.note)))
        assert undone.undone == ("a01",)
        assert "somebody had changed our tables; they are gone with what was put there" in notes
        assert list_ruleset(network.host) == ""


def test_a_rollback_of_what_was_flushed_succeeds(live: LiveTarget, case: Path) -> None:
    plan = plan_firewall(live, "isolate_host")
    with running_network() as network:
        run_inside(network.host, lambda: apply_plan(plan, live, case))
        network.host.run("nft", "flush", "ruleset")
        left = run_inside(network.host, lambda: apply_plan(plan, live, case)).left
        assert [item.because for item in left] == ["our tables in it are gone"]
        assert run_inside(network.host, lambda: roll_back(plan, live, case)).undone == ("a01",)


def test_a_rollback_of_what_opened_by_itself_succeeds_and_says_so(live: LiveTarget, case: Path) -> None:
    notes: list[str] = []
    plan = plan_firewall(live, "isolate_host", FirewallOrder(confirm_within=1))
    name = plan.actions[0].expects.name  # type: ignore[union-attr]
    with running_network() as network:
        run_inside(network.host, lambda: apply_plan(plan, live, case))
        for table in (f"inet {name}", f"netdev {name}"):
            network.host.run("nft", f"flush set {table} armed")
        outcome = run_inside(network.host, lambda: roll_back(plan, live, case, lambda step: notes.append(step.note)))
        assert outcome.undone == ("a01",)
        assert containment.OPENED in notes


@pytest.mark.parametrize("confirm_within", [0.0, 60.0])
def test_done_again_it_ends_connections_and_leaves_the_timer(
    live: LiveTarget, vault: Vault, confirm_within: float
) -> None:
    order = FirewallOrder(confirm_within=confirm_within)
    (action,) = plan_firewall(live, "isolate_host", order).actions

    def work() -> None:
        isolate_host.change(action, live, vault, "")
        name = isolate_host.outcome(action).name
        containment.arm_again(name, order, 500 if confirm_within else 0)
        isolate_host.change(action, live, vault, "")
        left = containment.look_at_holding("isolate_host", name, order).opens_in
        assert left > 400 if confirm_within else left == 0

    with running_network() as network:
        run_inside(network.host, work)


def test_only_the_running_host_and_only_orders_that_can_be(live: LiveTarget, tmp_path: Path, case: Path) -> None:
    plan = plan_firewall(live, "isolate_host")
    offline = FolderTarget(tmp_path)
    with pytest.raises(Refused, match="only on the running host"):
        apply_plan(seal_plan(replace(plan, target=offline.info)), offline, case)
    bad = replace(plan.actions[0], firewall=FirewallOrder(management=("anywhere",)))
    with pytest.raises(Refused, match="not written as ADDRESS/BITS"):
        apply_plan(seal_plan(replace(plan, actions=(bad,))), live, case)
    foreign = replace(plan.actions[0], expects=FirewallState(name="filter"))
    with pytest.raises(Refused, match="ours alone"):
        apply_plan(seal_plan(replace(plan, actions=(foreign,))), live, case)
    assert not case.exists()


def test_another_kind_is_an_error() -> None:
    state = FirewallState(name="codered-a")
    action = Action(id="a01", kind="delete_file", path=FilePath("/x"), expects=state, because="a test")
    with pytest.raises(TypeError):
        isolate_host.kind_of(action)


def test_it_is_listed() -> None:
    assert ACTIONS["isolate_host"] is isolate_host
    assert "isolate_host" in CONTAINING
