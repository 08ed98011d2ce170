"""One connection from its beginning to its answer, never waiting for anything."""

import select
import socket
import ssl

from codered_hq.model.sweep import State
from codered_hq.probing.pacing import Window
from codered_hq.probing.reading import Answer, Reader
from codered_hq.probing.refusals import explain_failure, find_refusal
from codered_hq.probing.sockets import RawSocket
from codered_hq.probing.visiting import SILENT, Visit
from codered_hq.probing.wrapping import HandshakeFailed, Wrapping

CONNECTING, SHAKING, READING, CLOSED = range(4)
OUT, TROUBLE = select.EPOLLOUT, select.EPOLLERR | select.EPOLLHUP
COMING = select.EPOLLIN | select.EPOLLRDHUP | TROUBLE
EVENTS = COMING | OUT | select.EPOLLET
"""What epoll is asked for, once for a socket: it tells of each change, and a socket that waits costs nothing."""
_PIECE = 65536
_MOST_PIECES = 16  # read of one socket before the others have their turn
_RESET = "broken off by a reset"


class Call:
    """One connection of a visit. `advance` it when epoll says something; once that gives True, either `answer` is set
    or `failure` (a state and a reason).
    """

    __slots__ = (
        "_reader", "_tls", "_unsent", "answer", "descriptor", "due", "failure", "more", "phase", "sock", "visit",
        "window",
    )  # fmt: skip

    def __init__(self, visit: Visit, sock: RawSocket, window: Window, due: float) -> None:
        self.visit = visit
        self.sock = sock
        self.descriptor = sock.fileno()
        self.window = window
        self.due = due
        """Until when it is waited for what comes next."""
        self.phase = CONNECTING
        self.answer: Answer | None = None
        self.failure: tuple[State, str] | None = None

    def connect(self, mask: int, context: ssl.SSLContext | None, most_bytes: int) -> bool:
        """The first event: is it connected? Then the request is sent; True = it failed, or is over already."""
        if mask & TROUBLE:
            if number := self.sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
                self.failure = explain_failure(self.sock, number)
                return True
            if not mask & OUT:  # not connected: ICMP came while the kernel was busy with this socket
                self.failure = find_refusal(self.sock)
                return self.failure is not None
        visit = self.visit
        self.more = False
        self._unsent = b""
        self._tls: Wrapping | None = None
        self._reader = Reader(visit.ask().method, most_bytes)
        if visit.door.tls and context:
            self.phase = SHAKING
            self._tls = Wrapping(context, visit.door.name)
            done = self._shake(b"")
        else:
            self.phase = READING
            self._unsent = visit.request()
            self._push()
            done = False
        return done or bool(mask & COMING and self.advance(mask))  # it may have spoken first

    def advance(self, mask: int) -> bool:
        """A later event; True = the answer is there, or there will be none. Epoll tells of what came only once: all of
        it is taken, as far as `more` does not say that there may still be some.
        """
        self.more = False
        if mask & COMING:
            try:
                for _ in range(_MOST_PIECES):
                    if self._take(self.sock.recv(_PIECE)):
                        return True
                self.more = True
            except BlockingIOError:
                pass
            except OSError:
                self.end(_RESET)
                return True
        if self._unsent:
            self._push()
        return False

    def end(self, why: str) -> None:
        """Nothing more is waited for, and why."""
        if self.phase == CONNECTING:
            self.failure = ("no_answer", SILENT)
        elif self.phase == SHAKING:
            self.answer = Answer(fault=f"TLS refused: {why}")
        else:
            self._reader.end(why)
            self.answer = self._reader.answer

    def _take(self, data: bytes) -> bool:
        if self.phase == SHAKING:
            if not data:
                self.end("closed in the middle of the handshake")
            return not data or self._shake(data)
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
