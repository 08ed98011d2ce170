"""The kernel's word of each process that begins or executes something: opened where it is told, and nothing else let
through, for each word costs a wake.
"""

import ctypes
import os
import socket
import struct
import threading
from contextlib import suppress

from codered.collect.watching.process_starts import open_connector

_FIRST = (2, 1)
_NETWORK = 0x40000000  # CLONE_NEWNET
_ATTACH_FILTER = 26
_WHAT = 36  # where a message says what it tells, behind the heads of netlink and of the connector
_FORK, _EXEC = 0x1, 0x2
_MOST = 1 << 16
_libc = ctypes.CDLL(None, use_errno=True)


def open_told_starts() -> socket.socket | None:
    """A socket that tells of beginnings and executions only; None where the kernel tells nothing. It tells in the
    machine's first network namespace only: go there for it, with a thread that ends.
    """
    first = _find_first_network()
    if first is None:
        return _narrow(open_connector())
    found: list[socket.socket | None] = []

    def go() -> None:
        if not _libc.setns(first, _NETWORK):
            found.append(open_connector())

    try:
        thread = threading.Thread(target=go, name="connector")
        thread.start()
        thread.join()
    finally:
        os.close(first)
    return _narrow(found[0] if found else None)


def _find_first_network() -> int | None:
    """The machine's first network namespace, opened; None if we are in it, or it can't be opened."""
    for pid in _FIRST:  # of the kernel's own thread, or of init
        with suppress(OSError):
            place = f"/proc/{pid}/ns/net"
            if os.readlink(place) == os.readlink("/proc/thread-self/ns/net"):
                return None
            return os.open(place, os.O_RDONLY | os.O_CLOEXEC)
    return None


def make_filter() -> bytes:
    """A program (of `struct sock_filter`) for messages of beginnings and executions."""
    fork, execution = (int.from_bytes(struct.pack("=I", what), "big") for what in (_FORK, _EXEC))
    lines = ((0x20, 0, 0, _WHAT), (0x15, 1, 0, fork), (0x15, 0, 1, execution), (0x06, 0, 0, _MOST), (0x06, 0, 0, 0))
    return b"".join(struct.pack("=HBBI", *line) for line in lines)


def _narrow(connector: socket.socket | None) -> socket.socket | None:
    if connector is not None:
        program = make_filter()
        held = ctypes.create_string_buffer(program, len(program))
        with suppress(OSError):  # more than is needed is well, too
            order = struct.pack("HP", len(program) // 8, ctypes.addressof(held))
            connector.setsockopt(socket.SOL_SOCKET, _ATTACH_FILTER, order)
    return connector
