import pytest

from codered.model.firewall import ContainKind, FirewallOrder, FirewallState
from codered.remediate.firewall.containment import confirm, cover_new_devices, look_at_holding, put_up
from codered.remediate.firewall.links import Link
from codered.remediate.firewall.nft import FirewallFailed, open_nft
from codered.remediate.firewall.orders import digest_order
from codered.remediate.firewall.reading import (
    Seen,
    count_stopped,
    hash_seen,
    is_arming_whole,
    list_armed,
    list_chained,
    list_uncovered,
    read_arming,
    read_holding,
    read_rules,
    see_tables,
)
from tests.fixtures.firewalls import WEB, count_arrivals, run_inside, send_frames, send_worm
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
    f"add table inet {NAME} {{ flags dormant; }}",
    f"add table netdev {NAME} {{ flags dormant; }}",
    f"delete element inet {NAME} armed {{ ipv4 }}",
    f"delete element inet {NAME} armed {{ ipv6 }}",
    f"flush set inet {NAME} armed",
    f"flush set netdev {NAME} armed",
)
SAME = 3  # the last four change only what times out, which no hash shows


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
        assert len(hashes) == len(EDITS) - SAME
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
            assert len(list_chained(seen)) == 1
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
    assert list_chained(seen) == {"device-x"}
    assert list_uncovered(seen, ARMED, (Link(2, "cable", 1, False),))
    assert read_arming(seen, ARMED) == ("stays", 0.0)
    assert len(list_armed(seen, "inet")) == 4
    assert len(hash_seen(seen)) == 64


def test_a_dormant_table_holds_nothing_and_is_put_up_again() -> None:
    with running_network() as network:
        set_up(network, "isolate_host", ARMED)
        for family in ("inet", "netdev"):
            network.host.run("nft", f"add table {family} {NAME} {{ flags dormant; }}")
        assert set(send_worm(network.host, 3)) == {"answered"}
        holding = run_inside(network.host, lambda: look_at_holding("isolate_host", NAME, ARMED))
        assert (holding.there, holding.whole, holding.arming) == (True, False, "stays")
        set_up(network, "isolate_host", ARMED)
        assert run_inside(network.host, lambda: look_at_holding("isolate_host", NAME, ARMED)).whole
        assert set(send_worm(network.host, 3)) == {"silent"}


def test_all_elements_gone_is_open_and_some_gone_is_changed() -> None:
    with running_network() as network:
        set_up(network, "isolate_host", ARMED)
        for family, whole, arming in (("inet", False, "armed"), ("netdev", True, "opened")):
            network.host.run("nft", f"flush set {family} {NAME} armed")
            holding = run_inside(network.host, lambda: look_at_holding("isolate_host", NAME, ARMED))
            assert (holding.whole, holding.arming) == (whole, arming)


def test_in_its_last_seconds_parts_of_it_may_be_gone() -> None:
    left: dict[str, object] = {"name": "armed", "elem": [{"elem": {"val": "ipv4", "expires": 1}}]}
    late: dict[str, object] = {"name": "armed", "elem": [{"elem": {"val": "ipv4", "expires": 30}}]}
    assert is_arming_whole(Seen({"inet": [{"set": left}]}), ARMED)
    assert not is_arming_whole(Seen({"inet": [{"set": late}]}), ARMED)


@pytest.mark.parametrize("confirm_within", [0.0, 60.0])
def test_a_device_with_a_new_name_is_said_and_covered_again(confirm_within: float) -> None:
    order = FirewallOrder(confirm_within=confirm_within)
    with running_network() as network:
        set_up(network, "isolate_host", order)
        for words in (("cable", "down"), ("cable", "name", "other"), ("other", "up")):
            network.host.run("ip", "link", "set", *words)
        assert run_inside(network.host, lambda: look_at_holding("isolate_host", NAME, order)).uncovered == ("other",)
        assert run_inside(network.host, lambda: cover_new_devices("isolate_host", NAME, order)) == ("other",)
        before = count_arrivals(network.world)
        run_inside(network.host, lambda: send_frames(device="other"))
        assert count_arrivals(network.world) - before < 5
        holding = run_inside(network.host, lambda: look_at_holding("isolate_host", NAME, order))
        assert (holding.whole, holding.uncovered) == (True, ())


def test_a_device_that_the_set_does_not_name_is_named_again() -> None:
    order = FirewallOrder(confirm_within=60.0)
    with running_network() as network:
        set_up(network, "isolate_host", order)
        network.host.run("ip", "link", "add", "late", "type", "veth", "peer", "name", "end")
        network.host.run("ip", "link", "set", "late", "up")
        run_inside(network.host, lambda: cover_new_devices("isolate_host", NAME, order))
        network.host.run("nft", f"delete element netdev {NAME} armed {{ cable }}")
        assert run_inside(network.host, lambda: cover_new_devices("isolate_host", NAME, order)) == ("cable",)
        holding = run_inside(network.host, lambda: look_at_holding("isolate_host", NAME, order))
        assert (holding.whole, holding.uncovered) == (True, ())


def test_half_of_what_holds_it_is_not_confirmed() -> None:
    order = FirewallOrder(confirm_within=60.0)
    with running_network() as network:
        set_up(network, "isolate_host", order)
        network.host.run("nft", f"delete element inet {NAME} armed {{ ipv4 }}")
        with pytest.raises(FirewallFailed, match="a part"):
            run_inside(network.host, lambda: confirm(NAME, order))
