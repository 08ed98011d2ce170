"""Connections of this host, asked of the kernel (sock_diag), and ended by it: who holds such a socket gets an error.

The rules that stop its packets must be there first, so that what is made meanwhile can't send.
"""

import errno
import socket
import struct
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import NamedTuple

from codered.model.firewall import ContainKind, FirewallOrder, Session
from codered.remediate.firewall.links import dump, raise_error, split_messages
from codered.remediate.firewall.orders import is_allowed, merge_ports, read_address

_SOCK_DIAG, _BY_FAMILY, _DESTROY = 4, 20, 21
_REQUEST, _ACK = 1, 4
_TIME_WAIT, _CLOSE, _LISTEN, _NEW_SYN = 6, 7, 10, 12
_ALL = 0xFFF
_ID = 48  # bytes of the kernel's name for a socket
_GONE = (errno.ENOENT, errno.ESRCH)
_ANY = ("0.0.0.0", "::")  # noqa: S104 - where others listen
_PATIENCE = 5.0
_MOST = 1_000_000


class Open(NamedTuple):
    """A TCP connection: `raw` is the kernel's own name for it, `inode` that of the socket."""

    session: Session
    family: int
    raw: bytes
    inode: int


class Destroyed(NamedTuple):
    """How many were ended, and why others could not be ("" = none)."""

    number: int
    why_not: str = ""


def list_connections() -> Iterator[Open]:
    """Every TCP connection of this network namespace, also one that is only being made. Raises OSError."""
    return _list_sockets(_ALL & ~(1 << _LISTEN | 1 << _TIME_WAIT | 1 << _CLOSE | 1 << _NEW_SYN))


def _list_listeners() -> frozenset[tuple[str, int]]:
    """Where this host listens: addresses and ports. Raises OSError."""
    return frozenset((one.session.local, one.session.local_port) for one in _list_sockets(1 << _LISTEN))


def _list_sockets(states: int) -> Iterator[Open]:
    for family in (socket.AF_INET, socket.AF_INET6):
        request = struct.pack("=BBBBI", family, socket.IPPROTO_TCP, 0, 0, states) + bytes(_ID)
        for kind, body in dump(_SOCK_DIAG, _BY_FAMILY, request):
            if kind == _BY_FAMILY and len(body) >= 72:
                yield _read(body)


def destroy_connections(kind: ContainKind, order: FirewallOrder) -> Destroyed:
    """End the connections that the order does not allow; a throttle ends none, and closed ports none that came in: it
    is a client's that has such a port. Raises OSError, ValueError.
    """
    if not order.destroy or kind == "throttle_outbound":
        return Destroyed(0)
    closed = merge_ports(order.ports, "tcp")
    listeners = _list_listeners() if kind == "block_outbound" else frozenset()

    def is_meant(one: Open) -> bool:
        port = one.session.remote_port
        leads_there = any(first <= port <= last for first, last in closed)
        return kind == "isolate_host" or (leads_there and not _came_in(one.session, listeners))

    return end_connections(one for one in list_connections() if is_meant(one) and not is_allowed(one.session, order))


def _came_in(session: Session, listeners: frozenset[tuple[str, int]]) -> bool:
    return any((address, session.local_port) in listeners for address in (session.local, *_ANY))


def end_connections(meant: Iterable[Open]) -> Destroyed:
    """End these. Raises OSError."""
    count, why_not = 0, ""
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, _SOCK_DIAG) as kernel:
        kernel.settimeout(_PATIENCE)
        for one in list(islice(meant, _MOST)):
            try:
                _destroy(kernel, one)
                count += 1
            except OSError as error:
                if error.errno not in _GONE:
                    why_not = why_not or (error.strerror or str(error))
    return Destroyed(
        count, f"connections that exist already stay, this kernel does not end them: {why_not}" if why_not else ""
    )


def _destroy(kernel: socket.socket, one: Open) -> None:
    body = struct.pack("=BBBBI", one.family, socket.IPPROTO_TCP, 0, 0, _ALL) + one.raw
    kernel.send(struct.pack("=IHHII", 16 + len(body), _DESTROY, _REQUEST | _ACK, 1, 0) + body)
    for kind, answer in split_messages(kernel.recv(1 << 16)):
        if kind == 2:
            raise_error(answer)


def _read(body: bytes) -> Open:
    family = body[0]
    raw = body[4 : 4 + _ID]
    local_port, remote_port = struct.unpack_from(">HH", raw)
    size = 4 if family == socket.AF_INET else 16
    local, remote = (socket.inet_ntop(family, raw[start : start + size]) for start in (4, 20))
    (inode,) = struct.unpack_from("=I", body, 68)
    session = Session(
        local=str(read_address(local)), local_port=local_port, remote=str(read_address(remote)), remote_port=remote_port
    )
    return Open(session, family, raw, inode)
