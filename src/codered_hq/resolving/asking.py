"""Many small questions by UDP: paced, asked again where nothing came back, answered only by whom they were put to.

One socket an address family and no thread: what goes out is known, and a flood of false answers costs no more than
reading it. An answer counts if its source and port are the ones asked and its first two octets are our random number.
"""

import errno
import ipaddress
import os
import select
import socket
import struct
import sys
import time
from collections import deque
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import msgspec

MOST_BYTES = 9216  # the longest multicast DNS message
_BURST = 200  # questions in one go after a pause: more of them at once are lost in small buffers
_READ_AT_ONCE = 1024
_PAUSE_SECONDS = 0.05
_RECVERR = {socket.AF_INET: (socket.IPPROTO_IP, 11), socket.AF_INET6: (socket.IPPROTO_IPV6, 25)}
_HOPS = {socket.AF_INET: (socket.IPPROTO_IP, 12, 2), socket.AF_INET6: (socket.IPPROTO_IPV6, 51, 52)}
_ERROR_QUEUE = 0x2000
_PENDING_MOST = 64
_OF_ANOTHER = frozenset([errno.ECONNREFUSED, errno.EHOSTUNREACH, errno.EMSGSIZE, errno.EPROTO])
_WHY = {
    errno.ECONNREFUSED: "the host is there, and nothing listens on UDP port {port}",
    errno.EHOSTUNREACH: "a router says that the host can't be reached",
    errno.ENETUNREACH: "no route to this network",
    errno.EACCES: "a firewall on the way says that it is not allowed",
    errno.EADDRNOTAVAIL: "it is the address of everybody on a link, not of one machine",
    errno.EPERM: "this machine's own firewall does not let the question out",
}

Place = tuple[str, int]


class AskLimits(msgspec.Struct, frozen=True, kw_only=True):
    """What asking may cost: questions a second in all, questions open at once, seconds to wait for each, tries."""

    per_second: float = 6000.0
    at_once: int = 20000
    seconds: float = 1.5
    tries: int = 3


class Question(NamedTuple):
    """One packet for one place. `number`: its first two octets. `source`: who must answer, if not the place itself
    (multicast). `subject` is what it asks about.
    """

    subject: str
    packet: bytes
    number: int
    place: Place
    source: str = ""


class Heard(NamedTuple):
    """What came back, with the hop limit it arrived with (0 = not told)."""

    question: Question
    packet: bytes
    hops: int


class Unheard(NamedTuple):
    """Nothing usable came back, and why."""

    question: Question
    why: str


class Way(NamedTuple):
    """How multicast questions leave: the address of the interface and the hop limit. Empty: as any other packet."""

    interface: str = ""
    hops: int = 0


class _Open(NamedTuple):
    until: float
    tries: int
    question: Question


def draw_number() -> int:
    """A number that cannot be guessed, 0..65535."""
    return int.from_bytes(os.urandom(2), "big")


def ask_many(questions: Iterable[Question], limits: AskLimits, way: Way = Way()) -> Iterator[Heard | Unheard]:  # noqa: B008
    """Ask them all; each comes back once, answered or with the reason. The order is that of the answers."""
    asker = _Asker(limits, way)
    try:
        yield from asker.run(iter(questions))
    finally:
        asker.close()


class _Asker:
    def __init__(self, limits: AskLimits, way: Way) -> None:
        self._limits, self._way = limits, way
        self._sockets: dict[int, socket.socket] = {}
        self._poll = select.poll()
        self._open: dict[tuple[str, int, int], _Open] = {}
        self._by_address: dict[str, tuple[str, int, int]] = {}
        self._ends: deque[tuple[float, tuple[str, int, int]]] = deque()
        self._again: deque[_Open] = deque()
        self._begin, self._sent = time.monotonic(), 0

    def close(self) -> None:
        for own in self._sockets.values():
            own.close()

    def run(self, questions: Iterator[Question]) -> Iterator[Heard | Unheard]:
        more = True
        while more or self._open or self._again:
            now = time.monotonic()
            room = self._count_room(now)
            while room > 0 and (more or self._again):
                room -= 1
                if self._again:
                    yield from self._send(self._again.popleft(), now)
                elif (question := next(questions, None)) is not None:
                    yield from self._send(_Open(0.0, 0, question), now)
                else:
                    more = False
            self._poll.poll(self._wait(more) * 1000)
            for own in list(self._sockets.values()):
                yield from self._receive(own)
                yield from self._read_errors(own)
            yield from self._end_late(time.monotonic())

    def _count_room(self, now: float) -> int:
        due = int((now - self._begin) * self._limits.per_second) + 1 - self._sent
        if due > _BURST:  # time that was spent elsewhere is not made up for by a flood
            self._begin += (due - _BURST) / self._limits.per_second
            due = _BURST
        return min(due, self._limits.at_once - len(self._open))

    def _wait(self, more: bool) -> float:
        if self._again or (more and len(self._open) < self._limits.at_once):
            return min(_PAUSE_SECONDS, max(0.001, 1 / self._limits.per_second))
        return _PAUSE_SECONDS

    def _send(self, opened: _Open, now: float) -> Iterator[Unheard]:
        question = opened.question
        self._sent += 1
        key = (question.source or question.place[0], question.place[1], question.number)
        if key in self._open and self._open[key].question is not question:
            yield Unheard(question, "its number is in use for another question: ask again")
            return
        try:
            self._put_out(question)
        except BlockingIOError:
            self._again.append(opened)
            return
        except OSError as error:
            yield Unheard(question, _explain(error.errno or 0, question))
            return
        until = now + self._limits.seconds
        self._open[key] = _Open(until, opened.tries + 1, question)
        self._by_address[key[0]] = key
        self._ends.append((until, key))

    def _put_out(self, question: Question) -> None:
        """Raises OSError: this packet cannot leave, whatever is tried."""
        own = self._choose_socket(question.place[0])
        for _ in range(_PENDING_MOST):
            try:
                own.sendto(question.packet, question.place)
                return
            except OSError as error:
                # The kernel tells whoever sends next of an earlier packet's error; its name is in the queue.
                if error.errno not in _OF_ANOTHER:
                    if error.errno == errno.EACCES:
                        raise OSError(errno.EADDRNOTAVAIL, "") from None
                    raise
        raise BlockingIOError

    def _choose_socket(self, address: str) -> socket.socket:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        if family not in self._sockets:
            self._sockets[family] = _open_socket(family, self._way)
            self._poll.register(self._sockets[family], select.POLLIN)
        return self._sockets[family]

    def _receive(self, own: socket.socket) -> Iterator[Heard]:
        for _ in range(_READ_AT_ONCE):
            try:
                packet, extra, _, sender = own.recvmsg(MOST_BYTES, 128)
            except BlockingIOError:
                return
            except OSError:  # an error of one packet: it stands in the queue
                continue
            if len(packet) < 2:
                continue
            key = (_write_plainly(sender[0]), sender[1], int.from_bytes(packet[:2], "big"))
            if (opened := self._open.pop(key, None)) is not None:
                self._by_address.pop(key[0], None)
                yield Heard(opened.question, packet, _read_hops(own.family, extra))

    def _read_errors(self, own: socket.socket) -> Iterator[Unheard]:
        if sys.platform != "linux":
            return
        for _ in range(_READ_AT_ONCE):
            try:
                _, extra, _, target = own.recvmsg(512, 512, _ERROR_QUEUE)
            except OSError:
                return
            # Routers need not send our own octets back: the address it was sent to must do.
            key = self._by_address.get(_write_plainly(target[0]) if target else "")
            number = next((struct.unpack("=I", data[:4])[0] for _, _, data in extra if len(data) >= 16), 0)
            if key and number and key in self._open:
                self._by_address.pop(key[0], None)
                question = self._open.pop(key).question
                yield Unheard(question, _explain(number, question))

    def _end_late(self, now: float) -> Iterator[Unheard]:
        while self._ends and self._ends[0][0] <= now:
            until, key = self._ends.popleft()
            opened = self._open.get(key)
            if opened is None or opened.until != until:
                continue
            del self._open[key]
            if opened.tries < self._limits.tries:
                self._again.append(opened)
            else:
                self._by_address.pop(key[0], None)
                yield Unheard(opened.question, f"no answer ({opened.tries} tries, {self._limits.seconds:g} s each)")


def _open_socket(family: int, way: Way) -> socket.socket:
    own = socket.socket(family, socket.SOCK_DGRAM)
    own.setblocking(False)
    own.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
    if sys.platform == "linux":
        own.setsockopt(*_RECVERR[socket.AddressFamily(family)], 1)
        own.setsockopt(*_HOPS[socket.AddressFamily(family)][:2], 1)
    if way.interface and family == socket.AF_INET:
        own.bind((way.interface, 0))
        own.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(way.interface))
        own.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, way.hops)
        own.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP, 0)
    if way.hops:
        if family == socket.AF_INET:
            own.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, way.hops)
        else:
            own.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_UNICAST_HOPS, way.hops)
    return own


def _write_plainly(address: str) -> str:
    """IPv6 as `ipaddress` writes it; an IPv4 address is that already."""
    return str(ipaddress.ip_address(address.partition("%")[0])) if ":" in address else address


def _read_hops(family: int, extra: list[tuple[int, int, bytes]]) -> int:
    level, _, kind = _HOPS[socket.AddressFamily(family)]
    return next((struct.unpack("=i", data[:4])[0] for at, what, data in extra if (at, what) == (level, kind)), 0)


def _explain(number: int, question: Question) -> str:
    return _WHY.get(number, os.strerror(number)).format(port=question.place[1])
