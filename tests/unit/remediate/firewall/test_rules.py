import json

import pytest

from codered.model.firewall import ContainKind, FirewallOrder, PortRange, Session
from codered.remediate.firewall.rules import (
    AFTER_TRACKING,
    BEFORE_TRACKING,
    Chain,
    make_chains,
    make_device_rules,
    make_frame_chains,
    split_rate,
)

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
