"""Ending what frozen processes have open: the kernel would send on what they wrote, and ask again for what they ask."""

import socket
from collections.abc import Iterable

from codered.remediate.firewall.sessions import list_sockets
from codered.remediate.firewall.sockets import Destroyed, Open, end_connections, list_connections


def end_connections_of(pids: Iterable[int], port: int) -> Destroyed:
    """End the TCP connections of these processes to this port, wherever they lead, but for loopback. Raises OSError."""
    own = {inode for pid in pids for inode in list_sockets(pid)}
    return end_connections(one for one in list_connections() if one.inode in own and _leads_to(one, port))


def _leads_to(one: Open, port: int) -> bool:
    family = socket.AF_INET6 if ":" in one.session.remote else socket.AF_INET
    first = socket.inet_pton(family, one.session.remote)
    is_loopback = first[0] == 127 if family == socket.AF_INET else first == bytes(15) + b"\1"
    return one.session.remote_port == port and not is_loopback
