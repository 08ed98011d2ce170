"""Who only opens connections keeps nobody out."""

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from codered_hq.serving import guarding, server
from codered_hq.serving.certificates import find_or_make_certificate, make_context
from codered_hq.serving.guarding import name_peer
from codered_hq.serving.names import bind
from codered_hq.serving.server import make_server, run_server

ASKED = b"GET /static/none.css HTTP/1.1\r\nHost: localhost\r\n\r\n"


@contextmanager
def served(context: ssl.SSLContext | None = None) -> Iterator[int]:
    """The port of a server."""
    console, listening = make_server(context), bind("127.0.0.1", 0)
    thread = threading.Thread(target=run_server, args=[console, listening])
    thread.start()
    while not console.started:
        time.sleep(0.01)
    try:
        yield listening.getsockname()[1]
    finally:
        console.should_exit = True
        thread.join(30)
    assert not thread.is_alive()


def connect(port: int, said: bytes = b"") -> socket.socket:
    client = socket.create_connection(("127.0.0.1", port), timeout=20)
    client.sendall(said)
    return client


def hear(client: socket.socket) -> bytes:
    """The first it hears; b"" if it was ended."""
    try:
        return client.recv(100)
    except ConnectionResetError:
        return b""


def test_who_is_silent_or_slow_before_he_has_asked_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guarding, "HEAD_SECONDS", 0.1)
    with served() as port:
        for said in (b"", b"GET / HTTP/1.1\r\nHost: loc", b"\r\n"):
            with connect(port, said) as client:
                assert hear(client) == b"", said
        with connect(port, ASKED) as client:  # the next head on a connection that was kept
            assert hear(client).startswith(b"HTTP/1.1 ")
            client.sendall(b"GET / HT")
            while hear(client):
                pass


def test_a_handshake_that_never_comes_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "HEAD_SECONDS", 0.1)
    context = make_context(find_or_make_certificate(tmp_path, ["localhost"], datetime.now(UTC)))
    with served(context) as port, connect(port) as client:
        assert hear(client) == b""


def test_one_address_does_not_take_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guarding, "MOST_FROM_ONE", 2)
    monkeypatch.setattr(guarding, "name_peer", lambda address: address)  # this machine would not be limited
    with served() as port:
        with connect(port, ASKED) as first, connect(port, ASKED) as second:
            assert hear(first).startswith(b"HTTP")
            assert hear(second).startswith(b"HTTP")
            with connect(port) as third:
                assert hear(third) == b""
        while guarding._open:
            time.sleep(0.01)
        with connect(port, ASKED) as again:
            assert hear(again).startswith(b"HTTP")


@pytest.mark.parametrize(
    ("address", "peer"),
    [
        ("10.1.2.3", "10.1.2.3"), ("::ffff:10.1.2.3", "10.1.2.3"), ("2001:db8::7", "2001:db8::/64"),
        ("fe80::1%eth0", "fe80::/64"), ("127.0.0.1", ""), ("::1", ""), ("", ""),
    ],
)  # fmt: skip
def test_for_whom_a_connection_counts(address: str, peer: str) -> None:
    assert name_peer(address) == peer
