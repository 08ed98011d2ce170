"""Connections that were begun before anybody watched: the SYNs of those that wait are sent again, and then look like
raw frames, for nobody saw the kernel begin them; of those that are open, the beginning of what they send is gone.
"""

import os
import socket
from contextlib import suppress
from typing import NamedTuple

from codered.collect.process_files import read_at
from codered.collect.sockets import parse_address

_OPEN, _OPENING = b"01", b"02"
_MOST_TABLE = 16 << 20  # bytes
_TABLES = ("net/tcp", "net/tcp6")


class Begun(NamedTuple):
    """`waiting`: the ends (both packed addresses, both ports) of connections that wait for their first answer; `open`
    is how many are open to one of the ports that were asked for.
    """

    waiting: frozenset[bytes] = frozenset()
    open: int = 0


def look_before(ports: frozenset[int]) -> Begun:
    """The connections of this network namespace, as they are now; none where the tables can't be read."""
    waiting: set[bytes] = set()
    open_ = 0
    with suppress(OSError):
        folder = os.open("/proc/thread-self", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            for table in _TABLES:
                with suppress(OSError):
                    found = parse_begun(read_at(folder, table, _MOST_TABLE), ports)
                    waiting |= found.waiting
                    open_ += found.open
        finally:
            os.close(folder)
    return Begun(frozenset(waiting), open_)


def parse_begun(table: bytes, ports: frozenset[int]) -> Begun:
    """What a table of /proc/net tells."""
    waiting: set[bytes] = set()
    open_ = 0
    for line in table.splitlines()[1:]:
        row = line.split(None, 4)
        if len(row) < 4 or row[3] not in (_OPEN, _OPENING):
            continue
        own, other = parse_address(row[1]), parse_address(row[2])
        if own is None or other is None:
            continue
        if row[3] == _OPENING:
            waiting.add(b"".join((_pack(own[0]), _pack(other[0]), _write(own[1]), _write(other[1]))))
        else:
            open_ += other[1] in ports
    return Begun(frozenset(waiting), open_)


def _pack(address: str) -> bytes:
    return socket.inet_pton(socket.AF_INET6 if ":" in address else socket.AF_INET, address)


def _write(port: int) -> bytes:
    return port.to_bytes(2, "big")
