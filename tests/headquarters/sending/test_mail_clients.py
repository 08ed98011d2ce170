"""The capped clients: TLS from the first byte works, and the timer of a connection ends with it."""

import smtplib
import ssl
import threading
from pathlib import Path

import pytest

from codered_hq.sending.mail_clients import PlainClient, SealedClient
from tests.fixtures.notice_servers import find_free_port, make_certificate, running_raw


def test_a_sealed_client_talks_tls_at_once_and_its_timer_ends_with_it(tmp_path: Path) -> None:
    context, ca = make_certificate(tmp_path)

    def talk(connected: object) -> None:
        with context.wrap_socket(connected, server_side=True) as sealed:  # type: ignore[arg-type]
            sealed.sendall(b"220 hello\r\n")
            assert sealed.recv(100).startswith(b"ehlo hq.test")
            sealed.sendall(b"250 fine\r\n")
            sealed.recv(100)

    before = {thread for thread in threading.enumerate() if isinstance(thread, threading.Timer)}
    with running_raw(talk) as port:
        trusted = ssl.create_default_context(cafile=str(ca))
        client = SealedClient("127.0.0.1", port, "hq.test", trusted)
        assert client.ehlo()[0] == 250
        client.close()
        with pytest.raises(ssl.SSLError):
            SealedClient("127.0.0.1", port, "hq.test", ssl.create_default_context())
    with pytest.raises(OSError):
        PlainClient("127.0.0.1", find_free_port(), "hq.test")
    left = {thread for thread in threading.enumerate() if isinstance(thread, threading.Timer)} - before
    for timer in left:
        timer.join(5)
    assert not any(timer.is_alive() for timer in left)
    assert issubclass(PlainClient, smtplib.SMTP)
