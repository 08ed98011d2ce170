"""An instance of the kernel's tracing of our own: which sockets reach out, and what becomes of it. Nothing of it is
left behind, and tracefs is mounted where nobody sees it if it is not there.
"""

import ctypes
import os
import re
import stat
from contextlib import suppress

from codered.collect.process_identity import identify_process
from codered.collect.traffic.trace_pages import AGAIN, STATE, WANTED, TraceReader, TraceRecord

PLACES = ("/sys/kernel/tracing", "/sys/kernel/debug/tracing")
_FSOPEN, _FSCONFIG, _FSMOUNT = 430, 431, 432  # the same numbers on every machine since Linux 5.2
_CREATE = 6
_BUFFERS = 16 << 10  # KiB for all processors together
_MOST_PAGES = 512  # of one processor in one go
_MOST_TEXT = 1 << 20
_NAME = re.compile(r"^codered-(\d{1,10})-(\d{1,20})$")
_REACHES = b"protocol==6 && (newstate==2 || oldstate==2%s)"
# Of what ends without an answer, only what something that arrived has ended (24: in an interrupt): a program that
# closes its socket says nothing of the other side.
_FILTERS = {
    STATE: (_REACHES % b" && (newstate==1 || common_flags & 24)", _REACHES % b""),
    AGAIN: (b"state==2",),
}

_libc = ctypes.CDLL(None, use_errno=True)


class TraceInstance:
    """Events of TCP sockets that reach out, of all processes and network namespaces of the machine. Raises OSError if
    the kernel, or our rights, do not allow it.
    """

    def __init__(self, root: int | None = None) -> None:
        self._root = open_tracefs() if root is None else root
        self._pipes: list[int] = []
        self._name = ""
        try:
            remove_left_behind(self._root)
            self._prepare()
        except (OSError, ValueError) as error:
            self.close()
            raise error if isinstance(error, OSError) else OSError(str(error)) from None

    @property
    def descriptors(self) -> tuple[int, ...]:
        """One for each processor, to wait on."""
        return tuple(self._pipes)

    @property
    def lost(self) -> int:
        """How many events the kernel has thrown away so far (at least)."""
        return self._reader.lost

    def read(self) -> list[TraceRecord]:
        """What happened since, unsorted; never blocks, at most some thousand pages."""
        found: list[TraceRecord] = []
        for pipe in self._pipes:
            for _ in range(_MOST_PAGES):
                try:
                    page = os.read(pipe, self._reader.page_size)
                except BlockingIOError:
                    break
                if not page:
                    break
                found.extend(self._reader.read_page(page))
        return found

    def read_leaders(self) -> dict[int, int]:
        """Which process each thread belongs to, of those that ran since we began; also of those that are gone."""
        with suppress(OSError, ValueError):
            pairs = (line.split() for line in _read(self._root, "saved_tgids", 8 << 20).splitlines())
            return {int(pair[0]): int(pair[1]) for pair in pairs if len(pair) == 2}
        return {}

    def close(self) -> None:
        """Stop, and take the instance away."""
        for pipe in self._pipes:
            os.close(pipe)
        self._pipes = []
        if self._name:
            with suppress(OSError):
                os.rmdir(self._name, dir_fd=self._root)
            self._name = ""
        if self._root >= 0:
            os.close(self._root)
            self._root = -1

    def _prepare(self) -> None:
        own = identify_process(os.getpid())
        name = f"instances/codered-{os.getpid()}-{own.start if own else 0}"
        os.mkdir(name, dir_fd=self._root)
        self._name = name
        processors = sum(1 for one in self._list(f"{name}/per_cpu") if one.startswith("cpu"))
        size = max(256, min(4096, _BUFFERS // max(1, processors)))
        _write(self._root, f"{name}/trace_clock", b"mono")
        _write(self._root, f"{name}/buffer_size_kb", b"%d" % size)
        for option, value in (("buffer_percent", b"0"), ("options/record-tgid", b"1"), ("options/record-cmd", b"0")):
            with suppress(OSError):  # an older kernel has not all of them
                _write(self._root, f"{name}/{option}", value)
        formats = {event: _read(self._root, f"{name}/events/{event}/format") for event in WANTED}
        self._reader = TraceReader(formats, _read(self._root, "events/header_page"))
        for event in WANTED:
            if event in _FILTERS:
                self._filter(f"{name}/events/{event}/filter", _FILTERS[event])
            _write(self._root, f"{name}/events/{event}/enable", b"1")
        for one in sorted(self._list(f"{name}/per_cpu")):
            flags = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC
            self._pipes.append(os.open(f"{name}/per_cpu/{one}/trace_pipe_raw", flags, dir_fd=self._root))

    def _filter(self, place: str, filters: tuple[bytes, ...]) -> None:
        """The first of the filters that this kernel takes. Raises OSError."""
        for text in filters[:-1]:
            with suppress(OSError):
                _write(self._root, place, text)
                return
        _write(self._root, place, filters[-1])

    def _list(self, place: str) -> list[str]:
        return _list(self._root, place)


def open_tracefs() -> int:
    """A descriptor of tracefs' root. Raises OSError."""
    reason: OSError | None = None
    for place in (PLACES[0], "", PLACES[1]):
        try:
            return _open_mounted(place) if place else _mount_unseen()
        except OSError as error:
            reason = reason or error
    raise reason or FileNotFoundError(PLACES[0])


def remove_left_behind(root: int) -> None:
    """Take away the instances of runs that are dead. One that is in use the kernel keeps in any case."""
    for name in _list(root, "instances"):
        ours = _NAME.match(name)
        if ours is None:
            continue
        holder = identify_process(int(ours[1]))
        if holder is None or holder.start != int(ours[2]):
            with suppress(OSError):
                os.rmdir(f"instances/{name}", dir_fd=root)


def _open_mounted(place: str) -> int:
    found = os.open(place, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        if not stat.S_ISDIR(os.stat("instances", dir_fd=found).st_mode):
            raise FileNotFoundError(place)
    except OSError:
        os.close(found)
        raise
    return found


def _mount_unseen() -> int:
    """A mount that has no place in the tree, and is gone with its last descriptor."""
    context = _call(_FSOPEN, b"tracefs", 1)
    try:
        _call(_FSCONFIG, context, _CREATE, None, None, 0)
        mount = _call(_FSMOUNT, context, 1, 0)
    finally:
        os.close(context)
    try:
        return os.open(".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=mount)
    finally:
        os.close(mount)


def _call(number: int, *words: object) -> int:
    answer = int(_libc.syscall(number, *words))
    if answer < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return answer


def _list(root: int, place: str) -> list[str]:
    folder = os.open(place, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=root)
    try:
        return os.listdir(folder)
    finally:
        os.close(folder)


def _read(root: int, place: str, most: int = _MOST_TEXT) -> bytes:
    with open(os.open(place, os.O_RDONLY | os.O_CLOEXEC, dir_fd=root), "rb") as file:
        return file.read(most)


def _write(root: int, place: str, text: bytes) -> None:
    with open(os.open(place, os.O_WRONLY | os.O_CLOEXEC, dir_fd=root), "wb", buffering=0) as file:
        file.write(text)
