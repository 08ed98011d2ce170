import json
import socket

import pytest

from codered.model.firewall import ContainKind, FirewallOrder, PortRange, Session
from codered.remediate.firewall.containment import put_up
from codered.remediate.firewall.nft import open_nft
from codered.remediate.firewall.rules import (
    AFTER_TRACKING,
    BEFORE_TRACKING,
    Chain,
    make_chains,
    make_device_rules,
    make_frame_chains,
    split_rate,
)
from tests.fixtures.firewalls import count_arrivals, echo_server, run_inside, send_frames
from tests.fixtures.networks import HOST, WORLD, Network, running_network

BOTH = (PortRange(protocol="tcp", first=80, last=80), PortRange(protocol="udp", first=1434, last=1434))
UDP_ONLY = (PortRange(protocol="udp", first=1434, last=1434),)
ORDERS: tuple[tuple[ContainKind, FirewallOrder], ...] = (
    ("isolate_host", FirewallOrder(confirm_within=5)),
    ("block_outbound", FirewallOrder(ports=BOTH)),
    ("throttle_outbound", FirewallOrder(per_second=2, burst=20)),
    ("throttle_outbound", FirewallOrder(per_second=2, burst=20, ports=BOTH)),
)


def find(chains: tuple[Chain, ...], name: str) -> Chain:
    return next(chain for chain in chains if chain.name == name)


@pytest.mark.parametrize(("kind", "order"), ORDERS)
def test_nothing_before_tracking_asks_for_it(kind: ContainKind, order: FirewallOrder) -> None:
    for chain in (*make_chains(kind, order), *make_frame_chains(kind, order)):
        asks = '"ct"' in json.dumps(chain.rules)
        assert not asks or chain.priority >= AFTER_TRACKING


@pytest.mark.parametrize(("kind", "order"), ORDERS)
def test_nothing_allows_what_is_established(kind: ContainKind, order: FirewallOrder) -> None:
    assert "established" not in json.dumps([chain.rules for chain in make_chains(kind, order)])


def test_isolation_drops_in_out_and_through_before_everything_else() -> None:
    chains = make_chains("isolate_host", FirewallOrder())
    assert {(chain.hook, chain.priority, chain.policy) for chain in chains} == {
        (hook, BEFORE_TRACKING, "drop") for hook in ("input", "output", "forward")
    }
    assert all("drop" in chain.rules[-1][-1] for chain in chains)


def test_the_first_rule_opens_what_is_not_confirmed_and_only_that() -> None:
    for kind, order in ORDERS:
        for chain in (*make_chains(kind, order), *make_frame_chains(kind, order)):
            opens = bool(chain.rules) and "@armed" in json.dumps(chain.rules[0])
            assert opens == bool(order.confirm_within)


def test_a_session_is_allowed_by_its_four_numbers_in_both_directions() -> None:
    session = Session(local="::ffff:10.0.0.1", local_port=22, remote="10.0.0.2", remote_port=5000)
    chains = make_chains("isolate_host", FirewallOrder(sessions=(session,)))
    outward = json.dumps(find(chains, "output").rules[1])
    inward = json.dumps(find(chains, "input").rules[1])
    assert '"saddr"}}, "right": "10.0.0.1"' in outward
    assert '"daddr"}}, "right": "10.0.0.1"' in inward
    assert all('"right": 22' in one and '"right": 5000' in one for one in (outward, inward))


def test_datagrams_are_throttled_after_tracking_and_only_if_asked() -> None:
    throttle = FirewallOrder(per_second=1, burst=5, ports=UDP_ONLY)
    chains = make_chains("throttle_outbound", throttle)
    assert find(chains, "tracked").priority == AFTER_TRACKING
    assert "syn" not in json.dumps([chain.rules for chain in chains])
    tcp = FirewallOrder(per_second=1, burst=5, ports=BOTH[:1])
    assert [chain.name for chain in make_chains("throttle_outbound", tcp)] == ["output", "forward"]


@pytest.mark.parametrize(
    ("asked", "rate"),
    [(2, (2, "second")), (2.5, (150, "minute")), (0.5, (30, "minute")), (1 / 3600, (1, "hour")), (0.01, (36, "hour"))],
)
def test_rates_become_whole_numbers(asked: float, rate: tuple[int, str]) -> None:
    assert split_rate(asked) == rate


def test_a_device_is_looked_at_by_what_it_is() -> None:
    assert "genuine" in json.dumps(make_device_rules(ethernet=True, carries=False))
    assert "genuine" not in json.dumps(make_device_rules(ethernet=False, carries=False))
    assert "protocol" in json.dumps(make_device_rules(ethernet=True, carries=True))


def hold(network: Network, kind: ContainKind, order: FirewallOrder) -> None:
    def work() -> None:
        with open_nft() as nft:
            assert put_up(nft, kind, "codered-ab12", order) == ""

    run_inside(network.host, work)


def reach(network: Network, port: int, own_port: int) -> str:
    """What the world hears when it comes to that port of the host from a port of its own."""

    def work() -> str:
        with socket.create_connection((HOST, port), timeout=5, source_address=("", own_port)) as own:
            own.sendall(b"marker")
            return own.recv(6).decode()

    return run_inside(network.world, work)


def test_closed_ports_are_no_matter_to_who_comes_from_them() -> None:
    closed = tuple(PortRange(protocol=protocol, first=45000, last=45010) for protocol in ("tcp", "udp"))
    with (
        running_network() as network,
        echo_server(network.host),
        run_inside(network.host, lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as own,
        run_inside(network.world, lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as other,
    ):
        own.bind((HOST, 123))
        other.bind((WORLD, 45001))
        other.settimeout(2)
        hold(network, "block_outbound", FirewallOrder(ports=closed))
        assert reach(network, 22, 45002) == "marker"
        with pytest.raises(PermissionError):  # nobody asked
            own.sendto(b"begun", (WORLD, 45001))
        other.sendto(b"asked", (HOST, 123))
        own.settimeout(2)
        own.sendto(own.recvfrom(9)[0], (WORLD, 45001))
        assert other.recv(9) == b"asked"
        with pytest.raises(TimeoutError):
            run_inside(network.host, lambda: socket.create_connection((WORLD, 45001), timeout=0.5).close())


def test_raw_frames_to_a_closed_port_for_datagrams_are_stopped() -> None:
    with running_network() as network:
        hold(network, "block_outbound", FirewallOrder(ports=UDP_ONLY))
        before = count_arrivals(network.world)
        run_inside(network.host, lambda: send_frames(transport=socket.IPPROTO_UDP, port=1434))
        assert count_arrivals(network.world) - before < 5
        run_inside(network.host, lambda: send_frames(transport=socket.IPPROTO_UDP, port=1435))
        assert count_arrivals(network.world) - before >= 20


def test_a_session_that_this_host_redirects_lives_on_and_raw_frames_in_its_name_do_not() -> None:
    redirect = "chain pre { type nat hook prerouting priority -100; tcp dport 2222 redirect to :22;\n}"
    with running_network() as network, echo_server(network.host):
        network.host.run("nft", f"table ip nat {{\n{redirect}\n}}")
        own = run_inside(network.world, lambda: socket.create_connection((HOST, 2222), timeout=5))
        with own:
            port = own.getsockname()[1]
            session = Session(local=HOST, local_port=22, remote=WORLD, remote_port=port)
            hold(network, "isolate_host", FirewallOrder(sessions=(session,)))
            own.settimeout(5)
            own.sendall(b"marker")
            assert own.recv(6) == b"marker"
            before = count_arrivals(network.world)
            run_inside(network.host, lambda: send_frames(port=port))
            assert count_arrivals(network.world) - before < 5
