"""Files of a running Windows that are in use and go at its next start. They leave their name at once: a program that
runs can be renamed, so that nothing is started by that name any more, and something else may have it.
"""

import os
import sys

MARK = ".codered-gone-"
"""How the name begins that such a file has until then."""

_PREFIXES = ("\\??\\", "\\\\?\\")


def pick_leaving(operations: list[str]) -> tuple[str, ...]:
    """Our files among what Windows was told to rename (old name, new name) and remove (a name, nothing)."""
    pairs = zip(operations[::2], operations[1::2], strict=False)
    return tuple(_strip(old) for old, new in pairs if not new and old.rpartition("\\")[2].startswith(MARK))


def _strip(path: str) -> str:
    for prefix in _PREFIXES:
        path = path.removeprefix(prefix)
    return path


if sys.platform == "win32":
    import ctypes
    import secrets
    import stat
    import winreg
    from ctypes import wintypes

    _AT_NEXT_START = 4
    _SESSION_MANAGER = "SYSTEM\\CurrentControlSet\\Control\\Session Manager"
    _OPERATIONS = "PendingFileRenameOperations"
    _kernel = ctypes.WinDLL("kernel32", use_last_error=True)
    _kernel.MoveFileExW.argtypes = (wintypes.LPCWSTR, wintypes.LPCWSTR, wintypes.DWORD)

    def leave_to_next_start(path: str) -> None:
        """Take the file's name away now and the file when Windows starts. Raises OSError: it is as it was."""
        aside = os.path.join(os.path.dirname(path), MARK + secrets.token_hex(8))
        os.rename(path, aside)
        try:
            mode = os.lstat(aside).st_mode
            os.chmod(aside, stat.S_IWRITE)  # what is read-only would stay
            if not _kernel.MoveFileExW(aside, None, _AT_NEXT_START):
                os.chmod(aside, mode)
                raise ctypes.WinError(ctypes.get_last_error())
        except OSError:
            os.rename(aside, path)
            raise

    def list_leaving() -> tuple[str, ...]:
        """The files that were left to the next start and are still there. Raises OSError."""
        with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, _SESSION_MANAGER) as key:
            try:
                operations, kind = winreg.QueryValueEx(key, _OPERATIONS)
            except FileNotFoundError:
                return ()
        if kind != winreg.REG_MULTI_SZ:
            return ()
        return tuple(path for path in pick_leaving(list(operations or ())) if os.path.lexists(path))

else:

    def leave_to_next_start(path: str) -> None:
        """Raises OSError: elsewhere a file in use can be removed."""
        raise OSError(f"only Windows removes files when it starts: {path}")

    def list_leaving() -> tuple[str, ...]:
        """None."""
        return ()
