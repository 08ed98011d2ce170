"""A packet socket with a narrow filter: SYNs that leave, ARP, answers of name servers, first data."""

import ctypes
import os
import socket
import struct
from collections.abc import Iterable
from contextlib import suppress

from codered.collect.traffic.packet_batches import MANY, Packet, PacketBatches
from codered.collect.traffic.packet_filter import make_filter

_ATTACH_FILTER = 26
_STAMP = 35  # SO_TIMESTAMPNS, and the kind of its message
_PACKET, _STATISTICS = 263, 6
_EVERYTHING = 0x0003
_QUEUE = 8 << 20  # bytes that wait for us
_MOST_READ = 64  # batches of one go
_libc = ctypes.CDLL(None, use_errno=True)
_FORCED = 33  # SO_RCVBUFFORCE


class PacketSocket:
    """All interfaces of the network namespace it is made in. Raises OSError without the right to it."""

    def __init__(self, ports: Iterable[int], *, replies: bool) -> None:
        self._ports = frozenset(ports)
        self.lost = 0
        self._batches = PacketBatches()
        # No protocol yet: nothing comes before the filter is there.
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC, 0)
        try:
            self.narrow(replies=replies)
            self._socket.setsockopt(socket.SOL_SOCKET, _STAMP, 1)
            with suppress(OSError):
                self._socket.setsockopt(socket.SOL_SOCKET, _FORCED, _QUEUE)
            self._socket.setblocking(False)
            self._bind()
        except OSError:
            self._socket.close()
            raise

    def narrow(self, *, replies: bool) -> None:
        """What comes from now on: with or without the answers to a SYN. Raises OSError."""
        program = make_filter(self._ports, replies=replies)
        held = ctypes.create_string_buffer(program, len(program))
        order = struct.pack("HP", len(program) // 8, ctypes.addressof(held))
        self._socket.setsockopt(socket.SOL_SOCKET, _ATTACH_FILTER, order)

    def _bind(self) -> None:
        """To all interfaces, those to come too: Python's own bind knows only one."""
        place = struct.pack("=H", socket.AF_PACKET) + struct.pack(">H", _EVERYTHING) + bytes(16)
        if _libc.bind(self._socket.fileno(), place, len(place)):
            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code))

    def fileno(self) -> int:
        """The descriptor to wait on."""
        return self._socket.fileno()

    def read(self) -> list[Packet]:
        """What came since, at most some thousand packets; never blocks."""
        found: list[Packet] = []
        for _ in range(_MOST_READ):
            batch = self._batches.read(self._socket.fileno())
            found += batch
            if len(batch) < MANY:  # nothing more; or an interface went down, which the next call tells no more
                break
        return found

    def count_lost(self) -> int:
        """How many packets the kernel has thrown away so far because we were too slow."""
        with suppress(OSError):
            _, dropped = struct.unpack("=II", self._socket.getsockopt(_PACKET, _STATISTICS, 8))
            self.lost += dropped
        return self.lost

    def close(self) -> None:
        """Look no more."""
        self._socket.close()
