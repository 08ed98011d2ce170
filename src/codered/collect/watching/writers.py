"""Who wrote a file: fanotify tells the process with each closing of a file that was open for writing. Needs root."""

import ctypes
import os
import struct
from collections import OrderedDict
from contextlib import suppress

from codered.collect.process_identity import identify_process
from codered.model.process import ProcessId

MOST_REMEMBERED = 4096
_CLOEXEC, _NONBLOCK, _UNLIMITED_MARKS = 0x1, 0x2, 0x20
_ADD, _ONLY_FOLDERS = 0x1, 0x8
_CLOSE_WRITE, _ON_CHILD = 0x8, 0x08000000
_EVENT = struct.Struct("=IBBHQii")
_BUFFER = 4096  # bytes: an open file comes with each event

_libc = ctypes.CDLL(None, use_errno=True)
_libc.fanotify_mark.argtypes = (ctypes.c_int, ctypes.c_uint, ctypes.c_uint64, ctypes.c_int, ctypes.c_char_p)


class Writers:
    """Remembers who wrote which file last. Where the kernel gives no fanotify, `known` is false and nobody is known."""

    def __init__(self) -> None:
        self._fd = int(_libc.fanotify_init(_CLOEXEC | _NONBLOCK | _UNLIMITED_MARKS, os.O_RDONLY | os.O_CLOEXEC))
        self._last: OrderedDict[bytes, ProcessId] = OrderedDict()

    @property
    def known(self) -> bool:
        """Whether writers can be told."""
        return self._fd >= 0

    def fileno(self) -> int:
        """The descriptor to wait on; -1 = none."""
        return self._fd

    def watch(self, folder: int) -> None:
        """Also tell who writes right in this open folder; one that can't be marked stays unknown."""
        if self._fd >= 0:
            _libc.fanotify_mark(self._fd, _ADD | _ONLY_FOLDERS, _CLOSE_WRITE | _ON_CHILD, folder, None)

    def read(self) -> None:
        """Take in what happened since."""
        while self._fd >= 0:
            try:
                raw = os.read(self._fd, _BUFFER)
            except OSError:
                return
            self._take(raw)

    def find(self, path: bytes) -> ProcessId | None:
        """The process that wrote the file last, if it was seen."""
        return self._last.get(path)

    def close(self) -> None:
        """Let go of all marks."""
        if self._fd >= 0:
            os.close(self._fd)

    def _take(self, raw: bytes) -> None:
        at = 0
        while at + _EVENT.size <= len(raw):
            length, _, _, _, _, file, pid = _EVENT.unpack_from(raw, at)
            at += max(length, _EVENT.size)
            if file >= 0:
                try:
                    with suppress(OSError):
                        self._remember(os.readlink(b"/proc/self/fd/%d" % file), pid)
                finally:
                    os.close(file)

    def _remember(self, path: bytes, pid: int) -> None:
        who = identify_process(pid) if pid > 0 else None
        if who is None:
            return
        self._last[path] = who
        self._last.move_to_end(path)
        if len(self._last) > MOST_REMEMBERED:
            self._last.popitem(last=False)
