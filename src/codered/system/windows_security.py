"""Owners and access lists on a running Windows, and folders that are made with one."""

import sys
from pathlib import Path

from codered.system.access_lists import Security, parse_security, parse_sid

_ELSEWHERE = "access lists are those of a running Windows"

if sys.platform == "win32":
    import ctypes
    import msvcrt
    import os
    from ctypes import wintypes
    from functools import cache

    # Full rights for the system, the administrators and the owner; nothing from above; all below the same.
    _OURS_ALONE = "D:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;FA;;;OW)"
    _SDDL_REVISION = 1
    _LIST_ALONE, _PROTECTED = 4, 0x80000000
    _OWNER_AND_LIST = 1 | 4
    _READ_SECURITY, _SHARE_ALL, _OPEN_EXISTING = 0x20000, 7, 3
    _BACKUP, _OPEN_LINK = 0x02000000, 0x00200000
    _NOBODY = wintypes.HANDLE(-1).value
    _TOKEN_QUERY, _TOKEN_USER = 8, 1
    _MOST_BYTES = 1 << 17  # an access list has 64 KiB at most
    _kernel = ctypes.WinDLL("kernel32", use_last_error=True)
    _rights = ctypes.WinDLL("advapi32", use_last_error=True)
    _Number = ctypes.POINTER(wintypes.DWORD)
    _kernel.CreateFileW.restype = _kernel.GetCurrentProcess.restype = wintypes.HANDLE
    _kernel.CreateFileW.argtypes = (
        wintypes.LPCWSTR, wintypes.DWORD, wintypes.DWORD, ctypes.c_void_p, wintypes.DWORD, wintypes.DWORD,
        wintypes.HANDLE,
    )  # fmt: skip
    _kernel.CloseHandle.argtypes = (wintypes.HANDLE,)
    _kernel.LocalFree.argtypes = (ctypes.c_void_p,)
    _kernel.CreateDirectoryW.argtypes = (wintypes.LPCWSTR, ctypes.c_void_p)
    _rights.GetKernelObjectSecurity.argtypes = (
        wintypes.HANDLE, wintypes.DWORD, ctypes.c_void_p, wintypes.DWORD, _Number,
    )  # fmt: skip
    _rights.OpenProcessToken.argtypes = (wintypes.HANDLE, wintypes.DWORD, ctypes.POINTER(wintypes.HANDLE))
    _rights.GetTokenInformation.argtypes = (
        wintypes.HANDLE, ctypes.c_int, ctypes.c_void_p, wintypes.DWORD, _Number,
    )  # fmt: skip
    _rights.ConvertStringSecurityDescriptorToSecurityDescriptorW.argtypes = (
        wintypes.LPCWSTR, wintypes.DWORD, ctypes.POINTER(ctypes.c_void_p), _Number,
    )  # fmt: skip

    _rights.SetFileSecurityW.argtypes = (wintypes.LPCWSTR, wintypes.DWORD, ctypes.c_void_p)

    class _Attributes(ctypes.Structure):
        _fields_ = (("size", wintypes.DWORD), ("descriptor", ctypes.c_void_p), ("inherited", wintypes.BOOL))

    def read_security(place: int | str | Path) -> Security:
        """Of a path (a link itself, not where it leads), or of an open file. Raises OSError, ValueError."""
        if isinstance(place, int):
            return _read_handle(msvcrt.get_osfhandle(place))
        flags = _BACKUP | _OPEN_LINK
        handle = _kernel.CreateFileW(
            os.path.abspath(place), _READ_SECURITY, _SHARE_ALL, None, _OPEN_EXISTING, flags, None
        )
        if handle == _NOBODY:
            raise ctypes.WinError(ctypes.get_last_error())
        try:
            return _read_handle(handle)
        finally:
            _kernel.CloseHandle(handle)

    def _read_handle(handle: int) -> Security:
        room, length = ctypes.create_string_buffer(_MOST_BYTES), wintypes.DWORD()
        if not _rights.GetKernelObjectSecurity(handle, _OWNER_AND_LIST, room, _MOST_BYTES, ctypes.byref(length)):
            raise ctypes.WinError(ctypes.get_last_error())
        return parse_security(room.raw)

    @cache
    def read_user() -> str:
        """The SID of who runs this. Raises OSError, ValueError."""
        token, length = wintypes.HANDLE(), wintypes.DWORD()
        if not _rights.OpenProcessToken(_kernel.GetCurrentProcess(), _TOKEN_QUERY, ctypes.byref(token)):
            raise ctypes.WinError(ctypes.get_last_error())
        try:
            room = ctypes.create_string_buffer(_MOST_BYTES)
            if not _rights.GetTokenInformation(token, _TOKEN_USER, room, _MOST_BYTES, ctypes.byref(length)):
                raise ctypes.WinError(ctypes.get_last_error())
            at = ctypes.c_void_p.from_buffer(room).value or 0
            return parse_sid(room.raw[at - ctypes.addressof(room) :])
        finally:
            _kernel.CloseHandle(token)

    def read_words(text: str) -> Security:
        """What a descriptor in Windows' own words (SDDL) says. Raises OSError, ValueError."""
        descriptor, length = ctypes.c_void_p(), wintypes.DWORD()
        _convert(text, descriptor, length)
        try:
            return parse_security(ctypes.string_at(descriptor.value or 0, length.value))
        finally:
            _kernel.LocalFree(descriptor)

    def make_protected_folder(path: Path) -> None:
        """A new folder for the system, the administrators and its owner alone, from its first moment on. Raises OSError
        (FileExistsError: something has the name).
        """
        descriptor = ctypes.c_void_p()
        _convert(_OURS_ALONE, descriptor, wintypes.DWORD())
        try:
            attributes = _Attributes(ctypes.sizeof(_Attributes), descriptor, False)
            if not _kernel.CreateDirectoryW(str(path), ctypes.byref(attributes)):
                raise ctypes.WinError(ctypes.get_last_error())
        finally:
            _kernel.LocalFree(descriptor)

    def protect_file(path: Path) -> None:
        """The same for a file that is there. Raises OSError."""
        descriptor = ctypes.c_void_p()
        _convert(_OURS_ALONE, descriptor, wintypes.DWORD())
        try:
            if not _rights.SetFileSecurityW(str(path), _LIST_ALONE | _PROTECTED, descriptor):
                raise ctypes.WinError(ctypes.get_last_error())
        finally:
            _kernel.LocalFree(descriptor)

    def _convert(text: str, descriptor: ctypes.c_void_p, length: wintypes.DWORD) -> None:
        convert = _rights.ConvertStringSecurityDescriptorToSecurityDescriptorW
        if not convert(text, _SDDL_REVISION, ctypes.byref(descriptor), ctypes.byref(length)):
            raise ctypes.WinError(ctypes.get_last_error())

else:

    def read_security(place: int | str | Path) -> Security:
        """Raises OSError: this is no Windows."""
        raise OSError(f"{_ELSEWHERE}: {place}")

    def read_user() -> str:
        """Raises OSError: this is no Windows."""
        raise OSError(_ELSEWHERE)

    def read_words(text: str) -> Security:
        """Raises OSError: this is no Windows."""
        raise OSError(f"{_ELSEWHERE}: {text}")

    def make_protected_folder(path: Path) -> None:
        """Raises OSError: this is no Windows."""
        raise OSError(f"{_ELSEWHERE}: {path}")

    def protect_file(path: Path) -> None:
        """Raises OSError: this is no Windows."""
        raise OSError(f"{_ELSEWHERE}: {path}")
