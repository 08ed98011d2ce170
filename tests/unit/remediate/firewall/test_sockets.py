import os
import select
import socket

import pytest

from codered.model.firewall import FirewallOrder
from codered.remediate.firewall.sockets import destroy_connections, list_connections
from tests.fixtures.firewalls import WEB, echo_session, run_inside
from tests.fixtures.networks import HOST, WORLD, Namespace, running_network


def connect(space: Namespace, port: int) -> socket.socket:
    return run_inside(space, lambda: socket.create_connection((WORLD, port), timeout=5))


def listen(space: Namespace, port: int) -> socket.socket:
    return run_inside(space, lambda: socket.create_server(("", port)))


def is_ended(own: socket.socket) -> bool:
    """Whether the kernel has ended it: an error, not an orderly goodbye."""
    poll = select.poll()
    poll.register(own, select.POLLERR)
    return any(event & select.POLLERR for _, event in poll.poll(0))


def test_connections_are_listed_with_their_sockets() -> None:
    with running_network(open_ports=(80,)) as network, listen(network.world, 9000), connect(network.host, 9000) as own:
        (found,) = (one for one in run_inside(network.host, lambda: list(list_connections())))
        assert (found.session.local, found.session.remote, found.session.remote_port) == (HOST, WORLD, 9000)
        assert found.session.local_port == own.getsockname()[1]
        assert found.inode == os.fstat(own.fileno()).st_ino


def test_isolation_ends_what_is_not_allowed_and_nothing_else() -> None:
    with (
        running_network() as network,
        echo_session(network.host, network.world) as echo,
        listen(network.world, 9000),
        connect(network.host, 9000) as foreign,
        run_inside(network.host, lambda: socket.create_server(("127.0.0.1", 0))) as local_server,
    ):
        address = local_server.getsockname()
        with run_inside(network.host, lambda: socket.create_connection(address, timeout=5)) as local:
            order = FirewallOrder(sessions=(echo.session,))
            ended = run_inside(network.host, lambda: destroy_connections("isolate_host", order))
            assert (ended.number, ended.why_not) == (1, "")
            assert is_ended(foreign)
            with pytest.raises(OSError, match="abort"):
                foreign.recv(1)
            assert not is_ended(local)
            assert echo.ping(20) == 20


def test_a_connection_that_is_only_being_made_ends_too() -> None:
    with running_network() as network:
        own = run_inside(network.host, lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM | socket.SOCK_NONBLOCK))
        with own:
            own.connect_ex(("192.0.2.7", 80))
            assert run_inside(network.host, lambda: destroy_connections("isolate_host", FirewallOrder())).number == 1
            assert is_ended(own)


def test_closed_ports_end_only_connections_to_them() -> None:
    with (
        running_network() as network,
        listen(network.world, 9000),
        listen(network.world, 9001),
        connect(network.host, 9000) as foreign,
        connect(network.host, 9001) as other,
    ):
        closed = (WEB[0], type(WEB[0])(protocol="tcp", first=8999, last=9000))
        order = FirewallOrder(ports=closed)
        assert run_inside(network.host, lambda: destroy_connections("block_outbound", order)).number == 1
        assert (is_ended(foreign), is_ended(other)) == (True, False)


def test_who_came_in_from_a_closed_port_stays() -> None:
    with (
        running_network() as network,
        listen(network.host, 9000),
        run_inside(network.world, lambda: socket.create_connection((HOST, 9000), timeout=5)) as guest,
    ):
        port = guest.getsockname()[1]
        order = FirewallOrder(ports=(type(WEB[0])(protocol="tcp", first=port, last=port),))
        assert run_inside(network.host, lambda: destroy_connections("block_outbound", order)).number == 0
        assert run_inside(network.host, lambda: destroy_connections("isolate_host", order)).number == 1


def test_a_throttle_and_who_asks_not_to_end_nothing() -> None:
    with running_network() as network, listen(network.world, 9000), connect(network.host, 9000) as own:
        slow = FirewallOrder(per_second=1, burst=1)
        assert run_inside(network.host, lambda: destroy_connections("throttle_outbound", slow)).number == 0
        keep = FirewallOrder(destroy=False)
        assert run_inside(network.host, lambda: destroy_connections("isolate_host", keep)).number == 0
        assert not is_ended(own)
