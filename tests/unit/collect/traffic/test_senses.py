import socket
import struct
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from typing import TypeGuard

import pytest

from codered.model.traffic import Attempt, Reply, Resolved, SeenTraffic
from tests.fixtures.networks import HOST, WORLD, Network, running_network
from tests.fixtures.sensing import DARK, attempts, attempts_of, connect, make_syn, packed, server_in, watch


@pytest.fixture(scope="module")
def network() -> Iterator[Network]:
    with running_network() as made:
        yield made


def send_frames(many: int, port: int = 80) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW) as raw:
        for number in range(many):
            raw.sendto(make_syn(HOST, f"198.51.100.{number + 1}", 4000 + number, port), (f"198.51.100.{number + 1}", 0))
            time.sleep(0.005)


@pytest.mark.parametrize(("port", "outcome"), [(80, "answered"), (81, "refused")])
def test_frames_past_the_kernels_tcp_are_seen_without_a_process(network: Network, port: int, outcome: str) -> None:
    def enough(events: list[SeenTraffic]) -> bool:
        return attempts_of(events) >= 30

    seen = watch(network.host, lambda: send_frames(30, port), enough)
    assert {one.destination for one in seen.attempts} == {packed(f"198.51.100.{one + 1}") for one in range(30)}
    assert {one.actor for one in seen.attempts} == {packed(HOST)}
    described = seen.actors[packed(HOST)]
    assert (described.process, described.address) == (None, HOST)
    assert "raw frame" in described.why_no_process
    assert (seen.counts.raw, seen.counts.with_process) == (30, 0)
    assert Counter(seen.outcomes().values())[outcome] >= 25  # the first answers may come before they are asked for


def test_frames_that_nobody_answers_are_silent(network: Network) -> None:
    def send() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW) as raw:
            raw.sendto(make_syn(HOST, f"{DARK}7", 4000, 80), (f"{DARK}7", 0))

    seen = watch(network.host, send, lambda events: any(isinstance(one, Reply) for one in events))
    assert seen.outcomes() == {packed(f"{DARK}7"): "silent"}


QUESTION = struct.pack(">HHHHHH", 5, 0x100, 1, 0, 0, 0) + b"\x01a\x00\x00\x01\x00\x01"
ANSWER = struct.pack(">HHHHHH", 5, 0x8180, 1, 1, 0, 0) + b"\x01a\x00\x00\x01\x00\x01"
ANSWER += b"\xc0\x0c" + struct.pack(">HHIH", 1, 1, 60, 4) + bytes([203, 0, 113, 77])
NAME_SERVER = f"""
import socket
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("", 53))
print("ready", flush=True)
for _ in range(5):
    _, peer = server.recvfrom(512)
    server.sendto({ANSWER!r}, peer)
"""


def ask_and_connect() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.settimeout(5)
        one.sendto(QUESTION, (WORLD, 53))
        one.recv(512)
    connect(f"{DARK}77", 80, 0.05)


def test_a_name_is_resolved_before_its_address_is_reached_for(network: Network) -> None:
    with server_in(network, NAME_SERVER):
        seen = watch(network.host, ask_and_connect, attempts_of)
    told = [one for one in seen.events if isinstance(one, Resolved) or one in seen.attempts]
    assert [type(one) for one in told] == [Resolved, Attempt]
    assert told[0] == Resolved(told[0].at, b"", packed(f"{DARK}77"))


def test_the_segments_questions_are_attempts(network: Network) -> None:
    def asks(one: SeenTraffic) -> TypeGuard[Attempt]:  # the world asks for the host, too, where this takes seconds
        return isinstance(one, Attempt) and one.protocol == "arp" and one.actor != packed(WORLD)

    seen = watch(network.host, lambda: connect("10.20.30.99", 80), lambda events: any(map(asks, events)))
    asked = [one for one in seen.events if asks(one)]
    assert {(one.actor, one.destination) for one in asked} == {(packed(HOST), packed("10.20.30.99"))}
    assert (len(seen.attempts), seen.counts.raw) == (1, 0)


@pytest.mark.parametrize("namespaces", ["own", "all"])
def test_other_namespaces_are_told_only_if_asked_for(network: Network, namespaces: str) -> None:
    script = "import socket; socket.socket().connect_ex(('127.0.0.1', 9))"

    def both() -> None:
        subprocess.run(network.world.command("python3", "-c", script), check=True, timeout=20)
        connect(WORLD, 80)

    seen = watch(network.host, both, lambda events: packed(WORLD) in {a.destination for a in attempts(events)},
                 namespaces=namespaces)  # fmt: skip
    ours = [one for one in seen.attempts if one.destination == packed(WORLD)]
    other = [one for one in seen.attempts if one.actor in seen.foreign]
    assert len(ours) == 1
    assert bool(other) == (namespaces == "all")
    assert ours[0].actor not in seen.foreign
