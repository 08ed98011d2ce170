"""One HTTP request to a server of headquarters.toml. No redirect is followed, no proxy is taken from the environment,
no more is read than needed, and it ends in time whatever the server does.
"""

import contextlib
import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from typing import NamedTuple
from urllib.parse import SplitResult, urlsplit

from codered.export.writing.escaping import printable
from codered_hq.config import NotifyConfig
from codered_hq.sending.not_sent import MOST_WORDS, NotSent

STEP_SECONDS = 15.0  # for one step: to connect, to send, to answer
WHOLE_SECONDS = 45.0
MOST_ANSWER = 1 << 16
MOST_WAIT = 3600.0  # that a server may ask for
MENDED_BY_WAITING = frozenset([408, 425, 429])
REFUSES_THE_NOTICE = frozenset([400, 406, 410, 411, 413, 414, 415, 422, 431, 451])


class Call(NamedTuple):
    """What is sent: the path is added to the URL's own."""

    method: str
    path: str
    body: bytes
    headers: Mapping[str, str]


def call(config: NotifyConfig, wanted: Call) -> bytes:
    """The first 64 KiB of the answer to a request that was accepted. Raises NotSent."""
    parts = split_url(config)
    connection = _open(config, parts)
    path = (parts.path.rstrip("/") + wanted.path if wanted.path else parts.path) or "/"
    query = f"?{parts.query}" if parts.query else ""
    headers = {"User-Agent": "codered-hq", **wanted.headers}
    try:
        connection.connect()
        with ended_in_time(connection.sock):
            connection.request(wanted.method, path + query, wanted.body, headers)
            answer = connection.getresponse()
            read = answer.read(MOST_ANSWER)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise NotSent(f"{config.name}: {tell_error(error)}", whole=True) from None
    finally:
        connection.close()
    _judge(config, answer, read)
    return read


def split_url(config: NotifyConfig) -> SplitResult:
    """The URL in its parts. Raises NotSent for one that is none, or that would send in the clear through a network."""
    try:
        parts = urlsplit(config.url)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        host = ""
    if not host or parts.scheme not in ("http", "https"):
        raise NotSent(f"{config.name}: its url must be https://…", whole=True)
    if parts.scheme == "http" and not is_loopback(host):
        raise NotSent(f"{config.name}: http:// is for this machine only: use https://", whole=True)
    if not f"{parts.path}{parts.query}".isascii() or any(map(str.isspace, config.url)):
        raise NotSent(f"{config.name}: its url must be ASCII, without spaces", whole=True)
    return parts


def is_loopback(host: str) -> bool:
    """Whether a host of a URL is this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def make_tls(config: NotifyConfig) -> ssl.SSLContext:
    """What certificates are believed: those of `ca_file` alone if there is one. Raises NotSent."""
    try:
        return ssl.create_default_context(cafile=config.ca_file or None)
    except OSError as error:  # SSLError is one
        raise NotSent(f"{config.name}: its ca_file can't be used: {tell_error(error)}", whole=True) from None


@contextlib.contextmanager
def ended_in_time(connected: socket.socket, seconds: float = WHOLE_SECONDS) -> Iterator[None]:
    """A server that answers a byte now and then would hold us for ever: the connection is cut after this time."""
    timer = threading.Timer(seconds, _cut, (connected,))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def tell_error(error: Exception) -> str:
    """An error in one short line."""
    if isinstance(error, TimeoutError):
        return "no answer in time"
    told = (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__
    return printable(" ".join(told.split()))[:MOST_WORDS]


def _cut(connected: socket.socket) -> None:
    with contextlib.suppress(OSError):  # it may have ended by itself
        connected.shutdown(socket.SHUT_RDWR)


def _open(config: NotifyConfig, parts: SplitResult) -> http.client.HTTPConnection:
    host = parts.hostname or ""
    if parts.scheme == "https":
        return http.client.HTTPSConnection(host, parts.port, timeout=STEP_SECONDS, context=make_tls(config))
    return http.client.HTTPConnection(host, parts.port, timeout=STEP_SECONDS)


def _judge(config: NotifyConfig, answer: http.client.HTTPResponse, read: bytes) -> None:
    """Raises NotSent unless it was accepted. A wrong token or address can be mended in headquarters.toml while the
    notice waits, so only what the notice itself is refused for is lasting.
    """
    status = answer.status
    if 200 <= status < 300:
        return
    said = printable(" ".join(read[:MOST_WORDS].decode(errors="replace").split()))
    told = f"{config.name}: answers {status}{' ' + said if said else ''}"
    if 300 <= status < 400:
        raise NotSent(f"{config.name}: answers {status}, elsewhere; that is not followed: mend its url", whole=True)
    waits = status in MENDED_BY_WAITING or status >= 500
    wait = _read_wait(answer.getheader("Retry-After") or "") if waits else 0.0
    raise NotSent(told, lasting=status in REFUSES_THE_NOTICE, whole=status not in REFUSES_THE_NOTICE, wait=wait)


def _read_wait(text: str) -> float:
    """Seconds; a date is not read: our own pauses are as good."""
    return min(float(text), MOST_WAIT) if text.isascii() and text.isdigit() and len(text) < 10 else 0.0
