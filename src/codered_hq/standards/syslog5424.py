"""OCSF events as syslog messages (RFC 5424), sent over TCP or TLS with octet counting (RFC 6587, RFC 5425)."""

import json
import socket
import ssl
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Final, Literal, NamedTuple
from urllib.parse import urlsplit

from codered.export.writing.syslog_parts import frame_octets, write_data, write_head
from codered.model.errors import NotRolledBack, WrongUse
from codered_hq.standards.ocsf import Event

PROGRAM: Final = "codered-hq"
SECONDS: Final = 10.0
PORTS: Final = {"tcp": 514, "tls": 6514}
_SEVERITIES: Final = {5: 2, 4: 3, 3: 4, 2: 5, 1: 6}  # OCSF's to syslog's; what is not known is a notice
_NOTICE = 5


class Receiver(NamedTuple):
    """Where messages go."""

    way: Literal["tcp", "tls"]
    host: str
    port: int


def make_message(event: Event, host: str) -> bytes:
    """One message. What it says is the event as JSON, in ASCII; of it the structured data repeat class and id."""
    at = datetime.fromtimestamp(event["time"] / 1000, UTC)
    severity = _SEVERITIES.get(event["severity_id"], _NOTICE)
    head = write_head(severity, at, host, PROGRAM, f"ocsf-{event['class_uid']}")
    data = write_data("ocsf", {"class": str(event["class_uid"]), "uid": str(event["metadata"].get("uid", ""))})
    return f"{head} {data} {json.dumps(event, sort_keys=True, separators=(',', ':'))}".encode(errors="backslashreplace")


def parse_receiver(url: str) -> Receiver:
    """Raises WrongUse if it is no tcp://HOST:PORT or tls://HOST:PORT."""
    wrong = WrongUse(
        "is no syslog address", where=f"--to {url[:200]!a}", advice="write tcp://HOST:PORT or tls://HOST:PORT"
    )
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise wrong from None
    if not parts.hostname or parts.path not in ("", "/") or parts.query or parts.fragment or "@" in parts.netloc:
        raise wrong
    if parts.scheme == "tcp":
        return Receiver("tcp", parts.hostname, port or PORTS["tcp"])
    if parts.scheme == "tls":
        return Receiver("tls", parts.hostname, port or PORTS["tls"])
    raise wrong


def send_messages(receiver: Receiver, messages: Iterable[bytes], ca_file: str = "") -> int:
    """Send them over one connection; how many. Over TLS the receiver must prove its name, to the system's authorities
    or to those in `ca_file` (PEM). Raises NotRolledBack, which tells how many went out before it failed: syslog has no
    receipts; WrongUse for a bad `ca_file`.
    """
    context = _trust(ca_file) if receiver.way == "tls" else None
    sent = 0
    try:
        with socket.create_connection((receiver.host, receiver.port), SECONDS) as raw:
            stream = context.wrap_socket(raw, server_hostname=receiver.host) if context else raw
            with stream:
                for message in messages:
                    stream.sendall(frame_octets(message))
                    sent += 1
                _hang_up(stream)
    except OSError as error:  # ssl's errors are among them
        what = f"{sent} messages were sent, then it failed: {error.strerror or error}"
        where = f"{receiver.way}://{receiver.host}:{receiver.port}"
        raise NotRolledBack(what, where=where, advice="see that it listens, and send all again") from None
    return sent


def _trust(ca_file: str) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=ca_file or None)
    except OSError as error:
        what = f"holds no certificates that can be read: {error.strerror or error}"
        raise WrongUse(what, where=ca_file, advice="give certificates as PEM") from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _hang_up(stream: socket.socket) -> None:
    """Say that it is all, and wait until the other side has it: closing at once may throw away what is on its way."""
    with suppress(TimeoutError, ssl.SSLError):
        if isinstance(stream, ssl.SSLSocket):
            stream = stream.unwrap()
        stream.shutdown(socket.SHUT_WR)
        while stream.recv(1 << 12):
            pass
