"""The processes of a running Windows by its own calls: who runs, since when, what, and what lies in its memory."""

import sys
from collections.abc import Iterator
from typing import NamedTuple

READABLE_AND_RUN = 0xF0
"""The bits of a page's protection that let it be executed."""


class Listed(NamedTuple):
    """A process as the system lists it: its pid, its parent's, its threads, the file name of its program."""

    pid: int
    parent: int
    threads: int
    name: str


class Committed(NamedTuple):
    """A region of memory that is there: where, its size in bytes, its protection, and whether it is the process's own
    (not a file's).
    """

    start: int
    size: int
    protection: int
    private: bool


if sys.platform == "win32":
    import ctypes
    from ctypes import wintypes

    _SNAP_PROCESS = 0x2
    _QUERY_LIMITED, _QUERY, _VM_READ = 0x1000, 0x400, 0x10
    _COMMITTED, _PRIVATE = 0x1000, 0x20000
    _NO_ACCESS, _GUARD = 0x1, 0x100
    _SYNCHRONIZE, _ACCESS_DENIED, _PARTIAL_COPY = 0x100000, 5, 299
    _NOBODY = wintypes.HANDLE(-1).value
    _MOST_PROCESSES = 100_000
    _MOST_REGIONS = 1_000_000
    _MOST_PATH = 32768
    _kernel = ctypes.WinDLL("kernel32", use_last_error=True)

    class _Entry(ctypes.Structure):
        _fields_ = (
            ("size", wintypes.DWORD), ("usage", wintypes.DWORD), ("pid", wintypes.DWORD),
            ("heap", ctypes.c_size_t), ("module", wintypes.DWORD), ("threads", wintypes.DWORD),
            ("parent", wintypes.DWORD), ("priority", wintypes.LONG), ("flags", wintypes.DWORD),
            ("name", wintypes.WCHAR * 260),
        )  # fmt: skip

    class _Region(ctypes.Structure):
        _fields_ = (
            ("base", ctypes.c_size_t), ("allocation", ctypes.c_size_t), ("allocated_as", wintypes.DWORD),
            ("partition", wintypes.WORD), ("size", ctypes.c_size_t), ("state", wintypes.DWORD),
            ("protection", wintypes.DWORD), ("type", wintypes.DWORD),
        )  # fmt: skip

    _kernel.CreateToolhelp32Snapshot.restype = wintypes.HANDLE
    for _call in (_kernel.Process32FirstW, _kernel.Process32NextW):
        _call.argtypes = (wintypes.HANDLE, ctypes.c_void_p)
    _kernel.OpenProcess.restype = wintypes.HANDLE
    _kernel.OpenProcess.argtypes = (wintypes.DWORD, wintypes.BOOL, wintypes.DWORD)
    _kernel.CloseHandle.argtypes = (wintypes.HANDLE,)
    _kernel.QueryFullProcessImageNameW.argtypes = (
        wintypes.HANDLE, wintypes.DWORD, wintypes.LPWSTR, ctypes.POINTER(wintypes.DWORD),
    )  # fmt: skip
    _kernel.GetProcessTimes.argtypes = (wintypes.HANDLE, *(ctypes.POINTER(ctypes.c_ulonglong),) * 4)
    _kernel.VirtualQueryEx.restype = ctypes.c_size_t
    _kernel.VirtualQueryEx.argtypes = (wintypes.HANDLE, ctypes.c_size_t, ctypes.c_void_p, ctypes.c_size_t)
    _kernel.ReadProcessMemory.argtypes = (
        wintypes.HANDLE, ctypes.c_size_t, ctypes.c_void_p, ctypes.c_size_t, ctypes.POINTER(ctypes.c_size_t),
    )  # fmt: skip
    _kernel.GlobalFindAtomW.argtypes = (wintypes.LPCWSTR,)
    _kernel.GlobalFindAtomW.restype = wintypes.WORD
    _kernel.OpenMutexW.argtypes = (wintypes.DWORD, wintypes.BOOL, wintypes.LPCWSTR)
    _kernel.OpenMutexW.restype = wintypes.HANDLE

    def list_processes() -> list[Listed]:
        """Every process, the idle one left out. Raises OSError."""
        snapshot = _kernel.CreateToolhelp32Snapshot(_SNAP_PROCESS, 0)
        if snapshot == _NOBODY:
            raise ctypes.WinError(ctypes.get_last_error())
        found: list[Listed] = []
        entry = _Entry(size=ctypes.sizeof(_Entry))
        try:
            more = _kernel.Process32FirstW(snapshot, ctypes.byref(entry))
            while more and len(found) < _MOST_PROCESSES:
                if entry.pid:
                    found.append(Listed(entry.pid, entry.parent, entry.threads, entry.name))
                more = _kernel.Process32NextW(snapshot, ctypes.byref(entry))
        finally:
            _kernel.CloseHandle(snapshot)
        return found

    class OpenProcess:
        """A process that is held open, so that its pid stays its own. Raises OSError (PermissionError: not ours)."""

        def __init__(self, pid: int, *, memory: bool = False) -> None:
            wanted = _QUERY | _VM_READ if memory else _QUERY_LIMITED
            self._handle = _kernel.OpenProcess(wanted, False, pid)
            if not self._handle:
                raise ctypes.WinError(ctypes.get_last_error())

        def __enter__(self) -> "OpenProcess":
            return self

        def __exit__(self, *_error: object) -> None:
            _kernel.CloseHandle(self._handle)

        def started(self) -> int:
            """When it was started: units of 100 ns since 1601. Raises OSError."""
            times = [ctypes.c_ulonglong() for _ in range(4)]
            if not _kernel.GetProcessTimes(self._handle, *(ctypes.byref(one) for one in times)):
                raise ctypes.WinError(ctypes.get_last_error())
            return times[0].value

        def program(self) -> str:
            """The full path of its program. Raises OSError."""
            size = wintypes.DWORD(_MOST_PATH)
            room = ctypes.create_unicode_buffer(_MOST_PATH)
            if not _kernel.QueryFullProcessImageNameW(self._handle, 0, room, ctypes.byref(size)):
                raise ctypes.WinError(ctypes.get_last_error())
            return room.value

        def regions(self) -> Iterator[Committed]:
            """Its memory in rising order, but for pages that nobody may touch."""
            at, seen = 0, _Region()
            for _ in range(_MOST_REGIONS):
                if not _kernel.VirtualQueryEx(self._handle, at, ctypes.byref(seen), ctypes.sizeof(seen)):
                    return
                untouchable = seen.protection & (_NO_ACCESS | _GUARD) or not seen.protection
                if seen.state == _COMMITTED and not untouchable:
                    yield Committed(seen.base, seen.size, seen.protection, seen.type == _PRIVATE)
                if seen.base + seen.size <= at:
                    return
                at = seen.base + seen.size

        def read(self, address: int, size: int) -> bytes:
            """At most so many bytes; fewer where pages went away meanwhile. Raises OSError."""
            room, got = ctypes.create_string_buffer(size), ctypes.c_size_t()
            if not _kernel.ReadProcessMemory(self._handle, address, room, size, ctypes.byref(got)):
                code = ctypes.get_last_error()
                if code != _PARTIAL_COPY or not got.value:
                    raise ctypes.WinError(code)
            return room.raw[: got.value]

    def has_atom(name: str) -> bool:
        """Whether a global atom of this name exists."""
        return bool(_kernel.GlobalFindAtomW(name))

    def has_mutex(name: str) -> bool:
        """Whether a mutex of this name exists, in this session or for all; one that we may not open exists too."""
        for place in ("Global\\", ""):
            handle = _kernel.OpenMutexW(_SYNCHRONIZE, False, place + name)
            if handle:
                _kernel.CloseHandle(handle)
                return True
            if ctypes.get_last_error() == _ACCESS_DENIED:
                return True
        return False

else:
    _ELSEWHERE = "processes of Windows can be listed on Windows only"

    def list_processes() -> list[Listed]:
        """Raises OSError: this is no Windows."""
        raise OSError(_ELSEWHERE)

    class OpenProcess:
        """Raises OSError: this is no Windows."""

        def __init__(self, pid: int, *, memory: bool = False) -> None:
            raise OSError(f"{_ELSEWHERE}: {pid}, {memory}")

        def __enter__(self) -> "OpenProcess":
            return self

        def __exit__(self, *_error: object) -> None:
            """Nothing is held."""

        def started(self) -> int:
            """As on Windows."""
            return 0

        def program(self) -> str:
            """As on Windows."""
            return ""

        def regions(self) -> Iterator[Committed]:
            """As on Windows."""
            return iter(())

        def read(self, _address: int, _size: int) -> bytes:
            """As on Windows."""
            return b""

    def has_atom(_name: str) -> bool:
        """As on Windows."""
        return False

    def has_mutex(_name: str) -> bool:
        """As on Windows."""
        return False
