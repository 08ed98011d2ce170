import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from codered import respond
from codered.model.errors import Refused
from codered.model.firewall import FirewallOrder, PortRange
from codered.model.plan import Plan
from codered.remediate.keeping.records import ContainmentFolder, list_containments
from codered.remediate.keeping.starting import stop_keeper
from codered.remediate.plan_containment import make_containment_plan
from codered.respond import containing, ready_containment, unknown_tables
from codered.respond.ready_containment import begin_ready, forget_ready, make_ready
from codered.targets import open_target
from tests.fixtures.command import SOURCE
from tests.fixtures.contained import within
from tests.fixtures.networks import Network, running_network


@pytest.fixture
def network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Network]:
    monkeypatch.setenv("CODERED_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("PYTHONPATH", str(SOURCE))
    with running_network() as found:
        yield found
        for name in list_containments(respond.state_folder()):
            stop_keeper(ContainmentFolder(respond.state_folder(), name))


def make_plan() -> Plan:
    order = FirewallOrder(ports=(PortRange(protocol="tcp", first=80, last=80),), confirm_within=60.0)
    return make_containment_plan(open_target().info, "block_outbound", order, "a test")


def lift(network: Network, name: str) -> object:
    return within(network.host, lambda: containing.lift(name, open_target(), lambda _: None))


def die_after_the_rules(network: Network, plan: Plan) -> int:
    """Hold it in a child that is killed before it can note anything; how the child ended."""
    pid = os.fork()
    if not pid:
        try:
            network.host.enter()
            ready = make_ready(plan, open_target(), 60.0)
            die = lambda *_: os.kill(os.getpid(), signal.SIGKILL)  # noqa: E731
            pytest.MonkeyPatch().setattr(ready_containment, "make_record", die)
            begin_ready(ready, plan, 60.0, "a scan")
        finally:
            os._exit(3)
    return os.WTERMSIG(os.waitpid(pid, 0)[1])


def test_what_a_kill_left_is_seen_and_taken_back(network: Network) -> None:
    plan = make_plan()
    assert die_after_the_rules(network, plan) == signal.SIGKILL
    assert "codered" in network.host.run("nft", "list", "tables").stdout
    assert containing.list_in_force() == (plan.id,)
    assert within(network.host, unknown_tables.list_unknown) == ()
    assert within(network.host, lambda: containing.describe(plan.id)).state == "armed"
    assert lift(network, plan.id) is not None
    assert network.host.run("nft", "list", "tables").stdout == ""


def test_its_time_begins_when_it_is_held(network: Network) -> None:
    plan = make_plan()

    def hold() -> str:
        ready = make_ready(plan, open_target(), 60.0)
        before = containing.read_record(plan.id)
        assert (before.undo_unconfirmed, containing.list_in_force()) == (True, ())
        _, unkept = begin_ready(ready, plan, 60.0, "a scan")
        after = containing.read_record(plan.id)
        assert (after.because, after.began > before.began, after.since > before.since) == ("a scan", True, True)
        return unkept

    assert within(network.host, hold) == ""
    lift(network, plan.id)


def test_what_was_never_held_leaves_nothing(network: Network) -> None:
    plan = make_plan()
    within(network.host, lambda: forget_ready(make_ready(plan, open_target(), 60.0), plan))
    assert list_containments(respond.state_folder()) == ()
    assert not respond.plan_file(plan.id).exists()
    assert not respond.case_folder(plan).exists()


def test_what_can_not_be_noted_is_not_made_ready(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise Refused("can't be written: no space left", advice="make room")

    plan = make_plan()
    monkeypatch.setattr(ready_containment, "write_record", refuse)
    with pytest.raises(Refused, match="no space"):
        within(network.host, lambda: make_ready(plan, open_target(), 60.0))
    assert not respond.case_folder(plan).exists()


def test_what_stands_but_can_not_be_noted_is_kept_and_told(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise Refused("can't be written: no space left", advice="make room")

    plan = make_plan()
    monkeypatch.setattr(ready_containment, "change_record", refuse)
    _, told = within(network.host, lambda: begin_ready(make_ready(plan, open_target(), 60.0), plan, 60.0, "a scan"))
    assert "no space" in told
    assert containing.find_folder(plan.id).find_keeper() > 0
    assert lift(network, plan.id) is not None
