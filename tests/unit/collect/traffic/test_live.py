"""The sensor against what really happened, in a network of the test's own."""

import os
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from codered.collect.traffic.live import LiveTraffic
from codered.model.errors import CoverageIncomplete
from codered.model.traffic import Attempt, Reply, SeenTraffic, Sent
from tests.fixtures.networks import HOST, WORLD, WORLD6, Network, running_network
from tests.fixtures.sensing import (
    DARK,
    attempts,
    attempts_of,
    call_inside,
    connect,
    connect_slowly,
    packed,
    server_in,
    watch,
)

WORM = Path(__file__).parents[3] / "fixtures" / "marker_worm.py"
NAMES = {"answered": "answered", "ECONNREFUSED": "refused", "silent": "silent"}


SIX_SERVER = """
import socket
server = socket.create_server(("::", 8086), family=socket.AF_INET6)
print("ready", flush=True)
while True:
    server.accept()[0].close()
"""


@pytest.fixture(scope="module")
def network() -> Iterator[Network]:
    with running_network(open_ports=(80, 8080)) as made, server_in(made, SIX_SERVER):
        yield made


def run_worm(*words: str) -> tuple[int, list[str]]:
    worm = subprocess.Popen([sys.executable, str(WORM), *words], stdout=subprocess.PIPE, text=True)
    told, _ = worm.communicate(timeout=30)
    return worm.pid, told.splitlines()


@pytest.mark.parametrize("port", ["80", "81"])
def test_every_attempt_of_the_worm_is_seen_with_its_process_and_what_became_of_it(network: Network, port: str) -> None:
    words = ("--rate", "80", "--count", "80", "--answering", "0.3", "--port", port, "--seed", port)
    seen = watch(network.host, lambda: run_worm(*words), lambda events: count_replies(events) >= 80)
    pid, lines = seen.made
    told = [line.split() for line in lines]
    assert Counter(one.destination for one in seen.attempts) == Counter(packed(one[1]) for one in told)
    assert Counter(one.outcome for one in seen.replies) == Counter(NAMES[one[2]] for one in told)
    assert {NAMES[one[2]] for one in told} == {"silent", "answered" if port == "80" else "refused"}
    (actor,) = {one.actor for one in seen.attempts}
    described = seen.actors[actor]
    assert described.process is not None
    assert (described.process.pid, described.address) == (pid, HOST)
    assert os.path.basename(described.program).startswith("python")
    assert "marker_worm.py" in described.command
    assert (seen.counts.attempts, seen.counts.with_process, seen.counts.raw, seen.counts.lost) == (80, 80, 0, 0)


def test_times_are_those_of_the_attempts(network: Network) -> None:
    seen = watch(network.host, lambda: (connect(WORLD, 80), time.time()), attempts_of)
    (attempt,) = seen.attempts
    assert 0 <= seen.made[1] - attempt.at < 5
    assert [one.at for one in seen.events] == sorted(one.at for one in seen.events)


def connect_in_threads(many: int) -> int:
    threads = [threading.Thread(target=connect, args=(f"{DARK}{number + 1}", 80)) for number in range(many)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return os.getpid()


def test_a_hundred_threads_are_one_process(network: Network) -> None:
    seen = watch(network.host, lambda: connect_in_threads(100), lambda events: attempts_of(events) >= 100)
    assert len(seen.attempts) == 100
    (actor,) = {one.actor for one in seen.attempts}
    described = seen.actors[actor].process
    assert described is not None
    assert described.pid == seen.made


def count_replies(events: list[SeenTraffic]) -> int:
    return sum(1 for one in events if isinstance(one, Reply) and one.protocol == "tcp")


def run_one_shots(many: int) -> list[int]:
    pids = []
    for number in range(many):
        shell = subprocess.Popen(["bash", "-c", f": >/dev/tcp/198.51.100.{number + 1}/80"], stderr=subprocess.DEVNULL)
        shell.wait()
        pids.append(shell.pid)
    return pids


def test_what_is_gone_at_once_keeps_its_name(network: Network) -> None:
    seen = watch(network.host, lambda: run_one_shots(40), lambda events: attempts_of(events) >= 40)
    described = {one.destination: seen.actors[one.actor] for one in seen.attempts}
    found = [described[packed(f"198.51.100.{number + 1}")] for number in range(40)]
    assert [one.process.pid for one in found if one.process] == seen.made
    assert (
        sum(os.path.basename(one.program) == "bash" and "/dev/tcp" in one.command for one in found) >= 30
    )  # a busy machine misses some


def fork_and_connect() -> int:
    child = os.fork()
    if not child:
        connect("198.51.100.9", 80)
        os._exit(0)
    os.waitpid(child, 0)
    return child


def test_a_child_that_executes_nothing_has_its_own_number(network: Network) -> None:
    seen = watch(network.host, fork_and_connect, attempts_of)
    described = seen.actors[seen.attempts[0].actor]
    assert described.process is not None
    assert described.process.pid == seen.made
    assert os.path.basename(described.program).startswith("python")


@pytest.mark.parametrize(
    ("address", "port", "outcome"),
    [
        (WORLD6, 8086, "answered"),
        (WORLD6, 81, "refused"),
        ("2001:db8::1", 80, None),
        ("::ffff:198.51.100.1", 80, "answered"),
        ("::ffff:198.51.100.1", 81, "refused"),
    ],
)
def test_addresses_of_both_kinds(network: Network, address: str, port: int, outcome: str | None) -> None:
    def enough(events: list[SeenTraffic]) -> bool:
        return attempts_of(events) > 0 and (outcome is None or any(isinstance(one, Reply) for one in events))

    seen = watch(network.host, lambda: connect(address, port), enough)
    (attempt,) = seen.attempts
    assert (attempt.destination, attempt.port) == (packed(address.removeprefix("::ffff:")), port)
    assert seen.outcomes().get(attempt.destination) == outcome
    assert seen.counts.raw == 0


def send_request(*pieces: bytes) -> int:
    with socket.create_connection((WORLD, 8080)) as one:
        one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for piece in pieces:
            one.send(piece)
            time.sleep(0.05)
    return os.getpid()


def test_the_beginning_of_what_is_sent(network: Network) -> None:
    def enough(events: list[SeenTraffic]) -> bool:
        return any(isinstance(one, Sent) for one in events)

    seen = watch(network.host, lambda: send_request(b"GET /marker"), enough, ports=frozenset({8080}))
    sent = [one for one in seen.events if isinstance(one, Sent)]
    assert [(one.data, one.port, one.destination) for one in sent] == [(b"GET /marker", 8080, packed(WORLD))]
    assert sent[0].actor == seen.attempts[0].actor
    assert sent[0].actor.startswith(b"pid %d " % seen.made)


def test_what_is_sent_to_other_ports_is_not_looked_at(network: Network) -> None:
    seen = watch(network.host, lambda: send_request(b"GET /marker"), attempts_of, ports=frozenset({443}))
    assert not [one for one in seen.events if isinstance(one, Sent)]


def test_without_the_trace_the_process_is_looked_for(network: Network) -> None:
    seen = watch(network.host, connect_slowly, lambda events: attempts_of(events) >= 10, tracefs=False)
    assert len(seen.attempts) == 10
    assert seen.counts.with_process >= 8
    assert any("after the fact" in note for note in seen.notes)
    assert b"pid %d " % seen.made in {one.actor[: len(b"pid %d " % seen.made)] for one in seen.attempts}


def test_who_has_no_rights_still_sees_the_tables(network: Network) -> None:
    def as_nobody() -> tuple[str, ...]:
        os.setgroups([])
        os.setuid(65534)
        live = LiveTraffic(frozenset({80}))
        try:
            live.read()
            return live.notes()
        finally:
            live.close()

    notes = call_inside(network.host, as_nobody)
    assert any("trace can't be read" in note for note in notes)
    assert any("packets can't be seen" in note for note in notes)


def test_where_nothing_can_be_seen_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_actors: object) -> None:
        raise OSError(2, "nothing there")

    monkeypatch.setattr("codered.collect.traffic.live.PolledSense", refuse)
    with pytest.raises(CoverageIncomplete, match="nothing there"):
        LiveTraffic(frozenset(), tracefs=False, packets=False)


def test_the_programs_sum_is_read_when_asked_for(network: Network) -> None:
    def work() -> tuple[str, str]:
        live = LiveTraffic(frozenset())
        try:
            connect(WORLD, 80)
            until = time.monotonic() + 10
            found: list[Attempt] = []
            while not found and time.monotonic() < until:
                found = attempts(live.read())
                time.sleep(0.01)
            return live.hash_program(found[0].actor), live.hash_program(b"nobody")
        finally:
            live.close()

    import hashlib

    expected = hashlib.sha256(Path("/proc/self/exe").read_bytes()).hexdigest()
    assert call_inside(network.host, work) == (expected, "")


SILENT_SERVER = """
import socket
server = socket.create_server(("", 8087))
print("ready", flush=True)
kept = []
while True:
    kept.append(server.accept()[0])
"""


def test_what_was_begun_before_is_no_attempt_and_what_is_open_is_said(network: Network) -> None:
    def look() -> tuple[list[Attempt], tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
        with socket.socket() as waiting, socket.create_connection((WORLD, 8087)):
            waiting.setblocking(False)
            waiting.connect_ex((f"{DARK}88", 80))
            live = LiveTraffic(frozenset({8087}))
            other = LiveTraffic(frozenset({80}))
            try:
                until, found = time.monotonic() + 1.5, []  # its SYN is sent again after a second
                while time.monotonic() < until:
                    time.sleep(0.05)
                    found += attempts(live.read())
                return [one for one in found if one.protocol == "tcp"], live.notes(), live.lacking(), other.notes()
            finally:
                live.close()
                other.close()

    with server_in(network, SILENT_SERVER):
        found, notes, lacking, others = call_inside(network.host, look)
    said = "1 connection, open before the watch began: not seen what they send"
    assert found == []
    assert said in notes
    assert said not in lacking + others


def test_ancestors_are_described_by_their_families_keys(network: Network) -> None:
    def look() -> tuple[int, str, list[tuple[int, bytes]]]:
        live = LiveTraffic(frozenset())
        try:
            shell = subprocess.Popen(["sh", "-c", "sleep 0.3; bash -c ': >/dev/tcp/198.51.100.7/80'; true; sleep 1"])
            until = time.monotonic() + 10
            found: list[Attempt] = []
            while not found and time.monotonic() < until:
                time.sleep(0.05)
                found = [one for one in attempts(live.read()) if one.protocol == "tcp"]
            heads = live.find_heads(found[0].actor)
            described = [live.describe(head.key) for head in heads]
            shell.wait()
            pids = [
                (one.process.pid if one.process else 0, head.branch) for one, head in zip(described, heads, strict=True)
            ]
            return shell.pid, live.hash_program(heads[0].key), pids
        finally:
            live.close()

    shell, sum_, pids = call_inside(network.host, look)
    assert pids[0][0] == shell
    assert pids[1][1].startswith(b"pid %d " % shell)
    assert len(sum_) == 64
