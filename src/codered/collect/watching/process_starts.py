"""Which processes start a program: told by the kernel's process connector, or found by looking at /proc again."""

import os
import select
import socket
import struct
from collections.abc import Iterator
from typing import Literal, NamedTuple

_CONNECTOR = 11
_INDEX, _VALUE = 1, 1
_LISTEN = 1
_FORK, _EXEC = 0x1, 0x2
_DONE = 3
_NETLINK = struct.Struct("=IHHII")
_MESSAGE = struct.Struct("=IIIIHH")
_EVENT = struct.Struct("=IIQ")
_ANSWER_SECONDS = 0.3
_QUEUE = 4 << 20  # bytes of events that wait for us
_MOST_READ = 256  # datagrams of one go


class ProcessChange(NamedTuple):
    """A thread began (`kind` "began"; the first of a process has the process's own number) or executed a program.
    `parent` is the process that began it (0 for "executed"), `at` in nanoseconds of CLOCK_MONOTONIC.
    """

    kind: Literal["began", "executed"]
    thread: int
    process: int
    parent: int
    at: int


class ProcessStarts:
    """Started programs. `told`: the kernel tells each; else /proc is compared with what it was at the last look, and
    what lived only in between is not seen.
    """

    def __init__(self, proc: str = "/proc", *, ask_kernel: bool = True) -> None:
        self._proc = proc
        self._socket = open_connector() if ask_kernel else None
        self._known = self._list()
        self.lost = 0

    @property
    def told(self) -> bool:
        """Whether the kernel tells."""
        return self._socket is not None

    def fileno(self) -> int:
        """The descriptor to wait on; -1 = none, ask by the clock."""
        return self._socket.fileno() if self._socket is not None else -1

    def read(self) -> list[int]:
        """The pids that started a program since; `lost` counts how often some were missed."""
        if self._socket is None:
            now = self._list()
            new = now - self._known
            self._known = now
            return sorted(new)
        found: dict[int, None] = {}
        for changes in receive_changes(self._socket, _MOST_READ):
            self.lost += changes is None
            found.update((change.process, None) for change in changes or () if change.kind == "executed")
        return list(found)

    def close(self) -> None:
        """Listen no more."""
        if self._socket is not None:
            self._socket.close()

    def _list(self) -> set[int]:
        try:
            return {int(name) for name in os.listdir(self._proc) if name.isdigit()}
        except OSError:
            return set()


def receive_changes(connector: socket.socket, most: int) -> Iterator[list[ProcessChange] | None]:
    """What the kernel has told since, datagram by datagram, at most so many; None where its queue ran over and some
    were missed.
    """
    for _ in range(most):
        try:
            raw, sender = connector.recvfrom(1 << 16)
        except BlockingIOError:
            return
        except OSError:  # ENOBUFS
            yield None
            continue
        if sender[0] == 0:  # the kernel, and nobody else
            yield parse_changes(raw)


def parse_changes(raw: bytes) -> list[ProcessChange]:
    """Beginnings and executions of the messages of one datagram."""
    found, at = [], 0
    while at + _NETLINK.size <= len(raw):
        length, kind, _, _, _ = _NETLINK.unpack_from(raw, at)
        body = at + _NETLINK.size + _MESSAGE.size
        if length < _NETLINK.size:
            break
        if kind == _DONE and body + _EVENT.size + 8 <= len(raw):
            change = _parse_change(raw, body)
            if change is not None:
                found.append(change)
        at += (length + 3) & ~3
    return found


def _parse_change(raw: bytes, body: int) -> ProcessChange | None:
    what, _, when = _EVENT.unpack_from(raw, body)
    if what == _EXEC:
        thread, process = struct.unpack_from("=II", raw, body + _EVENT.size)
        return ProcessChange("executed", thread, process, 0, when)
    if what == _FORK and body + _EVENT.size + 16 <= len(raw):
        _, parent, thread, process = struct.unpack_from("=IIII", raw, body + _EVENT.size)
        return ProcessChange("began", thread, process, parent, when)
    return None


def open_connector() -> socket.socket | None:
    """A socket on which the kernel has answered: in a container it takes the wish and never tells anything."""
    try:
        channel = socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC, _CONNECTOR)
    except OSError:
        return None
    try:
        channel.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _QUEUE)
        channel.bind((0, _INDEX))
        wish = struct.pack("=I", _LISTEN)
        message = _MESSAGE.pack(_INDEX, _VALUE, 0, 0, len(wish), 0) + wish
        channel.send(_NETLINK.pack(_NETLINK.size + len(message), _DONE, 0, 0, os.getpid()) + message)
        channel.setblocking(False)
        waiting = select.poll()  # select() knows no descriptor above 1023
        waiting.register(channel, select.POLLIN)
        if waiting.poll(_ANSWER_SECONDS * 1000):
            return channel
    except OSError:
        pass
    channel.close()
    return None
