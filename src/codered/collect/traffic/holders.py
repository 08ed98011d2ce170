"""Whose socket it is, asked after the fact: of the kernel the socket, of /proc who holds it. Slow, so it is bounded;
what lives too short is not found.
"""

import os
import socket
import struct
import time
from contextlib import suppress

_DIAG, _BY_FAMILY, _REQUEST, _ERROR = 4, 20, 1, 2
_HEAD = struct.Struct("=IHHII")
_ANSWER = 72  # bytes of inet_diag_msg
_NO_COOKIE = b"\xff" * 8
_SECONDS = 0.2
_A_SECOND = 0.05  # seconds of searching in a second, at most
_RECENT = 8  # processes that are asked first: who reached out just now


class Holders:
    """Finds the process of a TCP socket of our network namespace. Raises OSError if the kernel tells nothing."""

    def __init__(self) -> None:
        self._channel = socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC, _DIAG)
        self._channel.settimeout(_SECONDS)
        self._recent: list[int] = []
        self._spent, self._second = 0.0, 0

    def find(self, source: bytes, source_port: int, destination: bytes, port: int) -> int:
        """The pid; 0 if the socket, or its holder, is not to be found (any more), or too many were asked for."""
        began = time.monotonic()
        if int(began) != self._second:
            self._second, self._spent = int(began), 0.0
        if self._spent > _A_SECOND:
            return 0
        try:
            return self._search(source, source_port, destination, port)
        finally:
            self._spent += time.monotonic() - began

    def _search(self, source: bytes, source_port: int, destination: bytes, port: int) -> int:
        inode = self._find_inode(source, source_port, destination, port)
        if not inode:
            return 0
        name = b"socket:[%d]" % inode
        for pid in self._recent:
            if _holds(pid, name):
                return pid
        for pid in sorted((int(one) for one in os.listdir("/proc") if one.isdigit()), reverse=True):
            if _holds(pid, name):
                self._recent = [pid, *(one for one in self._recent if one != pid)][:_RECENT]
                return pid
        return 0

    def close(self) -> None:
        """Ask no more."""
        self._channel.close()

    def _find_inode(self, source: bytes, source_port: int, destination: bytes, port: int) -> int:
        families = (socket.AF_INET, socket.AF_INET6) if len(source) == 4 else (socket.AF_INET6,)
        for family in families:
            if family == socket.AF_INET6 and len(source) == 4:
                source, destination = (bytes(10) + b"\xff\xff" + one for one in (source, destination))
            ends = struct.pack(">HH16s16s", source_port, port, source, destination) + struct.pack("=I", 0) + _NO_COOKIE
            question = struct.pack("=BBBBI", family, socket.IPPROTO_TCP, 0, 0, 0xFFFFFFFF) + ends
            with suppress(OSError):
                self._channel.send(_HEAD.pack(_HEAD.size + len(question), _BY_FAMILY, _REQUEST, 1, 0) + question)
                raw = self._channel.recv(1 << 14)
                inode = parse_inode(raw)
                if inode:
                    return inode
        return 0


def parse_inode(raw: bytes) -> int:
    """The inode of the kernel's answer; 0 if it is a refusal, or none."""
    if len(raw) < _HEAD.size + _ANSWER or _HEAD.unpack_from(raw)[1] != _BY_FAMILY:
        return 0
    return int(struct.unpack_from("=I", raw, _HEAD.size + 68)[0])


def _holds(pid: int, name: bytes) -> bool:
    folder = b"/proc/%d/fd" % pid
    with suppress(OSError):
        for descriptor in os.listdir(folder):
            with suppress(OSError):
                if os.readlink(folder + b"/" + descriptor) == name:
                    return True
    return False
