"""One connection from its beginning to its answer, never waiting for anything."""

import select
import socket
import ssl

from codered_hq.model.sweep import State
from codered_hq.probing.pacing import Window
from codered_hq.probing.reading import Answer, Reader
from codered_hq.probing.refusals import explain_failure
from codered_hq.probing.sockets import RawSocket
from codered_hq.probing.visiting import SILENT, Visit
from codered_hq.probing.wrapping import HandshakeFailed, Wrapping

CONNECTING, SHAKING, READING, CLOSED = range(4)
IN, OUT, TROUBLE = select.EPOLLIN, select.EPOLLOUT, select.EPOLLERR | select.EPOLLHUP
_PIECE = 65536
_RESET = "broken off by a reset"


class Call:
    """One connection of a visit. `advance` it when epoll says something; once that gives True, either `answer` is set
    or `failure` (a state and a reason).
    """

    __slots__ = (
        "_most",
        "_reader",
        "_tls",
        "_unsent",
        "answer",
        "descriptor",
        "failure",
        "phase",
        "sock",
        "visit",
        "window",
    )

    def __init__(self, visit: Visit, sock: RawSocket, window: Window, most_bytes: int) -> None:
        self.visit = visit
        self.sock = sock
        self.descriptor = sock.fileno()
        self.window = window
        self.phase = CONNECTING
        self.answer: Answer | None = None
        self.failure: tuple[State, str] | None = None
        self._most = most_bytes
        self._reader: Reader | None = None
        self._tls: Wrapping | None = None
        self._unsent = b""

    @property
    def wants(self) -> int:
        """What epoll shall look for."""
        return IN | OUT if self._unsent or self.phase == CONNECTING else IN

    def connect(self, mask: int, context: ssl.SSLContext | None) -> bool:
        """The first event: is it connected? Then the request is sent; True = it failed."""
        if mask & TROUBLE and (number := self.sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)):
            self.failure = explain_failure(self.sock, number)
            return True
        door = self.visit.door
        self._reader = Reader(self.visit.ask().method, self._most)
        if door.tls and context:
            self.phase = SHAKING
            self._tls = Wrapping(context, door.name)
            return self._shake(b"")
        self.phase = READING
        self._unsent = self.visit.request()
        self._push()
        return False

    def advance(self, mask: int) -> bool:
        """A later event; True = the answer is there, or there will be none."""
        done = False
        if mask & (IN | TROUBLE):
            try:
                done = self._take(self.sock.recv(_PIECE))
            except BlockingIOError:
                pass
            except OSError:
                self.end(_RESET)
                done = True
        if self._unsent and not done:
            self._push()
        return done

    def end(self, why: str) -> None:
        """Nothing more is waited for, and why."""
        if self.phase == CONNECTING:
            self.failure = ("no_answer", SILENT)
        elif self.phase == SHAKING:
            self.answer = Answer(fault=f"TLS refused: {why}")
        else:
            assert self._reader
            self._reader.end(why)
            self.answer = self._reader.answer

    def _take(self, data: bytes) -> bool:
        if self.phase == SHAKING:
            if not data:
                self.end("closed in the middle of the handshake")
            return not data or self._shake(data)
        assert self._reader
        plain, closed = data, not data
        if self._tls:
            try:
                plain, closed = self._tls.feed(data)
            except HandshakeFailed as failed:
                self.end(f"TLS broke: {failed}")
                return True
            closed = closed or not data
        if plain and self._reader.feed(plain):
            self.answer = self._reader.answer
            return True
        if closed:
            self.end("")
        return closed

    def _shake(self, data: bytes) -> bool:
        assert self._tls
        try:
            if self._tls.shake(data):
                self.phase = READING
                self._tls.seal(self.visit.request())
        except HandshakeFailed as failed:
            self.end(str(failed))
            return True
        self._unsent += self._tls.pull()
        self._push()
        return False

    def _push(self) -> None:
        try:
            self._unsent = self._unsent[self.sock.send(self._unsent) :] if self._unsent else b""
        except BlockingIOError:
            pass
        except OSError:
            self._unsent = b""  # what it did say is still to be read
