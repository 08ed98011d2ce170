"""Messages reach a real listener over TCP and TLS, whole and counted; who can't prove its name gets nothing."""

import datetime as dates
import ipaddress
import json
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from codered.model.errors import NotRolledBack, WrongUse
from codered_hq.standards.ocsf import make_events
from codered_hq.standards.syslog5424 import Receiver, make_message, parse_receiver, send_messages
from tests.fixtures.happened import NOW, make_happenings


def make_certificate(folder: Path, address: str) -> Path:
    """A certificate of this address, signed by itself, and its key, in one file."""
    key = generate_private_key(SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "syslog")])
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))])
    now = dates.datetime.now(dates.UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(7).not_valid_before(now - dates.timedelta(days=1)).not_valid_after(now + dates.timedelta(days=1))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True).sign(key, hashes.SHA256())
    )  # fmt: skip
    path = folder / f"{address}.pem"
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(made.public_bytes(Encoding.PEM) + secret)
    return path


@contextmanager
def listening(certificate: Path | None = None) -> Iterator[tuple[int, list[bytes]]]:
    """A listener on loopback for one connection: its port, and what it was sent once it is left."""
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(20)

        def serve() -> None:
            stream, _ = server.accept()
            try:
                if certificate:
                    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                    context.load_cert_chain(certificate)
                    stream = context.wrap_socket(stream, server_side=True)
                while piece := stream.recv(1 << 16):
                    heard.append(piece)
            except OSError:
                pass  # who did not trust us hung up
            finally:
                stream.close()

        thread = threading.Thread(target=serve)
        thread.start()
        yield server.getsockname()[1], heard
        thread.join(20)


def read_frames(raw: bytes) -> list[bytes]:
    frames = []
    while raw:
        length, _, rest = raw.partition(b" ")
        frames.append(rest[: int(length)])
        raw = rest[int(length) :]
    return frames


def test_messages_arrive_over_both_ways(tmp_path: Path) -> None:
    events = list(make_events(make_happenings()))
    messages = [make_message(event, "hq 1") for event in events]
    with listening() as (port, heard):
        assert send_messages(Receiver("tcp", "127.0.0.1", port), messages) == len(events)
    assert read_frames(b"".join(heard)) == messages
    certificate = make_certificate(tmp_path, "127.0.0.1")
    with listening(certificate) as (port, heard):
        assert send_messages(Receiver("tls", "127.0.0.1", port), messages, str(certificate)) == len(events)
    assert read_frames(b"".join(heard)) == messages
    for event, message in zip(events, messages, strict=True):
        head, data, text = message.partition(b"] ")
        assert json.loads(text) == json.loads(json.dumps(event))
        assert head.isascii()
        assert data
    stamp = NOW.replace(hour=11).strftime("%Y-%m-%dT%H:%M:%S.%f")
    assert messages[0].startswith(f"<82>1 {stamp}Z hq_1 codered-hq - ocsf-2005 [ocsf@32473 class=".encode())


def test_who_cannot_prove_its_name_gets_nothing(tmp_path: Path) -> None:
    mine, other = make_certificate(tmp_path, "127.0.0.1"), make_certificate(tmp_path, "127.0.0.2")
    for shown, trusted in ((mine, other), (other, other), (mine, "")):
        with listening(shown) as (port, heard), pytest.raises(NotRolledBack, match="0 messages were sent"):
            send_messages(Receiver("tls", "127.0.0.1", port), [b"secret"], str(trusted))
        assert heard == []
    with pytest.raises(WrongUse, match="no certificates"):
        send_messages(Receiver("tls", "127.0.0.1", 9), [], str(tmp_path / "none"))


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(NotRolledBack, match="0 messages were sent, then it failed"):
        send_messages(Receiver("tcp", "127.0.0.1", port), [b"x"])


def test_addresses() -> None:
    assert parse_receiver("tcp://siem.example:6514") == ("tcp", "siem.example", 6514)
    assert parse_receiver("tls://[::1]/") == ("tls", "::1", 6514)
    for wrong in (
        "",
        "siem:1",
        "udp://a:1",
        "tcp://a:99999",
        "tcp://",
        "tls://u:p@a:1",
        "tcp://a/x",
        "tcp://[::1",
        "tls://a:x",
    ):
        with pytest.raises(WrongUse, match="--to"):
            parse_receiver(wrong)
