import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from codered.remediate.firewall.process_sockets import end_connections_of
from tests.fixtures.firewalls import run_inside
from tests.fixtures.networks import WORLD, Namespace, running_network

HOLD = """
import socket, sys
one = socket.socket()
one.setblocking(False)
one.connect_ex((sys.argv[1], 80))
print("asked", flush=True)
sys.stdin.read()
print(one.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR))
"""
DARK = "192.0.2.7"


@contextmanager
def asking(space: Namespace) -> Iterator["subprocess.Popen[str]"]:
    """A process that waits for an answer from nobody; it prints what became of that when its input ends."""
    words = space.command(sys.executable, "-c", HOLD, DARK)
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "asked\n"
            yield process
        finally:
            process.kill()


def ends(process: "subprocess.Popen[str]") -> bool:
    told, _ = process.communicate(timeout=10)
    return int(told) != 0


def test_only_those_of_the_process_to_the_port_end() -> None:
    with running_network() as network, asking(network.host) as one, asking(network.host) as other:
        assert run_inside(network.host, lambda: end_connections_of([one.pid], 443)).number == 0
        ended = run_inside(network.host, lambda: end_connections_of([one.pid], 80))
        if ended.why_not:
            return  # this kernel ends none, and says so
        assert ended.number == 1
        assert (ends(one), ends(other)) == (True, False)
        run_inside(network.host, lambda: socket.create_connection((WORLD, 80), timeout=5).close())


def test_who_has_ended_has_none() -> None:
    assert end_connections_of([1 << 22], 80) == (0, "")
