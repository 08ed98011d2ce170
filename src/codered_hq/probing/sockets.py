"""Raw sockets without any waiting, and what their errors mean for the address that was asked."""

import _socket
import errno
import os
import resource
import socket

from codered_hq.model.sweep import State
from codered_hq.probing.ranges import Place
from codered_hq.probing.visiting import SILENT

RawSocket = _socket.socket  # half the cost of the wrapped one, 65,536 times
CLOSED = "the port is closed (refused)"
OWN_FIREWALL = "this machine's own firewall forbids it"
BROADCAST = "it is the broadcast address of a network of this machine: no host"
_KIND = socket.SOCK_STREAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC
_IPV6_RECVERR = 25  # IPv4 keeps what ICMP says of a connection without being told to
_SPARE = 64  # descriptors that are left for everything else
SCARCE = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM, errno.EADDRNOTAVAIL, errno.EAGAIN})
"""What this machine has too little of just now: wait and try again, nothing is lost."""
LASTING = frozenset({errno.EADDRNOTAVAIL, errno.EAGAIN})
"""Of these, what will not get better where nothing of ours is open."""
_BEGUN = frozenset({0, errno.EINPROGRESS})
_OWN = {
    errno.ENETUNREACH: "this machine has no route to it",
    errno.EHOSTUNREACH: "this machine has no route to it",
    errno.EPERM: OWN_FIREWALL,
    errno.EACCES: "this machine's own rules forbid it",
}
_NO_WAY = "no route on the way (ICMP)"
_ON_THE_WAY = {
    errno.EHOSTUNREACH: "refused on the way: no way to the host, or prohibited (ICMP)",
    errno.ENETUNREACH: _NO_WAY,
    errno.EACCES: "prohibited by a firewall (ICMP)",
    errno.EPERM: "prohibited by a firewall (ICMP)",
    errno.EHOSTDOWN: _NO_WAY,
    errno.ENONET: _NO_WAY,
    errno.ENOPROTOOPT: "the protocol is refused (ICMP)",
    errno.EPROTO: "the packet was not understood on the way (ICMP)",
}


class NotBegun(Exception):
    """No connection was begun: `number` is the errno; nothing was sent."""

    def __init__(self, number: int) -> None:
        super().__init__(os.strerror(number))
        self.number = number


def begin(place: Place, port: int) -> RawSocket:
    """A socket that is connecting. Raises NotBegun."""
    try:
        sock = RawSocket(place.family, _KIND)
    except OSError as error:
        raise NotBegun(error.errno or errno.EIO) from None
    if place.family == socket.AF_INET6:
        sock.setsockopt(socket.IPPROTO_IPV6, _IPV6_RECVERR, 1)
    number = sock.connect_ex((place.text, port))
    if number in _BEGUN:
        return sock
    sock.close()
    raise NotBegun(number)


def explain_own(place: Place, number: int) -> str:
    """Why nothing was sent to an address at all."""
    if number in (errno.ENETUNREACH, errno.EACCES) and place.family == socket.AF_INET and _is_broadcast(place):
        return BROADCAST
    return _OWN.get(number, f"this machine can't: {os.strerror(number)}")


def explain(number: int) -> tuple[State, str]:
    """What an error of a connection says about the address where nothing more is known than its number."""
    if number == errno.ECONNREFUSED:
        return "not_web", CLOSED
    if number == errno.ETIMEDOUT:
        return "no_answer", SILENT
    if told := _ON_THE_WAY.get(number):
        return "filtered", told
    if number == errno.ECONNRESET:
        return "undetermined", "took the connection and reset it"
    return "filtered", f"the connection failed: {os.strerror(number)}"


def raise_limit(wanted: int) -> int:
    """How many sockets may be open at once, up to `wanted`; the soft limit is raised to the hard one for it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < wanted + _SPARE and soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        soft = hard
    open_now = len(os.listdir("/proc/self/fd"))
    return max(1, min(wanted, soft - open_now - _SPARE)) if soft != resource.RLIM_INFINITY else wanted


def _is_broadcast(place: Place) -> bool:
    """A datagram socket may not be pointed at a broadcast address unasked; nothing is sent by pointing it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        return sock.connect_ex((place.text, 9)) == errno.EACCES
