import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import IPv4Network
from pathlib import Path

import pytest

from codered.model.errors import Refused
from codered.model.firewall import Session
from codered.remediate.firewall import sessions
from codered.remediate.firewall.ipsec import Policy
from codered.remediate.firewall.links import Link
from codered.remediate.firewall.sessions import find_own_sessions, is_at_console
from codered.remediate.firewall.sockets import Open
from tests.fixtures.networks import HOST, WORLD, Network, running_network

# A log-in: takes a connection, and starts what it is told with it in its hands.
_LOGIN = """
import os, socket, subprocess, sys
server = socket.create_server(("", 22))
print("ready", flush=True)
peer, address = server.accept()
environment = dict(os.environ)
if "told" in sys.argv[1]:
    environment["SSH_CONNECTION"] = f"{address[0]} {address[1]} 10.20.30.40 22"
if "stale" in sys.argv[1]:
    environment["SSH_CONNECTION"] = "192.0.2.9 5000 10.20.30.40 22"
if "closed" in sys.argv[1]:
    peer.close()
print(subprocess.run(sys.argv[2:], env=environment, capture_output=True, text=True).stdout, flush=True)
"""
_ASK = """
import json, sys
from codered.model.errors import Refused
from codered.remediate.firewall.sessions import find_own_sessions
try:
    print(json.dumps([[s.local, s.local_port, s.remote, s.remote_port] for s in find_own_sessions(sys.argv[1:])]))
except Refused as error:
    print(json.dumps(str(error)))
"""
_CALL = """
import socket, sys
own = socket.create_connection(("10.20.30.40", 22), timeout=10)
print(own.getsockname()[1], flush=True)
sys.stdin.read()
"""


@contextmanager
def calling(network: Network) -> Iterator[int]:
    """Somebody in the world calls port 22 of the host; his port."""
    caller = subprocess.Popen(
        network.world.command(sys.executable, "-c", _CALL), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert caller.stdout is not None
        yield int(caller.stdout.readline())
    finally:
        caller.kill()
        caller.communicate()


def ask(network: Network, how: str, *management: str) -> tuple[object, int]:
    """What a tool started by a log-in finds, and the caller's port."""
    tool = [sys.executable, "-c", _ASK, *management]
    environment = {name: value for name, value in os.environ.items() if name != "SSH_CONNECTION"}
    environment["PYTHONPATH"] = os.path.abspath("src")
    login = subprocess.Popen(
        network.host.command(sys.executable, "-c", _LOGIN, how, *tool),
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    )
    try:
        assert login.stdout is not None
        assert login.stdout.readline() == "ready\n"
        with calling(network) as port:
            return json.loads(login.stdout.readline()), port
    finally:
        login.kill()
        login.communicate()


def test_the_connection_that_an_ancestor_holds_is_ours() -> None:
    with running_network() as network:
        found, port = ask(network, "held")
        assert found == [[HOST, 22, WORLD, port]]


def test_the_connection_that_ssh_names_is_ours_if_it_is_there() -> None:
    with running_network() as network:
        found, port = ask(network, "told")
        assert found == [[HOST, 22, WORLD, port]]


def test_who_calls_from_elsewhere_than_ssh_says_is_found_by_what_is_held() -> None:
    with running_network() as network:
        found, port = ask(network, "stale")
        assert found == [[HOST, 22, WORLD, port]]


def make_family(monkeypatch: pytest.MonkeyPatch, proc: Path, *names: str, told: bytes = b"") -> None:
    """Ancestors of this tool as /proc would tell of them."""
    for pid, name in enumerate(names, 100):
        home = proc / str(pid)
        (home / "fd").mkdir(parents=True)
        (home / "comm").write_text(name + "\n")
        (home / "environ").write_bytes(b"A=1\0" + (b"SSH_CONNECTION=" + told if told else b"") + b"\0")
    monkeypatch.setattr(sessions, "PROC", proc)
    monkeypatch.setattr(sessions, "_list_ancestors", lambda _: range(100, 100 + len(names)))
    monkeypatch.setattr(sessions, "list_connections", lambda: iter(()))
    monkeypatch.setattr(sessions, "list_pids", list)


def test_who_sits_at_the_machine_has_no_connection(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    make_family(monkeypatch, tmp_path, "bash", "login", "systemd")
    assert find_own_sessions() == ()


@pytest.mark.parametrize(
    ("name", "told", "says"),
    [
        ("sshd", b"", "was not found"),
        ("sshd: root@pts/0", b"", "was not found"),
        ("bash", b"192.0.2.9 5000 10.0.0.1 22", "192.0.2.9: you come over the network"),
        ("mosh-server", b"", "you come by mosh-server"),
    ],
)
def test_a_connection_that_is_not_found_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, told: bytes, says: str
) -> None:
    make_family(monkeypatch, tmp_path, "bash", name, told=told)
    with pytest.raises(Refused, match=says) as refused:
        find_own_sessions()
    assert "--allow" in refused.value.advice
    assert find_own_sessions(["192.0.2.0/24"]) == ()


@pytest.mark.parametrize("told", [b"127.0.0.1 5000 127.0.0.1 22", b"nobody 1 nothing 2", b"1.2.3.4 99", b"\xff a b c"])
def test_what_ssh_says_that_leads_nowhere_is_passed_over(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, told: bytes
) -> None:
    make_family(monkeypatch, tmp_path, "bash", told=told)
    assert find_own_sessions() == ()


def test_in_a_multiplexer_the_connections_of_its_clients_count(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    make_family(monkeypatch, tmp_path, "bash", "tmux: server")
    for pid, name, socket in ((7, "tmux: client", ""), (8, "sshd", "socket:[4711]")):
        home = tmp_path / str(pid)
        (home / "fd").mkdir(parents=True)
        (home / "comm").write_text(name + "\n")
        (home / "environ").write_bytes(b"")
        if socket:
            (home / "fd/3").symlink_to(socket)
            (home / "fd/4").symlink_to("/dev/null")
    monkeypatch.setattr(sessions, "list_pids", lambda: [7])
    monkeypatch.setattr(sessions, "_list_ancestors", lambda pid: (7, 8) if pid == 7 else (100, 101))
    session = Session(local="10.0.0.1", local_port=22, remote="10.0.0.2", remote_port=5000)
    monkeypatch.setattr(sessions, "list_connections", lambda: iter((Open(session, 2, b"", 4711),)))
    assert find_own_sessions() == (session,)


def test_who_comes_through_a_tunnel_is_told_that_it_would_be_cut(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    make_family(monkeypatch, tmp_path, "bash", "sshd", told=b"10.8.0.2 5000 10.8.0.1 22")
    session = Session(local="10.8.0.1", local_port=22, remote="10.8.0.2", remote_port=5000)
    monkeypatch.setattr(sessions, "list_connections", lambda: iter((Open(session, 2, b"", 4711),)))
    monkeypatch.setattr(sessions, "find_device", lambda _: Link(9, "wg0", 65534, carries=False))
    with pytest.raises(Refused, match="through wg0, a tunnel"):
        find_own_sessions()
    assert find_own_sessions(["10.8.0.0/24"]) == (session,)
    monkeypatch.setattr(sessions, "find_device", lambda _: Link(9, "cable", 1, carries=False))
    assert find_own_sessions() == (session,)
    monkeypatch.setattr(sessions, "find_device", lambda _: Link(9, "wg0", 65534, carries=False))
    with pytest.raises(Refused, match="through wg0, a tunnel"):
        find_own_sessions(["192.0.2.0/24"])  # allowed, but not where he comes from


def test_a_tunnel_that_looks_like_ethernet_and_one_without_a_device_are_tunnels(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def fail() -> list[Policy]:
        raise OSError(5, "no answer")

    make_family(monkeypatch, tmp_path, "bash", "sshd", told=f"{WORLD} 5000 {HOST} 22".encode())
    everything = IPv4Network("0.0.0.0/0")
    wrap = Policy(everything, everything, (0, 0), (0, 0), protocol=0, priority=0, wraps=True)
    session = Session(local=HOST, local_port=22, remote=WORLD, remote_port=5000)
    monkeypatch.setattr(sessions, "list_connections", lambda: iter((Open(session, 2, b"", 4711),)))
    monkeypatch.setattr(sessions, "find_device", lambda _: Link(9, "cable", 1, carries=False, driver="veth"))
    monkeypatch.setattr(sessions, "list_policies", list)
    assert find_own_sessions() == (session,)
    monkeypatch.setattr(sessions, "find_device", lambda _: Link(9, "tap7", 1, carries=False, driver="tun"))
    with pytest.raises(Refused, match="through tap7, a tunnel"):
        find_own_sessions()
    monkeypatch.setattr(sessions, "find_device", lambda _: None)
    monkeypatch.setattr(sessions, "list_policies", lambda: [wrap])
    with pytest.raises(Refused, match="through IPsec, a tunnel"):
        find_own_sessions()
    assert find_own_sessions([f"{WORLD}/32"]) == (session,)
    monkeypatch.setattr(sessions, "list_policies", fail)
    with pytest.raises(Refused, match="can't be found: no answer"):
        find_own_sessions()


def test_a_network_he_does_not_come_from_waives_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    make_family(monkeypatch, tmp_path, "bash", "mosh-server", told=b"198.51.100.9 5000 10.0.0.1 22")
    with pytest.raises(Refused, match="you come by mosh-server"):
        find_own_sessions(["192.0.2.0/24"])
    assert find_own_sessions(["198.51.100.0/24"]) == ()


@pytest.mark.parametrize(
    ("terminal", "at"),
    [((4, 1), True), ((4, 64), True), ((229, 0), True), ((136, 3), False), ((0, 0), False)],
    ids=["tty1", "ttyS0", "hvc0", "pts", "none"],
)
def test_a_terminal_of_the_machine_itself(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, terminal: tuple[int, int], at: bool
) -> None:
    (tmp_path / "self").mkdir()
    number = os.makedev(*terminal)
    (tmp_path / "self/stat").write_text(f"7 (a) tty 4 1) S 1 7 7 {number} 7 4194560 0\n")
    monkeypatch.setattr(sessions, "PROC", tmp_path)
    assert is_at_console() == at


def test_a_terminal_made_by_a_program_is_none_of_the_machine() -> None:
    script = "from codered.remediate.firewall.sessions import is_at_console; print(is_at_console())"
    assert say_on_a_terminal((sys.executable, "-c", script)).strip() == "False"


def say_on_a_terminal(words: tuple[str, ...]) -> str:
    """What a program says on a terminal that another program made."""
    pid, terminal = os.forkpty()
    if not pid:
        try:
            os.execve(words[0], words, {**os.environ, "PYTHONPATH": os.path.abspath("src")})
        finally:
            os._exit(3)
    said = b""
    try:
        while piece := os.read(terminal, 4096):
            said += piece
    except OSError:
        pass  # it has ended
    finally:
        os.close(terminal)
        os.waitpid(pid, 0)
    return said.decode()


def test_what_can_not_be_read_is_no_terminal_of_the_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sessions, "PROC", tmp_path)
    assert not is_at_console()
