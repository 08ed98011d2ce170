"""smtplib's clients, within limits: a mail server that never ends an answer, or drips it, is left after a time."""

import contextlib
import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator
from typing import BinaryIO

from codered_hq.sending.talking import STEP_SECONDS, WHOLE_SECONDS

MOST_TALK = 1 << 20  # bytes that a server may answer in one connection


class _Capped:
    """What smtplib reads answers from, up to a limit."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._left = file, MOST_TALK

    def readline(self, size: int) -> bytes:
        """A line. Raises OSError past the limit."""
        line = self._file.readline(size)
        self._left -= len(line)
        if self._left < 0:
            raise OSError("the mail server answers without end")
        return line

    def close(self) -> None:
        """Let go of it."""
        self._file.close()


class PlainClient(smtplib.SMTP):
    """A connection that may be upgraded by STARTTLS. Connects when it is made; raises what smtplib does."""

    def __init__(self, host: str, port: int, us: str) -> None:
        self._timer = _start_timer(self)
        with _stopped_on_failure(self._timer):
            super().__init__(host, port, us, timeout=STEP_SECONDS)

    def getreply(self) -> tuple[int, bytes]:
        """An answer, capped."""
        _cap(self)
        return super().getreply()

    def close(self) -> None:
        """End the connection."""
        self._timer.cancel()
        super().close()


class SealedClient(smtplib.SMTP_SSL):
    """The same over TLS from the first byte."""

    def __init__(self, host: str, port: int, us: str, context: ssl.SSLContext) -> None:
        self._timer = _start_timer(self)
        with _stopped_on_failure(self._timer):
            super().__init__(host, port, us, timeout=STEP_SECONDS, context=context)

    def getreply(self) -> tuple[int, bytes]:
        """An answer, capped."""
        _cap(self)
        return super().getreply()

    def close(self) -> None:
        """End the connection."""
        self._timer.cancel()
        super().close()


def _cap(client: smtplib.SMTP) -> None:
    if client.file is None and client.sock is not None:
        client.file = _Capped(client.sock.makefile("rb"))


def _start_timer(client: smtplib.SMTP) -> threading.Timer:
    timer = threading.Timer(WHOLE_SECONDS, _cut, (client,))
    timer.daemon = True
    timer.start()
    return timer


@contextlib.contextmanager
def _stopped_on_failure(timer: threading.Timer) -> Iterator[None]:
    try:
        yield
    except BaseException:
        timer.cancel()
        raise


def _cut(client: smtplib.SMTP) -> None:
    connected = getattr(client, "sock", None)
    if connected is not None:
        with contextlib.suppress(OSError):
            connected.shutdown(socket.SHUT_RDWR)
