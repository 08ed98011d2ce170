import pytest

from codered.model.firewall import ContainKind, FirewallOrder, FirewallState
from codered.remediate.firewall.containment import look_at_holding, put_up
from codered.remediate.firewall.nft import open_nft
from codered.remediate.firewall.orders import digest_order
from codered.remediate.firewall.reading import (
    Seen,
    count_stopped,
    hash_seen,
    list_armed,
    list_covered,
    read_arming,
    read_holding,
    read_rules,
    see_tables,
)
from tests.fixtures.firewalls import WEB, run_inside
from tests.fixtures.networks import Network, running_network

NAME = "codered-ab12"
ARMED = FirewallOrder(confirm_within=60)
ORDERS: tuple[tuple[ContainKind, FirewallOrder], ...] = (
    ("isolate_host", ARMED),
    ("block_outbound", FirewallOrder(ports=WEB)),
    ("throttle_outbound", FirewallOrder(per_second=0.5, burst=5, confirm_within=60)),
)
EDITS = (
    f"add rule inet {NAME} output accept",
    f"insert rule inet {NAME} output accept",
    f"flush chain inet {NAME} output",
    f"add chain inet {NAME} open {{ type filter hook output priority -400; }}",
    f"delete table netdev {NAME}",
    f"delete table inet {NAME}",
    f"flush chain netdev {NAME} frames",
    f"insert rule netdev {NAME} frames accept",
    f"add set inet {NAME} more {{ type ipv4_addr; }}",
    f"chain inet {NAME} output {{ policy accept; }}",
)


def set_up(network: Network, kind: ContainKind, order: FirewallOrder) -> None:
    def work() -> None:
        with open_nft() as nft:
            put_up(nft, kind, NAME, order)

    run_inside(network.host, work)


def read(network: Network, kind: ContainKind, order: FirewallOrder) -> FirewallState:
    def work() -> FirewallState:
        with open_nft() as nft:
            return read_rules(nft, kind, NAME, order)

    return run_inside(network.host, work)


@pytest.mark.parametrize(("kind", "order"), ORDERS)
def test_what_was_put_up_is_read_as_ordered(kind: ContainKind, order: FirewallOrder) -> None:
    with running_network() as network:
        assert read(network, kind, order) == FirewallState(name=NAME)
        set_up(network, kind, order)
        assert read(network, kind, order).rules == digest_order(kind, NAME, order)
        assert read(network, kind, FirewallOrder(management=("192.0.2.0/24",))).rules != digest_order(kind, NAME, order)


def test_every_edit_of_our_tables_is_seen() -> None:
    ordered = digest_order("isolate_host", NAME, ARMED)
    with running_network() as network:
        hashes = set()
        for edit in EDITS:
            set_up(network, "isolate_host", ARMED)
            assert read(network, "isolate_host", ARMED).rules == ordered
            network.host.run("nft", edit)
            rules = read(network, "isolate_host", ARMED).rules
            assert rules not in ("", ordered), edit
            hashes.add(rules)
        assert len(hashes) == len(EDITS)
        network.host.run("nft", "flush ruleset")
        assert read(network, "isolate_host", ARMED) == FirewallState(name=NAME)


def test_a_rule_replaced_under_its_old_comment_shows_in_the_fingerprint() -> None:
    with running_network() as network:
        set_up(network, "isolate_host", ARMED)
        before = run_inside(network.host, lambda: look_at_holding("isolate_host", NAME, ARMED)).fingerprint
        listed = network.host.run("nft", "-a", "list", "chain", "inet", NAME, "forward").stdout.splitlines()
        last = next(line for line in listed if "drop comment" in line)
        comment, handle = last.split('"')[-2], last.split()[-1]
        network.host.run("nft", f'replace rule inet {NAME} forward handle {handle} accept comment "{comment}"')
        assert run_inside(network.host, lambda: look_at_holding("isolate_host", NAME, ARMED)).fingerprint != before


def test_what_holds_is_told_whole() -> None:
    def work() -> None:
        with open_nft() as nft:
            assert not read_holding(nft, "isolate_host", NAME, ARMED).there
            put_up(nft, "isolate_host", NAME, ARMED)
            seen = see_tables(nft, NAME)
            assert list_armed(seen, "inet") == ["ipv4", "ipv6"]
            assert list_armed(seen, "netdev") == ["cable"]
            assert len(list_covered(seen)) == 1
            assert read_arming(seen, ARMED)[0] == "armed"
            assert read_arming(seen, FirewallOrder()) == ("stays", 0.0)
            assert read_holding(nft, "isolate_host", NAME, ARMED).fingerprint == hash_seen(seen)

    with running_network() as network:
        run_inside(network.host, work)


def test_odd_answers_are_no_fault() -> None:
    armed: dict[str, object] = {
        "name": "armed",
        "elem": ["ipv4", {"elem": {"val": "ipv6", "expires": "?"}}, {"elem": 5}, 7],
    }
    parts: list[dict[str, object]] = [
        {"metainfo": {}},
        {"counter": {"name": "stopped", "packets": "many"}},
        {"counter": "stopped"},
        {"set": armed},
        {"chain": {}},
        {"rule": {"expr": None}},
    ]
    seen = Seen({"inet": parts, "netdev": [{"chain": {"name": "device-x"}}]})
    assert count_stopped(seen) == 0
    assert list_covered(seen) == frozenset()
    assert read_arming(seen, ARMED) == ("stays", 0.0)
    assert len(list_armed(seen, "inet")) == 4
    assert len(hash_seen(seen)) == 64
