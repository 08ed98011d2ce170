"""What a file has beside its content: extended attributes on Linux; on Windows its streams, rights, attributes, times
and short name, under the names by which ntfs-3g shows them on Linux.
"""

import os
import sys

if sys.platform == "win32":
    import ctypes
    import errno
    import msvcrt
    import struct
    from ctypes import wintypes

    from codered.system.windows_files import list_streams, path_of

    _STREAMS = "ntfs.streams.list"
    _ACL, _ATTRIBUTES, _TIMES = "system.ntfs_acl", "system.ntfs_attrib_be", "system.ntfs_times_be"
    _SHORT_NAME = "system.ntfs_dos_name"
    _OWNER_GROUP_DACL, _DACL, _SDDL_REVISION = 7, 4, 1
    _PROTECTED_DACL, _UNPROTECTED_DACL = 0x80000000, 0x20000000
    _NORMAL = 0x80
    _UNIX_EPOCH = 116_444_736_000_000_000
    _WRITE_ATTRIBUTES, _SHARE_ALL, _OPEN_EXISTING, _BACKUP_OPEN_LINK = 0x100, 7, 3, 0x02200000
    _NOBODY = wintypes.HANDLE(-1).value
    _MOST_PATH = 32768
    _RESTORE, _SECURITY_BACKUP, _TAKE_OWNERSHIP = 18, 17, 9
    _kernel = ctypes.WinDLL("kernel32", use_last_error=True)
    _rights = ctypes.WinDLL("advapi32", use_last_error=True)
    _kernel.CreateFileW.restype = wintypes.HANDLE
    _kernel.CreateFileW.argtypes = (
        wintypes.LPCWSTR, wintypes.DWORD, wintypes.DWORD, ctypes.c_void_p, wintypes.DWORD, wintypes.DWORD,
        wintypes.HANDLE,
    )  # fmt: skip
    _kernel.CloseHandle.argtypes = (wintypes.HANDLE,)
    _kernel.LocalFree.argtypes = (ctypes.c_void_p,)
    _kernel.SetFileTime.argtypes = (wintypes.HANDLE, *(ctypes.c_void_p,) * 3)
    _kernel.GetFileTime.argtypes = (wintypes.HANDLE, *(ctypes.c_void_p,) * 3)
    _kernel.SetFileAttributesW.argtypes = (wintypes.LPCWSTR, wintypes.DWORD)
    _kernel.GetShortPathNameW.argtypes = (wintypes.LPCWSTR, wintypes.LPWSTR, wintypes.DWORD)
    _rights.GetFileSecurityW.argtypes = (
        wintypes.LPCWSTR, wintypes.DWORD, ctypes.c_void_p, wintypes.DWORD, ctypes.POINTER(wintypes.DWORD),
    )  # fmt: skip
    _rights.SetFileSecurityW.argtypes = (wintypes.LPCWSTR, wintypes.DWORD, ctypes.c_void_p)
    _to_text = _rights.ConvertSecurityDescriptorToStringSecurityDescriptorW
    _to_text.argtypes = (
        ctypes.c_void_p, wintypes.DWORD, wintypes.DWORD, ctypes.POINTER(ctypes.c_void_p), ctypes.c_void_p,
    )  # fmt: skip
    _from_text = _rights.ConvertStringSecurityDescriptorToSecurityDescriptorW
    _from_text.argtypes = (wintypes.LPCWSTR, wintypes.DWORD, ctypes.POINTER(ctypes.c_void_p), ctypes.c_void_p)

    def list_extended(_descriptor: int) -> list[bytes]:
        """None: what Windows keeps has names of its own."""
        return []

    def read_extended(descriptor: int, name: str) -> bytes:
        """One of them. Raises OSError (ENODATA: it has none, ENOTSUP: there is no such thing here)."""
        if name == _STREAMS:
            return b"\0".join(os.fsencode(stream) for stream in list_streams(path_of(descriptor)))
        if name == _ATTRIBUTES:
            return struct.pack(">I", os.fstat(descriptor).st_file_attributes)
        if name == _TIMES:
            times = _read_times(descriptor)
            return struct.pack(">4Q", times[0], times[2], times[1], 0)
        if name == _ACL:
            return _read_rights(path_of(descriptor)).encode()
        if name == _SHORT_NAME:
            return _read_short_name(path_of(descriptor))
        raise OSError(errno.ENODATA, "no such attribute on Windows")

    def write_extended(descriptor: int, name: str | bytes, value: bytes) -> None:
        """Set one of them. Raises OSError."""
        path = path_of(descriptor)
        if name == _ATTRIBUTES:
            _check(_kernel.SetFileAttributesW(path, struct.unpack(">I", value)[0] or _NORMAL))
        elif name == _TIMES:
            made, changed, read, _ = struct.unpack(">4Q", value)
            _write_times(path, (made, read, changed))
        elif name == _ACL:
            _write_rights(path, value.decode())
        elif name == _SHORT_NAME:
            _write_short_name(descriptor, value)
        else:
            raise OSError(errno.ENOTSUP, f"no such attribute on Windows: {name!r}")

    def remove_extended(_descriptor: int, name: str | bytes) -> None:
        """Raises OSError: there is none to remove."""
        raise OSError(errno.ENOTSUP, f"no such attribute on Windows: {name!r}")

    def set_times(descriptor: int, atime_ns: int, mtime_ns: int) -> None:
        """Give an open file or folder these times (ns since 1970). Raises OSError."""
        made = _read_times(descriptor)[0]
        _write_times(path_of(descriptor), (made, _UNIX_EPOCH + atime_ns // 100, _UNIX_EPOCH + mtime_ns // 100))

    def set_mode(_descriptor: int, _mode: int) -> None:
        """Nothing: read-only is one of the attributes, and set with them."""

    def set_owner(_descriptor: int, _user: int, _group: int) -> None:
        """Nothing: the owner is part of the rights, and set with them."""

    def _check(worked: int) -> None:
        if not worked:
            raise ctypes.WinError(ctypes.get_last_error())

    def _read_times(descriptor: int) -> tuple[int, int, int]:
        """Creation, access, change: units of 100 ns since 1601."""
        times = [ctypes.c_ulonglong() for _ in range(3)]
        _check(_kernel.GetFileTime(msvcrt.get_osfhandle(descriptor), *(ctypes.byref(one) for one in times)))
        return times[0].value, times[1].value, times[2].value

    def _write_times(path: str, times: tuple[int, int, int]) -> None:
        handle = _kernel.CreateFileW(path, _WRITE_ATTRIBUTES, _SHARE_ALL, None, _OPEN_EXISTING, _BACKUP_OPEN_LINK, None)
        if handle == _NOBODY:
            raise ctypes.WinError(ctypes.get_last_error())
        try:
            _check(_kernel.SetFileTime(handle, *(ctypes.byref(ctypes.c_ulonglong(one)) for one in times)))
        finally:
            _kernel.CloseHandle(handle)

    def _read_rights(path: str) -> str:
        """Owner, group and access list, in the words of SDDL."""
        size = wintypes.DWORD()
        _rights.GetFileSecurityW(path, _OWNER_GROUP_DACL, None, 0, ctypes.byref(size))
        room = ctypes.create_string_buffer(max(size.value, 1))
        _check(_rights.GetFileSecurityW(path, _OWNER_GROUP_DACL, room, size.value, ctypes.byref(size)))
        text = ctypes.c_void_p()
        _check(_to_text(room, _SDDL_REVISION, _OWNER_GROUP_DACL, ctypes.byref(text), None))
        try:
            return ctypes.wstring_at(text.value or 0)
        finally:
            _kernel.LocalFree(text)

    def _write_rights(path: str, text: str) -> None:
        if _read_rights(path) == text:
            return
        _ask_for_privileges()
        # Windows keeps that entries are inherited only if it is asked to as well.
        asked = text.replace("D:PAI", "D:PARAI").replace("D:AI", "D:ARAI")
        wanted = ctypes.c_void_p()
        _check(_from_text(asked, _SDDL_REVISION, ctypes.byref(wanted), None))
        try:
            if not _rights.SetFileSecurityW(path, _OWNER_GROUP_DACL, wanted):
                _check(_rights.SetFileSecurityW(path, _DACL, wanted))
        finally:
            _kernel.LocalFree(wanted)

    def _ask_for_privileges() -> None:
        """An administrator may give a file any owner, but has to switch that on. Not to have it shows later on."""
        adjust, before = ctypes.WinDLL("ntdll").RtlAdjustPrivilege, ctypes.c_ubyte()
        for number in (_TAKE_OWNERSHIP, _SECURITY_BACKUP, _RESTORE):
            adjust(number, True, False, ctypes.byref(before))

    def _read_short_name(path: str) -> bytes:
        room = ctypes.create_unicode_buffer(_MOST_PATH)
        length = _kernel.GetShortPathNameW(path, room, _MOST_PATH)
        if not 0 < length < _MOST_PATH:
            return b""
        short = room.value.rpartition("\\")[2]
        return b"" if short.lower() == path.rpartition("\\")[2].lower() else os.fsencode(short)

    def _write_short_name(descriptor: int, value: bytes) -> None:
        """Needs a handle with the right to delete, and an administrator's privilege."""
        set_name = getattr(_kernel, "SetFileShortNameW", None)  # Wine has none
        if set_name is None:
            raise OSError(errno.ENOTSUP, "this system can't set short names")
        set_name.argtypes = (wintypes.HANDLE, wintypes.LPCWSTR)
        _ask_for_privileges()
        handle = _kernel.CreateFileW(
            path_of(descriptor), 0x40010000, _SHARE_ALL, None, _OPEN_EXISTING, _BACKUP_OPEN_LINK, None
        )
        if handle == _NOBODY:
            raise ctypes.WinError(ctypes.get_last_error())
        try:
            _check(set_name(handle, os.fsdecode(value)))
        finally:
            _kernel.CloseHandle(handle)

else:

    def list_extended(descriptor: int) -> list[bytes]:
        """The names of those that an open file has. Raises OSError."""
        return [os.fsencode(name) for name in os.listxattr(descriptor)]

    def read_extended(descriptor: int, name: str | bytes) -> bytes:
        """One of them. Raises OSError (ENODATA: it has none, ENOTSUP: there is no such thing here)."""
        return os.getxattr(descriptor, name)

    def write_extended(descriptor: int, name: str | bytes, value: bytes) -> None:
        """Set one of them. Raises OSError."""
        os.setxattr(descriptor, name, value)

    def remove_extended(descriptor: int, name: str | bytes) -> None:
        """Take one away. Raises OSError."""
        os.removexattr(descriptor, name)

    def set_times(descriptor: int, atime_ns: int, mtime_ns: int) -> None:
        """Give an open file or folder these times (ns since 1970). Raises OSError."""
        os.utime(descriptor, ns=(atime_ns, mtime_ns))

    def set_mode(descriptor: int, mode: int) -> None:
        """Give an open file these permission bits. Raises OSError."""
        os.fchmod(descriptor, mode)

    def set_owner(descriptor: int, user: int, group: int) -> None:
        """Give an open file to them. Raises OSError."""
        os.fchown(descriptor, user, group)
