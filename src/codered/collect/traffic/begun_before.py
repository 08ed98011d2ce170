"""Attempts that were under way before anybody watched: their SYNs are sent again, and then look like raw frames, for
nobody saw the kernel begin them.
"""

import os
import socket
from contextlib import suppress

from codered.collect.process_files import read_at
from codered.collect.sockets import parse_address

_OPENING = b"02"
_MOST_TABLE = 16 << 20  # bytes
_TABLES = ("net/tcp", "net/tcp6")


def list_begun() -> frozenset[tuple[bytes, int]]:
    """The packed addresses and ports that sockets of this network namespace are waiting for right now; none where the
    tables can't be read.
    """
    found: set[tuple[bytes, int]] = set()
    with suppress(OSError):
        folder = os.open("/proc/thread-self", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            for table in _TABLES:
                with suppress(OSError):
                    found.update(parse_opening(read_at(folder, table, _MOST_TABLE)))
        finally:
            os.close(folder)
    return frozenset(found)


def parse_opening(table: bytes) -> set[tuple[bytes, int]]:
    """The other ends of the connections in a table of /proc/net that wait for their first answer."""
    rows = (line.split(None, 4) for line in table.splitlines()[1:])
    ends = (parse_address(row[2]) for row in rows if len(row) > 3 and row[3] == _OPENING)
    return {(_pack(address), port) for address, port in filter(None, ends)}


def _pack(address: str) -> bytes:
    return socket.inet_pton(socket.AF_INET6 if ":" in address else socket.AF_INET, address)
