import socket
from pathlib import Path

from codered.model.firewall import FirewallOrder
from codered.remediate.actions import ACTIONS, block_outbound
from codered.remediate.applying import apply_plan, roll_back
from tests.fixtures.children import LiveTarget
from tests.fixtures.firewalls import WEB, plan_firewall, run_inside, send_worm
from tests.fixtures.networks import WORLD, running_network


def test_the_port_is_closed_for_what_is_new_and_what_exists_ends(live: LiveTarget, case: Path) -> None:
    plan = plan_firewall(live, "block_outbound", FirewallOrder(ports=WEB))
    with running_network(open_ports=(8080,)) as network:
        server = run_inside(network.world, lambda: socket.create_server(("", 80)))
        with server, run_inside(network.host, lambda: socket.create_connection((WORLD, 80), timeout=5)) as foreign:
            run_inside(network.host, lambda: apply_plan(plan, live, case))
            try:
                foreign.settimeout(5)
                foreign.recv(1)
                ended = False
            except ConnectionAbortedError:
                ended = True
            assert ended
            assert set(send_worm(network.host, 5)) == {"silent"}
            run_inside(network.host, lambda: socket.create_connection((WORLD, 8080), timeout=5).close())
            run_inside(network.host, lambda: roll_back(plan, live, case))
            run_inside(network.host, lambda: socket.create_connection((WORLD, 80), timeout=5).close())


def test_it_is_listed() -> None:
    assert ACTIONS["block_outbound"] is block_outbound
