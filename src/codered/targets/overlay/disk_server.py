"""The evidence as a read-only disk on a socket (NBD, fixed newstyle): what serves its sectors is what scanned them, so
that no other reader of hostile containers is involved, and any container can lie beneath an overlay.
"""

import os
import socket
import struct
import sys
from collections.abc import Iterator

from codered.model.errors import WrongUse
from codered.targets.images.containers import Disk, open_container

_MAGIC, _OPTION, _REPLY = b"NBDMAGIC", b"IHAVEOPT", 0x3E889045565A9
_REQUEST, _SIMPLE = 0x25609513, 0x67446698
_FLAGS = 3  # fixed newstyle, no zeroes
_EXPORT_FLAGS = 0b11 | 1 << 8  # has flags, read only; more than one connection sees the same
_ABORT, _INFO, _GO = 2, 6, 7
_ACK, _IS_INFO, _UNKNOWN = 1, 3, 0x80000001
_READ, _WRITE, _DISCONNECT, _FLUSH = 0, 1, 2, 3
_REFUSED, _BROKEN, _WRONG = 1, 5, 22  # EPERM, EIO, EINVAL
_MOST_READ = 32 << 20
_MOST_OPTION = 4096
_SECTOR = 512


class _Ended(Exception):
    """The other side went."""


def start_disk_server(path: bytes) -> tuple[int, socket.socket]:
    """Serve the disk in the image at `path` from a process of its own, which ends when the other end of the socket is
    closed. Its pid, and that other end. Raises OSError.
    """
    ours, theirs = socket.socketpair()
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid:
        ours.close()
        return pid, theirs
    code = 1
    try:
        os.setsid()  # Ctrl-C in the terminal must not take the disk away from under a mounted volume
        kept = os.dup2(ours.fileno(), 3) if ours.fileno() != 3 else 3
        os.closerange(4, max(1 << 16, kept + 1))  # locks above all
        container = open_container(path)  # anew: no two processes may share its files' positions
        with socket.socket(fileno=kept) as connection:
            serve_disk(connection, container.disk)
        code = 0
    except (OSError, WrongUse, _Ended):
        pass
    finally:
        os._exit(code)


def serve_disk(connection: socket.socket, disk: Disk) -> None:
    """Answer until the other side goes. Raises OSError."""
    try:
        if not _negotiate(connection, disk.size):
            return
        for kind, handle, offset, size in _requests(connection):
            if kind in (_DISCONNECT, _WRITE):  # nobody was told that it can be written
                return
            error, data = _answer(disk, kind, offset, size)
            connection.sendall(struct.pack(">IIQ", _SIMPLE, error, handle) + data)
    except _Ended:
        return


def _negotiate(connection: socket.socket, size: int) -> bool:
    """Whether the other side wants the disk."""
    connection.sendall(_MAGIC + _OPTION + struct.pack(">H", _FLAGS))
    _receive(connection, 4)
    while True:
        magic, option, length = struct.unpack(">8sII", _receive(connection, 16))
        if magic != _OPTION or length > _MOST_OPTION:
            raise _Ended
        _receive(connection, length)
        if option in (_INFO, _GO):
            _reply(connection, option, _IS_INFO, struct.pack(">HQH", 0, size, _EXPORT_FLAGS))
            _reply(connection, option, _ACK)
            if option == _GO:
                return True
        elif option == _ABORT:
            _reply(connection, option, _ACK)
            return False
        else:
            _reply(connection, option, _UNKNOWN)


def _reply(connection: socket.socket, option: int, kind: int, data: bytes = b"") -> None:
    connection.sendall(struct.pack(">QIII", _REPLY, option, kind, len(data)) + data)


def _requests(connection: socket.socket) -> Iterator[tuple[int, int, int, int]]:
    while True:
        magic, _, kind, handle, offset, size = struct.unpack(">IHHQQI", _receive(connection, 28))
        if magic != _REQUEST:
            return
        yield kind, handle, offset, size


def _answer(disk: Disk, kind: int, offset: int, size: int) -> tuple[int, bytes]:
    """An error number, or 0 and the bytes."""
    if kind == _FLUSH:
        return 0, b""
    if kind != _READ:
        return _REFUSED, b""
    if size > _MOST_READ or offset + size > disk.size + _SECTOR:
        return _WRONG, b""
    there = max(min(size, disk.size - offset), 0)  # the last sector may be cut short
    try:
        data = disk.read(offset, there) if there else b""
    except OSError:
        return _BROKEN, b""
    return (0, data.ljust(size, b"\0")) if len(data) == there else (_BROKEN, b"")


def _receive(connection: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        piece = connection.recv(size - len(data))
        if not piece:
            raise _Ended
        data += piece
    return data
