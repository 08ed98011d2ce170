"""Suggested controls on a real gateway, in namespaces of the test's own: an infected host, its neighbour, a server."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import NamedTuple

import pytest

from codered.export.controls.making import make_controls
from codered.export.controls.orders import Control, ControlsOrder, Platform
from codered.model.firewall import PortRange
from tests.fixtures.networks import Namespace

INFECTED, NEIGHBOUR, SERVER = "192.0.2.5", "192.0.2.6", "198.51.100.9"
_SERVE = """
import selectors, socket
chooser = selectors.DefaultSelector()
for port in (80, 81):
    chooser.register(socket.create_server(("", port), backlog=200), selectors.EVENT_READ)
print("ready", flush=True)
while True:
    for key, _ in chooser.select():
        key.fileobj.accept()[0].close()
"""
_REACH = """
import socket, sys
reached = 0
for _ in range(int(sys.argv[3])):
    with socket.socket() as mine:
        mine.settimeout(0.2)
        mine.bind((sys.argv[1], 0))
        try:
            mine.connect(("198.51.100.9", int(sys.argv[2])))
        except OSError:
            continue
        reached += 1
print(reached)
"""


class Site(NamedTuple):
    """The hosts behind the gateway, and the gateway."""

    hosts: Namespace
    gateway: Namespace

    def reach(self, source: str, port: int, times: int = 1) -> int:
        """How many of so many connections to the server came to be."""
        words = ("python3", "-c", _REACH, source, str(port), str(times))
        return int(self.hosts.run(*words).stdout)

    def load(self, text: str) -> None:
        """Enter a text on the gateway."""
        words = self.gateway.command("nft", "-f", "-")
        subprocess.run(words, input=text, text=True, check=True, capture_output=True, timeout=30)


@contextmanager
def running(*words: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as child:
        try:
            assert child.stdout is not None
            child.stdout.readline()
            yield child
        finally:
            child.kill()


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with ExitStack() as stack:
        made = [
            stack.enter_context(running("unshare", "--net", "sh", "-c", "echo ready; exec sleep 300")) for _ in "abc"
        ]
        hosts, gateway, server = (Namespace(child.pid) for child in made)
        for name, other in (("inner", hosts), ("outer", server)):
            gateway.run("ip", "link", "add", name, "type", "veth", "peer", "name", "cable", "netns", str(other.pid))
        for where, device, address in (
            (hosts, "cable", INFECTED), (hosts, "cable", NEIGHBOUR), (gateway, "inner", "192.0.2.1"),
            (gateway, "outer", "198.51.100.1"), (server, "cable", SERVER),
        ):  # fmt: skip
            where.run("ip", "address", "add", f"{address}/24", "dev", device)
            where.run("ip", "link", "set", device, "up")
        hosts.run("ip", "route", "add", "default", "via", "192.0.2.1")
        server.run("ip", "route", "add", "default", "via", "198.51.100.1")
        gateway.run("sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward")
        stack.enter_context(running(*server.command("python3", "-c", _SERVE)))
        found = Site(hosts, gateway)
        for _ in range(50):
            if found.reach(NEIGHBOUR, 80):
                break
            time.sleep(0.1)
        yield found


def make(platform: Platform) -> Control:
    ports = (PortRange(protocol="tcp", first=80, last=80),)
    (control,) = make_controls(ControlsOrder(infected=(INFECTED,), ports=ports, platforms=(platform,)))
    return control


def look(site: Site) -> list[int]:
    return [site.reach(source, port) for source in (INFECTED, NEIGHBOUR) for port in (80, 81)]


def test_a_block_stops_the_infected_host_at_its_port_and_nobody_else(site: Site) -> None:
    control = make("nftables")
    assert look(site) == [1, 1, 1, 1]
    site.load(control.apply)
    assert look(site) == [0, 1, 1, 1]
    site.load(control.undo)
    assert look(site) == [1, 1, 1, 1]
    assert site.gateway.run("nft", "list", "ruleset").stdout == ""


def test_a_limit_slows_the_infected_host_down_and_nobody_else(site: Site) -> None:
    control = make("nftables_rate")
    site.load(control.apply)
    assert 15 <= site.reach(INFECTED, 80, 60) < 60
    assert site.reach(NEIGHBOUR, 80, 60) == 60
    site.load(control.undo)
    assert site.reach(INFECTED, 80, 60) == 60
