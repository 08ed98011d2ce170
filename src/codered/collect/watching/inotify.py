"""The kernel's inotify: events of folders. Each folder is watched by its open descriptor, so no link is followed."""

import ctypes
import os
import struct
from typing import NamedTuple

IN_ATTRIB, IN_CLOSE_WRITE = 0x4, 0x8
IN_MOVED_FROM, IN_MOVED_TO, IN_CREATE, IN_DELETE = 0x40, 0x80, 0x100, 0x200
IN_DELETE_SELF, IN_MOVE_SELF, IN_UNMOUNT, IN_Q_OVERFLOW, IN_IGNORED = 0x400, 0x800, 0x2000, 0x4000, 0x8000
IN_ISDIR = 0x40000000
_ONLY_FOLDERS, _QUIET_WHEN_UNLINKED = 0x1000000, 0x4000000
WANTED = (
    IN_ATTRIB | IN_CLOSE_WRITE | IN_MOVED_FROM | IN_MOVED_TO | IN_CREATE | IN_DELETE | IN_DELETE_SELF | IN_MOVE_SELF
)
_HEAD = struct.Struct("iIII")
_BUFFER = 1 << 18  # bytes of one read

_libc = ctypes.CDLL(None, use_errno=True)


class RawEvent(NamedTuple):
    """One event as the kernel tells it; `watch` is -1 for a queue that ran over."""

    watch: int
    mask: int
    name: bytes


class Inotify:
    """One queue of events. Raises OSError if the kernel gives none."""

    def __init__(self) -> None:
        self._fd = _libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        if self._fd < 0:
            raise _last_error()

    def fileno(self) -> int:
        """The descriptor to wait on."""
        return int(self._fd)

    def watch(self, folder: int) -> int:
        """Watch the open folder; its number in events. Raises OSError (ENOSPC: the kernel's limit is reached)."""
        path = b"/proc/self/fd/%d" % folder
        number = _libc.inotify_add_watch(self._fd, path, WANTED | _ONLY_FOLDERS | _QUIET_WHEN_UNLINKED)
        if number < 0:
            raise _last_error()
        return int(number)

    def forget(self, watch: int) -> None:
        """Watch no more; one that is gone by now is none."""
        _libc.inotify_rm_watch(self._fd, watch)

    def read(self) -> list[RawEvent]:
        """What happened since, at most one buffer of it. Raises OSError."""
        try:
            raw = os.read(self._fd, _BUFFER)
        except BlockingIOError:
            return []
        return parse_events(raw)

    def close(self) -> None:
        """Let go of all watches."""
        os.close(self._fd)


def parse_events(raw: bytes) -> list[RawEvent]:
    """The events of a buffer of the kernel."""
    found, at = [], 0
    while at + _HEAD.size <= len(raw):
        watch, mask, _, length = _HEAD.unpack_from(raw, at)
        at += _HEAD.size
        found.append(RawEvent(watch, mask, raw[at : at + length].rstrip(b"\0")))
        at += length
    return found


def _last_error() -> OSError:
    number = ctypes.get_errno()
    return OSError(number, os.strerror(number))
