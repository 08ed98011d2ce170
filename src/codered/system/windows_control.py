"""Stopping, ending and waiting for processes of a running Windows, each held open so that its pid stays its own."""

import sys

if sys.platform == "win32":
    import ctypes
    import struct
    from ctypes import wintypes

    _TERMINATE, _SUSPEND, _QUERY_LIMITED, _SYNCHRONIZE = 0x1, 0x800, 0x1000, 0x100000
    _SUSPEND_THREAD, _SNAP_THREADS = 0x2, 0x4
    _NOBODY = wintypes.HANDLE(-1).value
    _NO_COUNT = 0xFFFFFFFF
    _TIME_OF_DAY, _TIME_OF_DAY_SIZE = 3, 48
    _MOST_THREADS = 100_000
    _kernel = ctypes.WinDLL("kernel32", use_last_error=True)
    _native = ctypes.WinDLL("ntdll")

    class _Thread(ctypes.Structure):
        _fields_ = (
            ("size", wintypes.DWORD), ("usage", wintypes.DWORD), ("id", wintypes.DWORD), ("owner", wintypes.DWORD),
            ("priority", wintypes.LONG), ("change", wintypes.LONG), ("flags", wintypes.DWORD),
        )  # fmt: skip

    _kernel.OpenProcess.restype = _kernel.OpenThread.restype = wintypes.HANDLE
    _kernel.CreateToolhelp32Snapshot.restype = wintypes.HANDLE
    for _call in (_kernel.OpenProcess, _kernel.OpenThread):
        _call.argtypes = (wintypes.DWORD, wintypes.BOOL, wintypes.DWORD)
    for _call in (_kernel.Thread32First, _kernel.Thread32Next):
        _call.argtypes = (wintypes.HANDLE, ctypes.c_void_p)
    for _call in (_kernel.SuspendThread, _kernel.ResumeThread):
        _call.argtypes = (wintypes.HANDLE,)
        _call.restype = wintypes.DWORD
    for _call in (_kernel.CloseHandle, _native.NtSuspendProcess, _native.NtResumeProcess):
        _call.argtypes = (wintypes.HANDLE,)
    _kernel.TerminateProcess.argtypes = (wintypes.HANDLE, wintypes.UINT)
    _kernel.WaitForSingleObject.argtypes = (wintypes.HANDLE, wintypes.DWORD)
    _kernel.GetProcessTimes.argtypes = (wintypes.HANDLE, *(ctypes.POINTER(ctypes.c_ulonglong),) * 4)

    class ControlledProcess:
        """A process that is held open; with `change` it may be stopped and ended. Raises OSError (PermissionError: it
        is not ours to touch; winerror 87: there is none).
        """

        def __init__(self, pid: int, *, change: bool = False) -> None:
            wanted = _QUERY_LIMITED | _SYNCHRONIZE | (_TERMINATE | _SUSPEND if change else 0)
            self._pid = pid
            self._handle = _kernel.OpenProcess(wanted, False, pid)
            if not self._handle:
                raise ctypes.WinError(ctypes.get_last_error())

        def __enter__(self) -> "ControlledProcess":
            return self

        def __exit__(self, *_error: object) -> None:
            _kernel.CloseHandle(self._handle)

        def started(self) -> int:
            """When it was started: units of 100 ns since 1601. Raises OSError."""
            times = [ctypes.c_ulonglong() for _ in range(4)]
            if not _kernel.GetProcessTimes(self._handle, *(ctypes.byref(one) for one in times)):
                raise ctypes.WinError(ctypes.get_last_error())
            return times[0].value

        def has_ended(self, seconds: float = 0) -> bool:
            """Whether it is over, at once or within that time."""
            return bool(_kernel.WaitForSingleObject(self._handle, int(seconds * 1000)) == 0)

        def suspend(self) -> None:
            """Stop all its threads where they are. Raises OSError."""
            if status := _native.NtSuspendProcess(self._handle):
                raise PermissionError(f"it can't be stopped ({status & _NO_COUNT:#x})")

        def resume(self) -> None:
            """Take one stop back. Raises OSError."""
            if status := _native.NtResumeProcess(self._handle):
                raise PermissionError(f"it can't be let go on ({status & _NO_COUNT:#x})")

        def terminate(self) -> None:
            """End it. Raises OSError."""
            if not _kernel.TerminateProcess(self._handle, 1) and not self.has_ended():
                raise ctypes.WinError(ctypes.get_last_error())

        def is_suspended(self) -> bool:
            """Whether every thread of it stands still; each is touched for a moment to tell. Raises OSError."""
            counts = [_count_stops(thread) for thread in _list_threads(self._pid)]
            return bool(counts) and all(counts)

    def read_boot_time() -> int:
        """When the system was started, the same number until it is started anew. Raises OSError."""
        room = ctypes.create_string_buffer(_TIME_OF_DAY_SIZE)
        status = _native.NtQuerySystemInformation(_TIME_OF_DAY, room, _TIME_OF_DAY_SIZE, None)
        if status:
            raise OSError(f"the start of the system is not told ({status & _NO_COUNT:#x})")
        started, bias = struct.unpack_from("<q24xq", room.raw)
        return int(started - bias)  # which moves as the clock is set

    def _list_threads(pid: int) -> list[int]:
        snapshot = _kernel.CreateToolhelp32Snapshot(_SNAP_THREADS, 0)
        if snapshot == _NOBODY:
            raise ctypes.WinError(ctypes.get_last_error())
        entry, found = _Thread(size=ctypes.sizeof(_Thread)), []
        try:
            more = _kernel.Thread32First(snapshot, ctypes.byref(entry))
            while more and len(found) < _MOST_THREADS:
                if entry.owner == pid:
                    found.append(entry.id)
                more = _kernel.Thread32Next(snapshot, ctypes.byref(entry))
        finally:
            _kernel.CloseHandle(snapshot)
        return found

    def _count_stops(thread: int) -> int:
        """How often it was stopped and not let go on; 1 for one that ended meanwhile, 0 for one that can't be told."""
        handle = _kernel.OpenThread(_SUSPEND_THREAD, False, thread)
        if not handle:
            return 0
        try:
            count = _kernel.SuspendThread(handle)
            if count == _NO_COUNT:
                return 0
            _kernel.ResumeThread(handle)
            return int(count)
        finally:
            _kernel.CloseHandle(handle)

else:
    _ELSEWHERE = "processes of Windows can be stopped on Windows only"

    class ControlledProcess:
        """Raises OSError: this is no Windows."""

        def __init__(self, pid: int, *, change: bool = False) -> None:
            raise OSError(f"{_ELSEWHERE}: {pid} {change}")

        def __enter__(self) -> "ControlledProcess":
            return self

        def __exit__(self, *_error: object) -> None:
            """Nothing is held."""

        def started(self) -> int:
            """As on Windows."""
            return 0

        def has_ended(self, seconds: float = 0) -> bool:
            """As on Windows."""
            return seconds >= 0

        def suspend(self) -> None:
            """As on Windows."""

        def resume(self) -> None:
            """As on Windows."""

        def terminate(self) -> None:
            """As on Windows."""

        def is_suspended(self) -> bool:
            """As on Windows."""
            return False

    def read_boot_time() -> int:
        """Raises OSError: this is no Windows."""
        raise OSError(_ELSEWHERE)
