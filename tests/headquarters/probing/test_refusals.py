"""Who refused, and whether anybody did: real ICMP of a router, of a firewall and of this machine itself."""

import errno
import socket
import struct
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from codered_hq.probing.refusals import (
    NOBODY_HERE,
    Refusal,
    explain_failure,
    explain_refusal,
    find_refusal,
    take_refusals,
)
from codered_hq.probing.sockets import CLOSED, OWN_FIREWALL
from tests.fixtures.networks import WORLD6, Network, inside, running_network
from tests.fixtures.sweep_runs import QUICK, Swept, make_job, run

FOUR = {
    1: "port-unreachable", 2: "admin-prohibited", 3: "host-prohibited", 4: "net-prohibited", 5: "net-unreachable",
    6: "host-unreachable", 7: "prot-unreachable",
}  # fmt: skip
SIX = {
    1: "port-unreachable", 2: "admin-prohibited", 3: "policy-fail", 4: "reject-route", 5: "no-route",
    6: "addr-unreachable",
}  # fmt: skip
_FAR = """
set -e
ip link add far type veth peer name end
ip link set end up arp off
ip link set far up
ip address add 10.77.0.1/24 dev far
ip -6 address add fd00:77::1/64 dev far nodad
ip -6 route add local fd00:99::/64 dev lo
cd /proc/sys/net
echo 1 >ipv4/ip_forward
echo 1 >ipv6/conf/all/forwarding
echo 0 >ipv4/icmp_ratelimit
echo 0 >ipv6/icmp/ratelimit
"""
_QUICK_ARP = "for f in /proc/sys/net/ipv?/neigh/*/retrans_time_ms; do echo 100 >$f; done"


@pytest.fixture(scope="module")
def swept() -> Iterator[Swept]:
    """A sweep of addresses that are refused in every way, through a router whose own link has nobody on it."""
    with running_network() as network:
        _set_up(network)
        ranges = ("198.51.100.0/28", "198.51.100.20", "10.77.0.9", "10.20.30.77",
                  "fd00:99::/125", "fd00:77::9", "fd00:20:30::77")  # fmt: skip
        with inside(network.host):
            yield run(make_job(*ranges, limits=replace(QUICK, connect_seconds=2.0)))


def _set_up(network: Network) -> None:
    network.world.run("sh", "-c", _FAR + _QUICK_ARP)
    network.world.run("nft", "flush ruleset")
    with inside(network.host), socket.socket(socket.AF_INET6) as sock:
        sock.settimeout(20)
        assert sock.connect_ex((WORLD6, 9)) == errno.ECONNREFUSED  # a new link needs a moment to speak IPv6
    network.host.run("sh", "-c", _QUICK_ARP)
    rules = ["add table inet t", "add chain inet t c { type filter hook input priority 0; }"]
    rules += [f"add rule inet t c ip daddr 198.51.100.{one} reject with icmp type {kind}" for one, kind in FOUR.items()]
    rules += [f"add rule inet t c ip6 daddr fd00:99::{one} reject with icmpv6 type {kind}" for one, kind in SIX.items()]
    rules += ["add rule inet t c ip daddr 198.51.100.8 reject with tcp reset"]
    rules += ["add rule inet t c ip daddr 198.51.100.9 drop"]
    network.world.run("nft", "; ".join(rules))
    own = "add table inet o; add chain inet o c { type filter hook output priority 0; }; "
    network.host.run("nft", own + "add rule inet o c ip daddr 198.51.100.20 reject with icmp type admin-prohibited")


def test_filtered_means_that_something_refuses(swept: Swept) -> None:
    told = {address: (result.state, result.reason) for address, result in swept.addresses.items()}
    prohibited = {f"198.51.100.{one}" for one in (2, 3, 4)} | {f"fd00:99::{one}" for one in (2, 3, 4)}
    assert {told[one][0] for one in prohibited} == {"filtered"}
    assert all("prohibited by a" in told[one][1] for one in prohibited)
    assert told["198.51.100.2"][1] == "prohibited by a firewall (ICMP 3/13 from 198.51.100.2)"
    for one in ("198.51.100.1", "fd00:99::1"):  # a refused connection by its number, and yet no word of the host's
        assert told[one][0] == "filtered"
        assert "rejects the port" in told[one][1]
    for one in ("198.51.100.5", "fd00:99::5"):
        assert told[one][0] == "filtered"
        assert "no route on the way" in told[one][1]
    assert "the protocol is refused" in told["198.51.100.7"][1]
    assert told["198.51.100.8"] == ("not_web", CLOSED)
    assert told["198.51.100.0"][0] == "undetermined"  # it takes connections, and closes them


def test_an_address_that_nobody_has_is_silent(swept: Swept) -> None:
    told = {address: (result.state, result.reason) for address, result in swept.addresses.items()}
    assert told["10.20.30.77"] == told["fd00:20:30::77"] == ("no_answer", NOBODY_HERE)
    for one, router in (("10.77.0.9", "10.20.30.1"), ("fd00:77::9", "fd00:20:30::1")):
        assert told[one][0] == "no_answer"
        assert told[one][1].startswith("the last router says that nobody has this address")
        assert told[one][1].endswith(f" from {router})")
    assert {told[one][0] for one in ("198.51.100.6", "fd00:99::6")} == {"no_answer"}
    assert "198.51.100.9" not in told  # dropped without a word: there is nothing to tell of it
    assert swept.end.counts["no_answer"] == 7


def test_our_own_firewall_is_no_word_of_theirs(swept: Swept) -> None:
    result = swept.addresses["198.51.100.20"]
    assert (result.state, result.reason) == ("not_asked", OWN_FIREWALL)


def test_a_refusal_without_icmp_is_the_hosts_own() -> None:
    with socket.socket() as sock:
        assert find_refusal(sock) is None
        assert explain_failure(sock, errno.ECONNREFUSED) == ("not_web", CLOSED)
        assert explain_failure(sock, errno.EHOSTUNREACH)[0] == "filtered"


class _Keeping:
    """A socket with two ICMP messages: one that ends no connection, and one that does."""

    def __init__(self) -> None:
        self._kept = [(3, 4), (3, 13)]

    def recvmsg(self, *_sizes: int) -> tuple[bytes, list[tuple[int, int, bytes]], int, None]:
        if not self._kept:
            raise BlockingIOError
        data = struct.pack("=IBBBxII", errno.EHOSTUNREACH, 2, *self._kept.pop(0), 0, 0)
        sender = struct.pack("=H", socket.AF_INET) + bytes((0, 0, 192, 0, 2, 254))
        return b"", [(0, 0, b""), (0, 11, data + sender)], 0, None

    def getsockname(self) -> tuple[str, int]:
        return ("192.0.2.77", 1)


def test_the_message_that_refuses_is_found_behind_others() -> None:
    sock: Any = _Keeping()
    assert [refusal.code for refusal in take_refusals(sock)] == [4, 13]
    again: Any = _Keeping()
    assert find_refusal(again) == ("filtered", "prohibited by a firewall (ICMP 3/13 from 192.0.2.254)")


@given(st.sampled_from(["4", "6"]), st.integers(0, 255), st.integers(0, 255), st.booleans())
def test_every_kind_of_icmp_means_something_or_nothing(way: str, kind: int, code: int, own: bool) -> None:
    told = explain_refusal(Refusal(way, kind, code, "192.0.2.1"), own=own)
    if told is not None:
        assert told[0] in ("filtered", "no_answer", "not_asked")
        assert told[0] != "not_asked" or own
        assert (told[0] == "no_answer") == ((way, kind, code) in {("4", 3, 1), ("6", 1, 3)})
    else:
        assert kind not in ((3, 11, 12) if way == "4" else (1, 3, 4)) or (kind, code) == (3, 4)
