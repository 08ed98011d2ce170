"""Keys and values of the running Windows by its own calls: data byte for byte, links not followed, the 64-bit view."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

Value = tuple[str, int, bytes]
"""Name, type, data."""

if sys.platform == "win32":
    import ctypes
    from ctypes import wintypes

    _MACHINE, _USERS = 0x80000002, 0x80000003
    _READ, _WRITE, _VIEW_64 = 0x20019, 0x20006, 0x100
    _OPEN_LINK = 8
    _MORE_DATA, _NO_MORE = 234, 259
    _MOST_NAME = 16384
    _MOST_LISTED = 1_000_000
    _FIRST_ROOM = 4096
    _registry = ctypes.WinDLL("advapi32")
    _Number = ctypes.POINTER(wintypes.DWORD)
    _registry.RegOpenKeyExW.argtypes = (
        ctypes.c_void_p, wintypes.LPCWSTR, wintypes.DWORD, wintypes.DWORD, ctypes.POINTER(ctypes.c_void_p),
    )  # fmt: skip
    _registry.RegCreateKeyExW.argtypes = (
        ctypes.c_void_p, wintypes.LPCWSTR, wintypes.DWORD, ctypes.c_void_p, wintypes.DWORD, wintypes.DWORD,
        ctypes.c_void_p, ctypes.POINTER(ctypes.c_void_p), _Number,
    )  # fmt: skip
    _registry.RegEnumKeyExW.argtypes = (
        ctypes.c_void_p, wintypes.DWORD, wintypes.LPWSTR, _Number, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p,
        ctypes.POINTER(ctypes.c_ulonglong),
    )  # fmt: skip
    _registry.RegEnumValueW.argtypes = (
        ctypes.c_void_p, wintypes.DWORD, wintypes.LPWSTR, _Number, ctypes.c_void_p, _Number, ctypes.c_void_p, _Number,
    )  # fmt: skip
    _native = ctypes.WinDLL("ntdll")

    class _Text(ctypes.Structure):
        _fields_ = (("size", wintypes.USHORT), ("room", wintypes.USHORT), ("text", ctypes.c_wchar_p))

    _native.NtSetValueKey.argtypes = (
        ctypes.c_void_p, ctypes.POINTER(_Text), wintypes.ULONG, wintypes.ULONG, ctypes.c_char_p, wintypes.ULONG,
    )  # fmt: skip
    _native.RtlNtStatusToDosError.argtypes = (ctypes.c_ulong,)
    _registry.RegDeleteValueW.argtypes = (ctypes.c_void_p, wintypes.LPCWSTR)
    _registry.RegDeleteKeyExW.argtypes = (ctypes.c_void_p, wintypes.LPCWSTR, wintypes.DWORD, wintypes.DWORD)
    _registry.RegFlushKey.argtypes = (ctypes.c_void_p,)
    _registry.RegCloseKey.argtypes = (ctypes.c_void_p,)

    @contextmanager
    def opened_key(path: str, *, write: bool = False, make: bool = False) -> Iterator[int]:
        """A key by its full name (`HKLM\\…`, `HKU\\…`); with `make` it need not be there. What was written is on the
        disk afterwards. Raises OSError (FileNotFoundError: there is none).
        """
        top, _, below = path.partition("\\")
        if "\0" in path or top not in ("HKLM", "HKU"):
            raise OSError(f"not a key that can be opened: {path!r}")
        key = ctypes.c_void_p()
        root = ctypes.c_void_p(_MACHINE if top == "HKLM" else _USERS)
        access = _READ | _VIEW_64 | (_WRITE if write else 0)
        if make:
            _check(_registry.RegCreateKeyExW(root, below, 0, None, 0, access, None, ctypes.byref(key), None))
        else:
            _check(_registry.RegOpenKeyExW(root, below, _OPEN_LINK, access, ctypes.byref(key)))
        try:
            yield key.value or 0
            if write:
                _check(_registry.RegFlushKey(key))
        finally:
            _registry.RegCloseKey(key)

    def list_keys(key: int) -> list[tuple[str, int]]:
        """The keys below an open one, and when each was written (units of 100 ns since 1601). Raises OSError."""
        found = []
        name, when = ctypes.create_unicode_buffer(_MOST_NAME), ctypes.c_ulonglong()
        for number in range(_MOST_LISTED):
            size = wintypes.DWORD(_MOST_NAME)
            code = _registry.RegEnumKeyExW(key, number, name, ctypes.byref(size), None, None, None, ctypes.byref(when))
            if code == _NO_MORE:
                break
            _check(code)
            found.append((name[: size.value], when.value))
        return found

    def list_values(key: int) -> list[Value]:
        """The values of an open key. Raises OSError."""
        found: list[Value] = []
        name, data = ctypes.create_unicode_buffer(_MOST_NAME), ctypes.create_string_buffer(_FIRST_ROOM)
        while len(found) < _MOST_LISTED:
            length, size, kind = wintypes.DWORD(_MOST_NAME), wintypes.DWORD(len(data)), wintypes.DWORD()
            code = _registry.RegEnumValueW(
                key, len(found), name, ctypes.byref(length), None, ctypes.byref(kind), data, ctypes.byref(size)
            )
            if code == _NO_MORE:
                break
            if code == _MORE_DATA and size.value > len(data):
                data = ctypes.create_string_buffer(size.value)
                continue
            _check(code)
            found.append((name[: length.value], kind.value, data.raw[: size.value]))
        return found

    def write_value(key: int, value: Value) -> None:
        """Set a value of an open key; the usual call would end texts that have no end. Raises OSError."""
        name, kind, data = value
        size = len(name.encode("utf-16-le", "surrogatepass"))
        status = _native.NtSetValueKey(key, ctypes.byref(_Text(size, size, name)), 0, kind, data, len(data))
        if status:
            raise ctypes.WinError(_native.RtlNtStatusToDosError(status))

    def remove_value(key: int, name: str) -> None:
        """Take a value away. Raises OSError."""
        _check(_registry.RegDeleteValueW(key, name))

    def remove_key(key: int, name: str) -> None:
        """Take away the key of this name below an open one; it must have none below it. Raises OSError."""
        _check(_registry.RegDeleteKeyExW(key, name, _VIEW_64, 0))

    def _check(code: int) -> None:
        if code:
            raise ctypes.WinError(code)

else:
    _ELSEWHERE = "a running registry is there on Windows only"

    @contextmanager
    def opened_key(path: str, *, write: bool = False, make: bool = False) -> Iterator[int]:
        """Raises OSError: this is no Windows."""
        raise OSError(f"{_ELSEWHERE}: {path} {write} {make}")
        yield 0

    def list_keys(_key: int) -> list[tuple[str, int]]:
        """As on Windows."""
        return []

    def list_values(_key: int) -> list[Value]:
        """As on Windows."""
        return []

    def write_value(_key: int, _value: Value) -> None:
        """Raises OSError: this is no Windows."""
        raise OSError(_ELSEWHERE)

    def remove_value(_key: int, _name: str) -> None:
        """Raises OSError: this is no Windows."""
        raise OSError(_ELSEWHERE)

    def remove_key(_key: int, _name: str) -> None:
        """Raises OSError: this is no Windows."""
        raise OSError(_ELSEWHERE)
