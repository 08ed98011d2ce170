"""Alerts as syslog messages (RFC 5424): UDP datagrams, TCP with octet counting (RFC 6587), or the local socket."""

import socket
from contextlib import suppress
from urllib.parse import urlsplit

from codered.export.alerts.courier import Courier
from codered.export.writing.escaping import printable
from codered.export.writing.syslog_parts import frame_octets, write_data, write_head
from codered.model.errors import WrongUse
from codered.model.monitoring import MonitorEvent

SECONDS = 5.0
PORT = 514
MOST_STORY = 2_000  # characters
_SEVERITIES = {"reinfected": 1, "found": 2, "contained": 3, "there-at-start": 4}
_ALERT = 4
_NOTES = ("overflow", "storm", "gap", "unwatched", "unjudged", "resumed", "alert-failed", "not-contained")


class Syslog:
    """Sends to `udp://host:port`, `tcp://host:port`, or the path of a local socket."""

    def __init__(self, address: str) -> None:
        """Raises WrongUse if the address is none."""
        self._kind, self._where = parse_address(address)
        self._stream: socket.socket | None = None
        self._courier = Courier("syslog", self._deliver)

    def send(self, event: MonitorEvent) -> None:
        """Take an alert."""
        self._courier.send(make_message(event))

    def troubles(self) -> tuple[str, ...]:
        """What could not be delivered."""
        return self._courier.troubles()

    def close(self) -> None:
        """Deliver what waits and end."""
        self._courier.close()
        if self._stream is not None:
            self._stream.close()

    def _deliver(self, message: bytes) -> None:
        if self._kind == "tcp":
            self._deliver_stream(frame_octets(message))
        elif self._kind == "udp":
            assert isinstance(self._where, tuple)
            family, kind, number, _, place = socket.getaddrinfo(*self._where, type=socket.SOCK_DGRAM)[0]
            with socket.socket(family, kind, number) as channel:
                channel.sendto(message, place)
        else:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
                channel.settimeout(SECONDS)
                channel.connect(self._where)
                channel.send(message)

    def _deliver_stream(self, frame: bytes) -> None:
        assert isinstance(self._where, tuple)
        try:
            if self._stream is None:
                self._stream = socket.create_connection(self._where, SECONDS)
            self._stream.sendall(frame)
        except OSError:
            with suppress(OSError):
                if self._stream is not None:
                    self._stream.close()
            self._stream = None
            raise


def parse_address(address: str) -> tuple[str, tuple[str, int] | str]:
    """The kind and place of an address. Raises WrongUse."""
    advice = "write udp://HOST:PORT, tcp://HOST:PORT or the path of a socket"
    if address.startswith("/"):
        return "unix", address
    parts = urlsplit(address)
    try:
        port = parts.port or PORT
    except ValueError:
        raise WrongUse("is no port", where=f"--syslog {address[:200]!a}", advice=advice) from None
    if parts.scheme not in ("udp", "tcp") or not parts.hostname or parts.path not in ("", "/"):
        raise WrongUse("is no syslog address", where=f"--syslog {address[:200]!a}", advice=advice)
    return parts.scheme, (parts.hostname, port)


def make_message(event: MonitorEvent) -> bytes:
    """One message, hostile text escaped: no line ends, no control characters, UTF-8 with its mark."""
    severity = 5 if event.kind in _NOTES else _SEVERITIES.get(event.kind, _ALERT)
    values = {"kind": event.kind, "count": str(event.count)}
    if event.path is not None:
        values["path"] = event.path.text
    if event.finding is not None:
        found = event.finding
        values |= {"pack": found.pack, "confidence": found.confidence, "finding": found.id, "layer": found.layer}
    if event.plan:
        values["plan"] = event.plan
    head = write_head(severity, event.time, socket.gethostname(), "codered", event.kind)
    story = printable(event.story[:MOST_STORY])
    return f"{head} {write_data('codered', values)} \ufeff{story}".encode(errors="backslashreplace")
