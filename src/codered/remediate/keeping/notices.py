"""What the kernel tells of: changes of the firewall that touch our tables, and network devices that come up."""

import errno
import os
import selectors
import signal
import socket
import struct
from types import FrameType

NEEDLE = b"codered"
_NETLINK_NETFILTER, _NETLINK_ROUTE = 12, 0
_SOL_NETLINK, _ADD_MEMBERSHIP = 270, 1
_GROUP_NFTABLES, _GROUP_LINK = 7, 1
_NEWLINK = 16
_MOST = 1 << 16
_MOST_MESSAGES = 1_000


class Notices:
    """Waits for the kernel's notices in the network namespace of who made it; SIGTERM and SIGINT end a wait too."""

    def __init__(self) -> None:
        """Raises OSError."""
        self.asked_to_end = False
        self._chooser = selectors.DefaultSelector()
        self._firewall = _subscribe(_NETLINK_NETFILTER, _GROUP_NFTABLES)
        self._links = _subscribe(_NETLINK_ROUTE, _GROUP_LINK)
        self._waker, self._alarm = socket.socketpair()
        for one in (self._waker, self._alarm):
            one.setblocking(False)
        for source in (self._firewall, self._links, self._waker):
            self._chooser.register(source, selectors.EVENT_READ)

    def obey_signals(self) -> None:
        """Have SIGTERM and SIGINT end the next wait (in the main thread only)."""
        signal.set_wakeup_fd(self._alarm.fileno(), warn_on_full_buffer=False)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._note_signal)

    def wait(self, seconds: float) -> bool:
        """Wait so long, or until something concerns us: whether it did."""
        concerns = False
        for key, _ in self._chooser.select(max(0.0, seconds)):
            source = key.fileobj
            if source is self._firewall:
                concerns |= _drain(self._firewall, is_link=False)
            elif source is self._links:
                concerns |= _drain(self._links, is_link=True)
            else:
                _empty(self._waker)
                concerns = True
        return concerns

    def close(self) -> None:
        """Let go of everything."""
        self._chooser.close()
        for one in (self._firewall, self._links, self._waker, self._alarm):
            one.close()

    def _note_signal(self, _number: int, _frame: FrameType | None) -> None:
        self.asked_to_end = True


def _subscribe(family: int, group: int) -> socket.socket:
    one = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, family)
    try:
        one.bind((0, 0))
        one.setsockopt(_SOL_NETLINK, _ADD_MEMBERSHIP, group)
        one.setblocking(False)
    except OSError:
        one.close()
        raise
    return one


def _drain(one: socket.socket, *, is_link: bool) -> bool:
    """Read what waits; whether any of it concerns us. What was lost may have: then too."""
    concerns = False
    for _ in range(_MOST_MESSAGES):
        try:
            data = one.recv(_MOST)
        except OSError as error:
            if error.errno == errno.ENOBUFS:
                concerns = True
                continue
            return concerns
        concerns |= tells_of_device(data) if is_link else NEEDLE in data
    return True


def tells_of_device(data: bytes) -> bool:
    """Whether a message of the routing family says that there is a device, new or changed."""
    at = 0
    while at + 16 <= len(data):
        length, kind = struct.unpack_from("=IH", data, at)
        if kind == _NEWLINK:
            return True
        if length < 16:
            return False
        at += (length + 3) & ~3
    return False


def _empty(one: socket.socket) -> None:
    try:
        while os.read(one.fileno(), 4096):
            pass
    except BlockingIOError:
        return
