import socket
import subprocess
import sys
import time

import pytest
from msgspec.structs import replace

from codered.model.firewall import ContainKind, FirewallOrder
from codered.remediate.firewall.containment import (
    arm_again,
    confirm,
    cover_new_devices,
    look_at_holding,
    put_up,
    read_state,
    take_down,
)
from codered.remediate.firewall.nft import FirewallFailed, open_nft
from codered.remediate.firewall.orders import digest_order
from tests.fixtures.firewalls import (
    NEIGHBOURS,
    WEB,
    count_arrivals,
    echo_session,
    list_ruleset,
    run_inside,
    send_frames,
    send_worm,
)
from tests.fixtures.networks import HOST, WORLD, WORLD6, Namespace, running_network

NAME = "codered-ab12"


def set_up(space: Namespace, kind: ContainKind, order: FirewallOrder) -> str:
    def work() -> str:
        with open_nft() as nft:
            return put_up(nft, kind, NAME, order)

    return run_inside(space, work)


def remove(space: Namespace) -> bool:
    return run_inside(space, lambda: take_down(NAME))


def test_isolation_stops_the_worm_and_taking_it_down_lets_it_go_on() -> None:
    with running_network() as network:
        assert set(send_worm(network.host)) == {"answered"}
        assert set_up(network.host, "isolate_host", FirewallOrder()) == ""
        assert set(send_worm(network.host)) == {"silent"}
        holding = run_inside(network.host, lambda: look_at_holding("isolate_host", NAME, FirewallOrder()))
        assert holding.packets >= 20
        assert (holding.whole, holding.frames, holding.uncovered) == (True, True, ())
        assert remove(network.host)
        assert not remove(network.host)
        assert set(send_worm(network.host)) == {"answered"}


def test_a_session_loses_no_byte_through_isolation_and_back() -> None:
    with running_network() as network, echo_session(network.host, network.world) as echo:
        assert echo.ping(500) == 500
        order = FirewallOrder(sessions=(echo.session,))
        set_up(network.host, "isolate_host", order)
        assert echo.ping(3000) == 3000
        with pytest.raises(OSError, match="timed out"):  # no new session, from the same place either
            run_inside(network.world, lambda: socket.create_connection((HOST, 22), timeout=0.5).close())
        remove(network.host)
        assert echo.ping(500) == 500


def test_a_management_network_is_allowed_both_ways() -> None:
    with running_network() as network:
        set_up(network.host, "isolate_host", FirewallOrder(management=(f"{WORLD}/32",)))
        run_inside(network.host, lambda: socket.create_connection((WORLD, 80), timeout=5).close())
        with echo_session(network.host, network.world) as echo:
            assert echo.ping(10) == 10
        assert set(send_worm(network.host, 5)) == {"silent"}


def test_neighbours_are_still_found_when_isolated() -> None:
    with running_network() as network:
        set_up(network.host, "isolate_host", FirewallOrder(management=(f"{WORLD}/32", "fd00:20:30::1/128")))
        network.host.run("ip", "neighbour", "flush", "dev", "cable")
        network.host.run("ip", "-6", "neighbour", "flush", "dev", "cable")
        run_inside(network.host, lambda: socket.create_connection((WORLD, 80), timeout=5).close())
        with pytest.raises(ConnectionRefusedError):  # nobody listens there, and says so
            run_inside(network.host, lambda: socket.create_connection((WORLD6, 80), timeout=5).close())


@pytest.mark.parametrize(("protocol", "ether_type"), [(0x0800, 0x0800), (0x0806, 0x0800), (0x86DD, 0x0800)])
def test_frames_past_the_ip_layer_are_stopped_whatever_they_say_they_are(protocol: int, ether_type: int) -> None:
    with running_network() as network:
        before = count_arrivals(network.world)
        run_inside(network.host, lambda: send_frames(20, protocol=protocol, ether_type=ether_type))
        assert count_arrivals(network.world) - before >= 20
        set_up(network.host, "isolate_host", FirewallOrder())
        before = count_arrivals(network.world)
        run_inside(network.host, lambda: send_frames(20, protocol=protocol, ether_type=ether_type))
        assert count_arrivals(network.world) - before < 5  # a neighbour may ask


def test_only_the_closed_ports_are_closed_in_and_past_the_ip_layer() -> None:
    with running_network(open_ports=(80, 8080)) as network:
        set_up(network.host, "block_outbound", FirewallOrder(ports=WEB))
        assert set(send_worm(network.host, 5)) == {"silent"}
        run_inside(network.host, lambda: socket.create_connection((WORLD, 8080), timeout=5).close())
        before = count_arrivals(network.world)
        run_inside(network.host, send_frames)
        assert count_arrivals(network.world) - before < 5


def test_what_is_closed_for_one_user_stays_open_for_the_others() -> None:
    order = FirewallOrder(ports=WEB, users=(65534,), frames=False, destroy=False)
    try_it = f"import socket; socket.create_connection(({WORLD!r}, 80), timeout=1)"
    with running_network() as network:
        words = network.host.command("setpriv", "--reuid", "65534", "--clear-groups", sys.executable, "-c", try_it)
        assert subprocess.run(words, capture_output=True, check=False).returncode == 0
        set_up(network.host, "block_outbound", order)
        assert b"timed out" in subprocess.run(words, capture_output=True, check=False).stderr
        assert set(send_worm(network.host, 5)) == {"answered"}
        holding = run_inside(network.host, lambda: look_at_holding("block_outbound", NAME, order))
        assert (holding.whole, holding.frames, holding.packets > 0) == (True, False, True)


def test_a_throttle_lets_the_first_pass_and_then_a_few() -> None:
    with running_network() as network:
        set_up(network.host, "throttle_outbound", FirewallOrder(per_second=2, burst=10))
        outcomes = send_worm(network.host, 100, rate=200)
        assert 10 <= outcomes.count("answered") <= 40
        assert outcomes.count("silent") >= 60


def test_a_datagram_that_opens_something_new_is_throttled_too() -> None:
    def send(space: Namespace) -> None:
        def work() -> None:
            for number in range(60):
                with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as own:
                    own.bind((HOST, 20000 + number))
                    try:
                        own.sendto(b"marker", (WORLD, 1434))
                    except PermissionError:
                        continue

        run_inside(space, work)

    with running_network() as network:
        order = FirewallOrder(per_second=1, burst=10)
        set_up(network.host, "throttle_outbound", order)
        send(network.host)
        assert run_inside(network.host, lambda: look_at_holding("throttle_outbound", NAME, order)).packets >= 40


def test_nobody_elses_table_changes() -> None:
    with running_network() as network:
        subprocess.run(network.host.command("nft", "-f", "-"), input=NEIGHBOURS, text=True, check=True)
        before = list_ruleset(network.host)
        for kind, order in (
            ("isolate_host", FirewallOrder(confirm_within=60)),
            ("block_outbound", FirewallOrder(ports=WEB)),
            ("throttle_outbound", FirewallOrder(per_second=1, burst=5)),
        ):
            set_up(network.host, kind, order)  # type: ignore[arg-type]
            assert set(send_worm(network.host, 8, answering=0.0)) == {"silent"}
            remove(network.host)
            assert list_ruleset(network.host) == before


def test_putting_it_up_again_is_the_same_and_another_containment_stands_beside_it() -> None:
    order = FirewallOrder()
    with running_network() as network:
        set_up(network.host, "isolate_host", order)
        once = run_inside(network.host, lambda: look_at_holding("isolate_host", NAME, order)).fingerprint
        set_up(network.host, "isolate_host", order)
        again = run_inside(network.host, lambda: look_at_holding("isolate_host", NAME, order))
        assert (again.fingerprint, again.packets < 5) == (once, True)
        state = run_inside(network.host, lambda: read_state("isolate_host", NAME, order))
        assert state.rules == digest_order("isolate_host", NAME, order)
        assert not run_inside(network.host, lambda: look_at_holding("isolate_host", "codered-cd34", order)).there


def test_unconfirmed_it_opens_by_itself_though_who_made_it_was_killed() -> None:
    order = FirewallOrder(confirm_within=2)
    script = (
        "import os, sys, time\n"
        "from codered.model.firewall import FirewallOrder\n"
        "from codered.remediate.firewall.containment import put_up\n"
        "from codered.remediate.firewall.nft import open_nft\n"
        "with open_nft() as nft:\n"
        f"    put_up(nft, 'isolate_host', {NAME!r}, FirewallOrder(confirm_within=2))\n"
        "    print('up', flush=True)\n"
        "    time.sleep(60)\n"
    )
    with running_network() as network:
        tool = subprocess.Popen(
            network.host.command(sys.executable, "-c", script), stdout=subprocess.PIPE, text=True, cwd="src"
        )
        assert tool.stdout is not None
        assert tool.stdout.readline() == "up\n"
        tool.kill()
        tool.wait()
        tool.stdout.close()
        holding = run_inside(network.host, lambda: look_at_holding("isolate_host", NAME, order))
        assert (holding.arming, holding.opens_in <= 2) == ("armed", True)
        until = time.monotonic() + 15
        while run_inside(network.host, lambda: look_at_holding("isolate_host", NAME, order)).arming == "armed":
            assert time.monotonic() < until
            time.sleep(0.1)
        holding = run_inside(network.host, lambda: look_at_holding("isolate_host", NAME, order))
        assert (holding.arming, holding.whole) == ("opened", True)
        assert set(send_worm(network.host)) == {"answered"}
        before = count_arrivals(network.world)
        run_inside(network.host, send_frames)
        assert count_arrivals(network.world) - before >= 20
        with pytest.raises(FirewallFailed, match="opened by itself"):
            run_inside(network.host, lambda: confirm(NAME, order))


def test_confirmed_it_stays() -> None:
    order = FirewallOrder(confirm_within=2)
    with running_network() as network:
        set_up(network.host, "isolate_host", order)
        run_inside(network.host, lambda: confirm(NAME, order))
        time.sleep(2.5)
        holding = run_inside(network.host, lambda: look_at_holding("isolate_host", NAME, order))
        assert (holding.arming, holding.whole) == ("stays", True)
        assert set(send_worm(network.host, 5)) == {"silent"}


def test_the_time_can_be_set_anew() -> None:
    order = FirewallOrder(confirm_within=5)
    with running_network() as network:
        set_up(network.host, "isolate_host", order)
        run_inside(network.host, lambda: arm_again(NAME, order, 500))
        assert run_inside(network.host, lambda: look_at_holding("isolate_host", NAME, order)).opens_in > 400
        run_inside(network.host, lambda: arm_again(NAME, order, 0))
        assert run_inside(network.host, lambda: look_at_holding("isolate_host", NAME, order)).arming == "stays"
        remove(network.host)
        with pytest.raises(FirewallFailed, match="not there any more"):
            run_inside(network.host, lambda: confirm(NAME, order))


def test_what_needs_no_confirmation_can_be_confirmed() -> None:
    with running_network() as network:
        set_up(network.host, "isolate_host", FirewallOrder())
        run_inside(network.host, lambda: confirm(NAME, FirewallOrder()))


@pytest.mark.parametrize("confirm_within", [0.0, 60.0])
def test_a_device_that_comes_later_is_said_and_can_be_covered(confirm_within: float) -> None:
    order = FirewallOrder(confirm_within=confirm_within)
    with running_network() as network:
        set_up(network.host, "isolate_host", order)
        network.host.run("ip", "link", "add", "late", "type", "veth", "peer", "name", "other")
        network.host.run("ip", "link", "set", "late", "up")
        network.host.run("ip", "link", "set", "other", "up")
        assert set(run_inside(network.host, lambda: look_at_holding("isolate_host", NAME, order)).uncovered) == {
            "late",
            "other",
        }
        assert set(run_inside(network.host, lambda: cover_new_devices("isolate_host", NAME, order))) == {
            "late",
            "other",
        }
        assert run_inside(network.host, lambda: cover_new_devices("isolate_host", NAME, order)) == ()
        holding = run_inside(network.host, lambda: look_at_holding("isolate_host", NAME, order))
        assert (holding.uncovered, holding.whole) == ((), True)
        assert holding.arming == ("armed" if confirm_within else "stays")
        network.host.run("ip", "link", "delete", "late")
        assert run_inside(network.host, lambda: look_at_holding("isolate_host", NAME, order)).whole


def test_without_the_frames_hook_the_rest_holds_and_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> tuple[()]:
        raise OSError("no such hook")

    order = FirewallOrder()
    with running_network() as network:
        monkeypatch.setattr("codered.remediate.firewall.containment.list_links", fail)
        assert "raw frames pass" in set_up(network.host, "isolate_host", order)
        monkeypatch.undo()
        holding = run_inside(network.host, lambda: look_at_holding("isolate_host", NAME, order))
        assert (holding.whole, holding.frames) == (True, False)
        assert set(send_worm(network.host, 5)) == {"silent"}
        assert run_inside(network.host, lambda: cover_new_devices("isolate_host", NAME, order)) == ()
        assert set_up(network.host, "isolate_host", replace(order, frames=False)) == ""
