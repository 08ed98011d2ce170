"""Entries in the event log of a running Windows, from the source "CodeRed"."""

import sys
from typing import Literal

Kind = Literal["information", "warning", "error"]
SOURCE = "CodeRed"

if sys.platform == "win32":
    import ctypes
    from ctypes import wintypes

    _KINDS: dict[Kind, int] = {"error": 1, "warning": 2, "information": 4}
    _MOST_TEXT = 31_000  # characters of one string in an event
    _rights = ctypes.WinDLL("advapi32", use_last_error=True)
    _rights.RegisterEventSourceW.restype = wintypes.HANDLE
    _rights.RegisterEventSourceW.argtypes = (wintypes.LPCWSTR, wintypes.LPCWSTR)
    _rights.DeregisterEventSource.argtypes = (wintypes.HANDLE,)
    _rights.ReportEventW.argtypes = (
        wintypes.HANDLE, wintypes.WORD, wintypes.WORD, wintypes.DWORD, ctypes.c_void_p, wintypes.WORD, wintypes.DWORD,
        ctypes.POINTER(wintypes.LPCWSTR), ctypes.c_void_p,
    )  # fmt: skip

    def report_event(number: int, kind: Kind, text: str) -> None:
        """Write one entry into the log "Application". Raises OSError."""
        log = _rights.RegisterEventSourceW(None, SOURCE)
        if not log:
            raise ctypes.WinError(ctypes.get_last_error())
        texts = (wintypes.LPCWSTR * 1)(text[:_MOST_TEXT])
        try:
            if not _rights.ReportEventW(log, _KINDS[kind], 0, number, None, 1, 0, texts, None):
                raise ctypes.WinError(ctypes.get_last_error())
        finally:
            _rights.DeregisterEventSource(log)

else:

    def report_event(number: int, kind: Kind, text: str) -> None:
        """Raises OSError: this is no Windows."""
        raise OSError(f"only Windows has an event log: {number} {kind} {text}")
