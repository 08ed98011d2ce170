"""Hosts that answer for themselves by mDNS and LLMNR: small responders, for no real one may be started here."""

import pytest

from codered_hq.model.inventory import HostRecord, Skipped
from codered_hq.resolving.asking import AskLimits
from codered_hq.resolving.multicast_names import LinkName, Protocol, ask_on_link, make_record
from tests.fixtures.networks import HOST, WORLD, inside, joined_namespaces
from tests.fixtures.small_responders import running_responder

QUICK = AskLimits(seconds=0.5, tries=3)
_ANSWER = r"""
def answer(packet, sender, local):
    end = packet.index(b"\0", 12) + 5
    data = {name}
    head = packet[:2] + b"\x84\0\0\1\0\1\0\0\0\0" + packet[12:end]
    return [head + b"\xc0\x0c\0\x0c\0\1\0\0\0\x0a" + struct.pack(">H", len(data)) + data]
{setting}
"""
_GOOD = r'b"\4pc17\5local\0"'
_HOPS = """
own_socket = socket.socket
class socket_with_hops(own_socket):
    def bind(self, place):
        self.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, {hops})
        if {group!r}:
            self.setsockopt(0, socket.IP_ADD_MEMBERSHIP, socket.inet_aton({group!r}) + socket.inet_aton({own!r}))
        super().bind(place)
    def sendmsg(self, buffers, extra, flags, place):
        return super().sendmsg(buffers, [], flags, place)
socket.socket = socket_with_hops
"""


def ask(protocol: Protocol, interface: str = "", hops: int = 255, name: str = _GOOD) -> LinkName | Skipped:
    port, group = (5353, "224.0.0.251") if protocol == "mdns" else (5355, "224.0.0.252")
    setting = _HOPS.format(hops=hops, group=group if interface else "", own=WORLD)
    text = _ANSWER.format(name=name, setting=setting)
    with joined_namespaces() as network, running_responder(network.world, text, port), inside(network.host):
        (found,) = ask_on_link([WORLD], protocol, interface, QUICK)
    return found


@pytest.mark.parametrize(("protocol", "hops"), [("mdns", 255), ("llmnr", 128)])
@pytest.mark.parametrize("interface", ["", HOST])
def test_a_host_tells_its_name(protocol: Protocol, hops: int, interface: str) -> None:
    found = ask(protocol, interface, hops)
    assert found == LinkName(address=WORLD, name="pc17.local", protocol=protocol)
    assert isinstance(found, LinkName)
    assert make_record(found) == HostRecord(address=WORLD, name="pc17.local")


def test_mdns_over_a_router_is_not_believed() -> None:
    found = ask("mdns", hops=63)
    assert isinstance(found, Skipped)
    assert found.why == "mdns: the answer came over a router (hop limit 63)"


@pytest.mark.parametrize("name", [r'b"\xc0\x28"', r'b"\3a;b\0"', r'b"\4pc"', 'b""'])
def test_answers_without_a_name(name: str) -> None:
    found = ask("llmnr", name=name)
    assert isinstance(found, Skipped)
    assert found.why == "llmnr: an answer without a name that a host can have"


def test_silence_is_a_reason() -> None:
    with joined_namespaces() as network, inside(network.host):
        found = list(ask_on_link(["10.20.30.77"], "mdns", HOST, QUICK))
    assert found == [Skipped(where="10.20.30.77", why="mdns: no answer (3 tries, 0.5 s each)")]
