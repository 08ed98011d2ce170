"""Sockets by their inode, from the tables a process sees: each network namespace has its own, and is read once.

A socket that several processes hold belongs to all of them: a shell that inherits a connection is what we look for.
"""

import ipaddress
import socket
import struct
from collections.abc import Iterator
from importlib import resources

import msgspec

from codered.collect.process_files import read_at, read_link
from codered.model.process import Connection

MOST_TABLE = 64 << 20  # bytes of one table
MOST_OF_ONE = 2_000  # connections kept of one process
_TABLES = {"tcp": "tcp", "tcp6": "tcp", "udp": "udp", "udp6": "udp"}
_RAW = {"packet": 8, "raw": 9, "raw6": 9}  # where a table has the inode
_UNSPECIFIED = ("0.0.0.0", "::")  # noqa: S104 - what tables write for "none"


class _Namespace(msgspec.Struct, frozen=True):
    connections: dict[bytes, Connection]
    raw: frozenset[bytes]


_NOTHING = _Namespace({}, frozenset())


class SocketTables:
    """The sockets of a machine; `troubles` says which tables could not be read."""

    def __init__(self) -> None:
        states = resources.files("codered.collect").joinpath("socket_states.json").read_bytes()
        self._states = msgspec.json.decode(states, type=dict[str, str])
        self._namespaces: dict[bytes, _Namespace] = {}
        self.troubles: list[str] = []

    def connections(self, folder: int, inodes: frozenset[bytes]) -> tuple[Connection, ...]:
        """What the process with this folder in /proc is connected to by the sockets it holds."""
        known = self._namespace(folder).connections if inodes else {}
        return tuple(known[inode] for inode in sorted(inodes)[:MOST_OF_ONE] if inode in known)

    def find(self, folder: int, inode: bytes) -> Connection | None:
        """The connection of one socket; None if it is none of the internet."""
        return self._namespace(folder).connections.get(inode)

    def has_raw(self, folder: int, inodes: frozenset[bytes]) -> bool:
        """Whether one of the sockets sees whole packets (AF_PACKET or raw IP)."""
        return bool(inodes) and not inodes.isdisjoint(self._namespace(folder).raw)

    def _namespace(self, folder: int) -> _Namespace:
        try:
            name = read_link(folder, "ns/net")
        except OSError:
            name = b""  # without root: most share ours
        if name not in self._namespaces:
            self._namespaces[name] = self._read(folder)
        return self._namespaces[name]

    def _read(self, folder: int) -> _Namespace:
        found: dict[bytes, Connection] = {}
        for table, protocol in _TABLES.items():
            for line in self._lines(folder, table, needed=not table.endswith("6")):
                fields = line.split()
                connection = self._parse(fields, protocol)
                if connection is not None:
                    found[fields[9]] = connection
        raw: set[bytes] = set()
        for table, column in _RAW.items():
            lines = self._lines(folder, table, needed=False)
            raw.update(fields[column] for line in lines if len(fields := line.split()) > column)
        return _Namespace(found, frozenset(raw))

    def _lines(self, folder: int, table: str, needed: bool) -> Iterator[bytes]:
        try:
            data = read_at(folder, f"net/{table}", MOST_TABLE)
        except OSError as error:
            if needed:
                self.troubles.append(f"{table}: {error.strerror or error}")
            return
        yield from data.split(b"\n")[1:]

    def _parse(self, fields: list[bytes], protocol: str) -> Connection | None:
        if len(fields) < 10:
            return None
        local, remote = parse_address(fields[1]), parse_address(fields[2])
        if local is None or remote is None:
            return None
        state = self._states.get(fields[3].decode(errors="replace").upper(), "NONE") if protocol == "tcp" else "NONE"
        far = "" if remote[0] in _UNSPECIFIED else remote[0]
        return Connection(
            protocol=protocol, local=local[0], local_port=local[1], remote=far, remote_port=remote[1], state=state
        )


def parse_address(field: bytes) -> tuple[str, int] | None:
    """An address and port as /proc/net writes them (hexadecimal, words in the machine's order); None if it is none."""
    address, _, port = field.partition(b":")
    try:
        words = bytes.fromhex(address.decode())
        number = int(port, 16)
    except ValueError:
        return None
    if len(words) not in (4, 16) or not 0 <= number <= 0xFFFF:
        return None
    ordered = b"".join(struct.pack(">I", *struct.unpack("=I", words[at : at + 4])) for at in range(0, len(words), 4))
    if len(ordered) == 4:
        return socket.inet_ntoa(ordered), number
    six = ipaddress.IPv6Address(ordered)
    return str(six.ipv4_mapped or six), number
