"""Sockets and whose they are, of all processes in one go."""

from typing import NamedTuple

import psutil

from codered.model.process import Connection

MOST_OF_ONE = 2_000  # connections kept of one process
_PROTOCOLS = {1: "tcp", 2: "udp"}


class Socket(NamedTuple):
    """A socket as a process holds it: the number of its descriptor, and what it is connected to."""

    descriptor: int
    connection: Connection


class SocketsSeen(NamedTuple):
    """The sockets of each pid, and why there are none ("" = they could be read)."""

    of: dict[int, list[Socket]]
    trouble: str = ""


def read_sockets(proc: str = "/proc") -> SocketsSeen:
    """All internet sockets whose owner can be seen; without root only one's own."""
    before = psutil.PROCFS_PATH
    psutil.PROCFS_PATH = proc
    try:
        seen = psutil.net_connections(kind="inet")
    except (psutil.Error, OSError, RuntimeError, ValueError, IndexError) as error:
        return SocketsSeen({}, str(error) or type(error).__name__)
    finally:
        psutil.PROCFS_PATH = before
    of: dict[int, list[Socket]] = {}
    for one in seen:
        held = of.setdefault(one.pid, []) if one.pid else None
        if held is not None and len(held) < MOST_OF_ONE:
            protocol = _PROTOCOLS.get(int(one.type), str(int(one.type)))
            connection = Connection(
                protocol=protocol, local=_host(one.laddr), local_port=_port(one.laddr), remote=_host(one.raddr),
                remote_port=_port(one.raddr), state=str(one.status),
            )  # fmt: skip
            held.append(Socket(one.fd, connection))
    return SocketsSeen(of)


def _host(address: tuple[object, ...]) -> str:
    return str(address[0]) if address else ""


def _port(address: tuple[object, ...]) -> int:
    return int(str(address[1])) if address else 0


def read_raw_sockets(proc: str = "/proc") -> frozenset[bytes]:
    """The inodes of sockets that see whole packets (AF_PACKET and raw IP); empty where the tables can't be read."""
    inodes: set[bytes] = set()
    for table in ("packet", "raw", "raw6"):
        try:
            with open(f"{proc}/net/{table}", "rb") as file:
                lines = file.read(4 << 20).splitlines()[1:]
        except OSError:
            continue
        column = -1 if table == "packet" else 9
        inodes.update(fields[column] for line in lines if len(fields := line.split()) > 8)
    return frozenset(inodes)
