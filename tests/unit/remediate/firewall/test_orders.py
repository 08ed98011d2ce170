import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from codered.model.firewall import ContainKind, FirewallOrder, FirewallState, PortRange, Session
from codered.model.paths import FilePath
from codered.model.plan import Action
from codered.remediate.firewall.orders import (
    digest_order,
    find_order_problem,
    is_allowed,
    merge_ports,
    name_of,
    order_of,
    read_address,
    read_networks,
)

NAME = FirewallState(name="codered-ab12")
SESSION = Session(local="10.0.0.1", local_port=22, remote="10.0.0.2", remote_port=5000)


def tcp(first: int, last: int) -> PortRange:
    return PortRange(protocol="tcp", first=first, last=last)


@pytest.mark.parametrize(
    ("kind", "order", "problem"),
    [
        ("isolate_host", FirewallOrder(sessions=(SESSION,), management=("10.0.0.0/8", "fd00::/8")), ""),
        ("block_outbound", FirewallOrder(ports=(tcp(80, 80),)), ""),
        ("throttle_outbound", FirewallOrder(per_second=2, burst=20), ""),
        ("isolate_host", None, "does not say what the firewall"),
        ("block_outbound", FirewallOrder(), "which ports"),
        ("block_outbound", FirewallOrder(ports=(tcp(80, 80),), users=(65534,)), "tell them apart"),
        ("isolate_host", FirewallOrder(users=(65534,), frames=False, destroy=False), "meant for some users"),
        ("block_outbound", FirewallOrder(ports=(tcp(80, 80),), users=(0,), frames=False, destroy=False), ""),
        ("block_outbound", FirewallOrder(ports=(tcp(80, 80),), users=(-1,), frames=False, destroy=False), "users that"),
        ("block_outbound", FirewallOrder(ports=(tcp(80, 79),)), "ports that can't be"),
        ("block_outbound", FirewallOrder(ports=(tcp(80, 70000),)), "ports that can't be"),
        ("block_outbound", FirewallOrder(ports=(tcp(80, 80),) * 2000), "too many ports"),
        ("throttle_outbound", FirewallOrder(), "the rate"),
        ("throttle_outbound", FirewallOrder(per_second=float("nan"), burst=1), "the rate"),
        ("throttle_outbound", FirewallOrder(per_second=1, burst=0), "the rate"),
        ("isolate_host", FirewallOrder(confirm_within=float("inf")), "time to confirm"),
        ("isolate_host", FirewallOrder(confirm_within=-1), "time to confirm"),
        ("isolate_host", FirewallOrder(management=("10.0.0.1;drop",)), "ADDRESS/BITS"),
        ("isolate_host", FirewallOrder(management=("0.0.0.0/0",)), "whole Internet"),
        ("isolate_host", FirewallOrder(sessions=(replace(SESSION, remote="fd00::1"),)), "can't be"),
        ("isolate_host", FirewallOrder(sessions=(replace(SESSION, remote_port=0),)), "can't be"),
        ("isolate_host", FirewallOrder(sessions=(replace(SESSION, local="nobody"),)), "an address that is none"),
        ("isolate_host", FirewallOrder(sessions=(SESSION,) * 300), "too many sessions"),
    ],
)
def test_orders_are_checked(kind: ContainKind, order: FirewallOrder | None, problem: str) -> None:
    found = find_order_problem(kind, order, NAME)
    assert problem in found
    assert bool(problem) == bool(found)


@pytest.mark.parametrize("state", [FirewallState(name="firewalld"), replace(NAME, rules="0" * 64)])
def test_only_new_tables_of_our_own_can_be_named(state: FirewallState) -> None:
    assert "ours alone" in find_order_problem("isolate_host", FirewallOrder(), state)


def test_addresses_and_networks_are_made_plain() -> None:
    assert str(read_address("::ffff:10.0.0.1")) == "10.0.0.1"
    assert str(read_address("fe80::1%eth0")) == "fe80::1"
    four, six = read_networks(FirewallOrder(management=("10.0.0.0/8", "10.1.0.0/16", "10.2.3.4", "fd00::1/8")))
    assert [str(net) for net in (*four, *six)] == ["10.0.0.0/8", "fd00::/8"]


def test_ports_are_merged() -> None:
    ports = (tcp(90, 100), tcp(80, 80), tcp(81, 95), PortRange(protocol="udp", first=53, last=53))
    assert merge_ports(ports, "tcp") == ((80, 100),)
    assert merge_ports(ports, "udp") == ((53, 53),)


@given(st.lists(st.tuples(st.integers(0, 200), st.integers(0, 200))))
def test_merged_ports_are_the_same_ports(pairs: list[tuple[int, int]]) -> None:
    ports = tuple(tcp(min(pair), max(pair)) for pair in pairs)
    merged = merge_ports(ports, "tcp")
    assert {p for one in ports for p in range(one.first, one.last + 1)} == {
        p for first, last in merged for p in range(first, last + 1)
    }
    assert all(before[1] + 1 < after[0] for before, after in itertools.pairwise(merged))


def test_who_is_allowed() -> None:
    order = FirewallOrder(sessions=(SESSION,), management=("192.0.2.0/24",))
    assert is_allowed(replace(SESSION, local="::ffff:10.0.0.1", remote="::ffff:10.0.0.2"), order)
    assert is_allowed(replace(SESSION, remote="192.0.2.9", remote_port=9), order)
    assert is_allowed(replace(SESSION, local="127.0.0.1", remote="127.0.0.1"), FirewallOrder())
    assert not is_allowed(replace(SESSION, remote_port=5001), order)


def test_another_order_has_another_digest() -> None:
    one = digest_order("isolate_host", "codered-a", FirewallOrder())
    assert one != digest_order("isolate_host", "codered-b", FirewallOrder())
    assert one != digest_order("block_outbound", "codered-a", FirewallOrder())
    assert one != digest_order("isolate_host", "codered-a", FirewallOrder(confirm_within=1))


def test_an_action_about_something_else_is_an_error() -> None:
    action = Action(id="a01", kind="isolate_host", path=FilePath("/proc/net"), expects=NAME, because="a test")
    assert name_of(action) == "codered-ab12"
    with pytest.raises(TypeError):
        order_of(action)
