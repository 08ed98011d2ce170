import socket
from pathlib import Path

from codered.model.firewall import FirewallOrder
from codered.remediate.actions import ACTIONS, throttle_outbound
from codered.remediate.applying import apply_plan, roll_back
from tests.fixtures.children import LiveTarget
from tests.fixtures.firewalls import plan_firewall, run_inside, send_worm
from tests.fixtures.networks import WORLD, running_network


def test_most_new_connections_are_stopped_and_those_that_exist_go_on(live: LiveTarget, case: Path) -> None:
    plan = plan_firewall(live, "throttle_outbound", FirewallOrder(per_second=2, burst=5))
    with running_network() as network, run_inside(network.world, lambda: socket.create_server(("", 9000))) as server:
        with run_inside(network.host, lambda: socket.create_connection((WORLD, 9000), timeout=5)) as own:
            run_inside(network.host, lambda: apply_plan(plan, live, case))
            peer, _ = server.accept()
            with peer:
                peer.sendall(b"still here")
                own.settimeout(5)
                assert own.recv(10) == b"still here"
        assert send_worm(network.host, 100).count("silent") >= 60
        run_inside(network.host, lambda: roll_back(plan, live, case))
        assert set(send_worm(network.host)) == {"answered"}


def test_it_is_listed() -> None:
    assert ACTIONS["throttle_outbound"] is throttle_outbound
