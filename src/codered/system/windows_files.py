"""Files of a running Windows: opening them without being in anybody's way, the drives, alternate streams."""

import errno
import os
import sys
from collections.abc import Iterator
from string import ascii_uppercase

LINK_TAGS = frozenset((0xA000000C, 0xA0000003, 0xA000001D))
"""Symbolic link, mount point (junction), link of the Linux subsystem."""
CONTENT_TAGS = frozenset((0x80000013, 0x80000017))
"""Deduplicated and compressed files: the system gives their content as that of any other file."""
ELSEWHERE_TAGS = frozenset(
    (0xC0000004, 0x80000006, 0x8000001E, 0x80000021, *(0x9000001A | each << 12 for each in range(16)))
)
"""Files kept on a tape (HSM, two kinds), by Azure File Sync, by an old OneDrive, by any sync program's cloud filter."""
IN_USE = "in use by a program that does not share it"
TOO_MANY_STREAMS = "more alternate streams than are listed"

if sys.platform == "win32":
    import ctypes
    import msvcrt
    from ctypes import wintypes

    _GENERIC_READ, _GENERIC_WRITE, _READ_ATTRIBUTES = 0x80000000, 0x40000000, 0x80
    _SHARE_ALL, _SHARE_USE = 7, 3  # without the right to rename and remove
    _CREATE_NEW, _OPEN_EXISTING, _OPEN_ALWAYS = 1, 3, 4
    _BACKUP, _OPEN_LINK, _SEQUENTIAL = 0x02000000, 0x00200000, 0x08000000
    _DIRECTORY, _REPARSE = 0x10, 0x400
    _NOBODY = wintypes.HANDLE(-1).value
    _FIXED = 3
    _KINDS_OF_DRIVES = {2: "removable", 4: "of the network", 5: "CD or DVD", 6: "in memory"}
    _MOST_VOLUMES = 1000
    _SHARING_VIOLATION, _LOCK_VIOLATION = 32, 33
    _NO_STREAMS = (38, 1, 50, 87)  # the end; a file system that has none: what FAT answers depends on its version
    _END = 38
    _MOST_PATH = 32768
    _MOST_STREAMS = 256  # of one file
    _kernel = ctypes.WinDLL("kernel32", use_last_error=True)
    _kernel.CreateFileW.restype = wintypes.HANDLE
    _kernel.CreateFileW.argtypes = (
        wintypes.LPCWSTR, wintypes.DWORD, wintypes.DWORD, ctypes.c_void_p, wintypes.DWORD, wintypes.DWORD,
        wintypes.HANDLE,
    )  # fmt: skip
    _kernel.CloseHandle.argtypes = (wintypes.HANDLE,)
    _kernel.GetFinalPathNameByHandleW.argtypes = (wintypes.HANDLE, wintypes.LPWSTR, wintypes.DWORD, wintypes.DWORD)
    _kernel.FindFirstStreamW.restype = wintypes.HANDLE
    _kernel.FindFirstStreamW.argtypes = (wintypes.LPCWSTR, ctypes.c_int, ctypes.c_void_p, wintypes.DWORD)
    _kernel.FindNextStreamW.argtypes = (wintypes.HANDLE, ctypes.c_void_p)
    _kernel.FindClose.argtypes = (wintypes.HANDLE,)
    _kernel.FindFirstVolumeW.restype = wintypes.HANDLE
    _kernel.FindFirstVolumeW.argtypes = (wintypes.LPWSTR, wintypes.DWORD)
    _kernel.FindNextVolumeW.argtypes = (wintypes.HANDLE, wintypes.LPWSTR, wintypes.DWORD)
    _kernel.FindVolumeClose.argtypes = (wintypes.HANDLE,)
    _kernel.GetVolumePathNamesForVolumeNameW.argtypes = (
        wintypes.LPCWSTR, wintypes.LPWSTR, wintypes.DWORD, ctypes.POINTER(wintypes.DWORD),
    )  # fmt: skip

    class _Stream(ctypes.Structure):
        _fields_ = (("size", ctypes.c_longlong), ("name", wintypes.WCHAR * 296))

    def list_drives() -> tuple[str, ...]:
        """The letters of the drives that are fixed disks."""
        return tuple(letter for letter in ascii_uppercase if _kernel.GetDriveTypeW(f"{letter}:\\") == _FIXED)

    def list_other_drives() -> tuple[str, ...]:
        """What holds files and is none of `list_drives`, in words: other drives, and fixed volumes without a letter."""
        kinds = {letter: _KINDS_OF_DRIVES.get(_kernel.GetDriveTypeW(f"{letter}:\\")) for letter in ascii_uppercase}
        lettered = (f"{letter}: ({kind})" for letter, kind in kinds.items() if kind)
        return (*lettered, *(f"{name} (without a letter)" for name in _list_volumes() if not _has_place(name)))

    def _list_volumes() -> Iterator[str]:
        room = ctypes.create_unicode_buffer(260)
        search = _kernel.FindFirstVolumeW(room, len(room))
        if search == _NOBODY:
            return
        try:
            for _ in range(_MOST_VOLUMES):
                if _kernel.GetDriveTypeW(room.value) == _FIXED:
                    yield room.value
                if not _kernel.FindNextVolumeW(search, room, len(room)):
                    return
        finally:
            _kernel.FindVolumeClose(search)

    def _has_place(volume: str) -> bool:
        """Whether a volume has a letter; one that is only mounted in a folder is behind a link."""
        room, length = ctypes.create_unicode_buffer(_MOST_PATH), wintypes.DWORD()
        if not _kernel.GetVolumePathNamesForVolumeNameW(volume, room, _MOST_PATH, ctypes.byref(length)):
            return False
        names = "".join(room[: length.value]).split("\0")
        return any(len(name) == 3 and name[1:] == ":\\" for name in names)

    def open_shared(path: str) -> int:
        """A read-only descriptor of a regular file; everybody else may go on reading, writing and removing it. No link
        is followed, neither at its end nor on the way. Raises OSError.
        """
        return open_path(path, os.O_RDONLY)

    def open_path(path: str, flags: int, _mode: int = 0) -> int:
        """The same with flags as `os.open` has them, for writing and making files too. Raises OSError."""
        writes = flags & (os.O_WRONLY | os.O_RDWR)
        access = (0 if flags & os.O_WRONLY else _GENERIC_READ) | (_GENERIC_WRITE if writes else 0) | _READ_ATTRIBUTES
        wanted = _CREATE_NEW if flags & os.O_EXCL else _OPEN_ALWAYS if flags & os.O_CREAT else _OPEN_EXISTING
        handle = _open_handle(path, access, 0 if writes else _SEQUENTIAL, wanted)
        try:
            if not _same_place(_final_path(handle), path):
                raise OSError(errno.ELOOP, "a link on the way to it")
            how = flags & (os.O_WRONLY | os.O_RDWR | os.O_APPEND)
            descriptor = msvcrt.open_osfhandle(handle, how | os.O_BINARY | os.O_NOINHERIT)
        except BaseException:
            _kernel.CloseHandle(handle)
            raise
        try:
            attributes = os.fstat(descriptor).st_file_attributes
            if attributes & _DIRECTORY:
                raise IsADirectoryError(errno.EISDIR, "a folder")
            if attributes & _REPARSE and not _is_content(path):
                raise OSError(errno.ELOOP, "a link, not followed")
            if flags & os.O_TRUNC:
                os.ftruncate(descriptor, 0)
        except BaseException:
            os.close(descriptor)
            raise
        return descriptor

    def hold_folder(path: str, *, links: bool = False) -> int:
        """A descriptor of a folder; while it is open neither the folder nor one above it can be renamed or removed. It
        is reached without a link unless `links` lets them be on the way. Raises OSError.
        """
        handle = _open_handle(path, _GENERIC_READ, 0, _OPEN_EXISTING, _SHARE_USE)
        try:
            if not links and not _same_place(_final_path(handle), path):
                raise OSError(errno.ELOOP, "a link on the way to it")
            descriptor = msvcrt.open_osfhandle(handle, os.O_RDONLY | os.O_NOINHERIT)
        except BaseException:
            _kernel.CloseHandle(handle)
            raise
        attributes = os.fstat(descriptor).st_file_attributes
        if not attributes & _DIRECTORY or attributes & _REPARSE:
            os.close(descriptor)
            raise NotADirectoryError(errno.ENOTDIR, "not a folder")
        return descriptor

    def path_of(descriptor: int) -> str:
        """Where an open file or folder lies. Raises OSError."""
        return _final_path(msvcrt.get_osfhandle(descriptor))

    def check_folder(path: str) -> None:
        """That a folder is there and is reached without a link. Raises OSError."""
        handle = _open_handle(path, _READ_ATTRIBUTES, 0)
        try:
            if not _same_place(_final_path(handle), path):
                raise OSError(errno.ELOOP, "a link on the way to it")
        finally:
            _kernel.CloseHandle(handle)
        status = os.lstat(path)
        if not status.st_file_attributes & _DIRECTORY:
            raise NotADirectoryError(errno.ENOTDIR, "not a folder")
        if status.st_reparse_tag in LINK_TAGS:
            raise OSError(errno.ELOOP, "a link, not followed")

    def list_streams(path: str) -> Iterator[str]:
        """The names of the alternate streams of a file or folder; none where there can't be any. Raises OSError, also
        for more than are listed.
        """
        seen = _Stream()
        search = _kernel.FindFirstStreamW(path, 0, ctypes.byref(seen), 0)
        if search == _NOBODY:
            if (code := ctypes.get_last_error()) in _NO_STREAMS:
                return
            raise _tell_error(code)
        try:
            for _ in range(_MOST_STREAMS):
                name = seen.name.split(":")
                if len(name) == 3 and name[1] and name[2] == "$DATA":
                    yield name[1]
                if not _kernel.FindNextStreamW(search, ctypes.byref(seen)):
                    if (code := ctypes.get_last_error()) == _END:
                        return
                    raise _tell_error(code)
            raise OSError(errno.E2BIG, TOO_MANY_STREAMS)
        finally:
            _kernel.FindClose(search)

    def _open_handle(path: str, access: int, flags: int, wanted: int = _OPEN_EXISTING, share: int = _SHARE_ALL) -> int:
        handle = _kernel.CreateFileW(path, access, share, None, wanted, _BACKUP | _OPEN_LINK | flags, None)
        if handle == _NOBODY:
            raise _tell_error(ctypes.get_last_error())
        return int(handle)

    def _tell_error(code: int) -> OSError:
        if code in (_SHARING_VIOLATION, _LOCK_VIOLATION):
            return PermissionError(errno.EACCES, IN_USE)
        return ctypes.WinError(code)

    def _final_path(handle: int) -> str:
        room = ctypes.create_unicode_buffer(_MOST_PATH)
        if not _kernel.GetFinalPathNameByHandleW(handle, room, _MOST_PATH, 0):
            raise ctypes.WinError(ctypes.get_last_error())
        return room.value

    def _same_place(one: str, other: str) -> bool:
        """Whether two names differ in nothing but case and the prefix for long names."""
        return one.removeprefix("\\\\?\\").rstrip("\\").lower() == other.removeprefix("\\\\?\\").rstrip("\\").lower()

    def _is_content(path: str) -> bool:
        return os.lstat(path).st_reparse_tag in CONTENT_TAGS

else:

    def list_drives() -> tuple[str, ...]:
        """None: there are drives on Windows only."""
        return ()

    def list_other_drives() -> tuple[str, ...]:
        """None: as `list_drives`."""
        return ()

    def open_shared(path: str) -> int:
        """A read-only descriptor of a regular file, as on Windows. Raises OSError."""
        if os.path.realpath(path) != path:
            raise OSError(errno.ELOOP, "a link on the way to it")
        if os.path.isdir(path):
            raise IsADirectoryError(errno.EISDIR, "a folder")
        return os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)

    def check_folder(path: str) -> None:
        """As on Windows. Raises OSError."""
        if os.path.realpath(path) != path.rstrip("/"):
            raise OSError(errno.ELOOP, "a link on the way to it")
        if not os.path.isdir(path):
            os.stat(path)
            raise NotADirectoryError(errno.ENOTDIR, "not a folder")

    def list_streams(_path: str) -> Iterator[str]:
        """None: only Windows has them."""
        return iter(())

    def open_path(path: str, flags: int, mode: int = 0o600) -> int:
        """As on Windows. Raises OSError."""
        return os.open(path, flags | os.O_NOFOLLOW | os.O_CLOEXEC, mode)

    def hold_folder(path: str, *, links: bool = False) -> int:
        """As on Windows. Raises OSError."""
        if not links:
            check_folder(path)
        return os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)

    def path_of(descriptor: int) -> str:
        """As on Windows. Raises OSError."""
        return os.readlink(f"/proc/self/fd/{descriptor}")
