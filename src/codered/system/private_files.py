"""Whether a file of the tool's own can have been written by somebody else, and making folders in which it can't."""

import os
import stat
import sys
from pathlib import Path

from codered.system.rights import is_administrator

if sys.platform == "win32":
    import ctypes
    from ctypes import wintypes

    # Full rights for the system, the administrators and the owner; nothing from above; all below the same.
    _OURS_ALONE = "D:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;FA;;;OW)"
    _DACL_ONLY, _PROTECTED = 4, 0x80000000
    _SDDL_REVISION = 1

    def is_ours(_status: os.stat_result) -> bool:
        """Whether only we or an administrator can have written it: its folder's access list says so, see
        `make_private_folder`; the mode of a file says nothing on Windows.
        """
        return True

    is_owned = is_ours_to_write = is_ours_alone = is_ours

    def _protect(path: Path) -> None:
        convert = ctypes.windll.advapi32.ConvertStringSecurityDescriptorToSecurityDescriptorW
        descriptor = ctypes.c_void_p()
        if not convert(_OURS_ALONE, _SDDL_REVISION, ctypes.byref(descriptor), None):
            raise ctypes.WinError()
        apply = ctypes.windll.advapi32.SetFileSecurityW
        apply.argtypes = (wintypes.LPCWSTR, wintypes.DWORD, ctypes.c_void_p)
        try:
            if not apply(str(path), _DACL_ONLY | _PROTECTED, descriptor):
                raise ctypes.WinError()
        finally:
            ctypes.windll.kernel32.LocalFree(descriptor)

else:

    def is_ours(status: os.stat_result) -> bool:
        """Whether only we or root can have written it."""
        return is_owned(status) and not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)

    def is_owned(status: os.stat_result) -> bool:
        """Whether it belongs to us or root."""
        return status.st_uid in (0, os.geteuid())

    def is_ours_to_write(status: os.stat_result) -> bool:
        """Whether it is our own and nobody else may write to it."""
        return status.st_uid == os.geteuid() and not status.st_mode & 0o022

    def is_ours_alone(status: os.stat_result) -> bool:
        """Whether it is our own and nobody else may read it."""
        return status.st_uid == os.geteuid() and not status.st_mode & 0o077

    def _protect(path: Path) -> None:
        """The mode at its making says it all."""


def make_private_folder(path: Path) -> None:
    """A folder, with those above it, to which only we (and administrators) have access; one that is there stays as it
    is. Raises OSError.
    """
    try:
        path.mkdir(mode=0o700, parents=True)
    except FileExistsError:
        if not path.is_dir():
            raise
        return
    _protect(path)


def state_home() -> Path:
    """Where the tool keeps what must last when nobody names a place: the machine's for an administrator, else ours."""
    if sys.platform == "win32":
        return _windows_home()
    if is_administrator():
        return Path("/var/lib/codered")
    own = os.environ.get("XDG_STATE_HOME", "")
    return (Path(own) if own.startswith("/") else Path.home() / ".local/state") / "codered"


def cache_home() -> Path:
    """Where the tool keeps what it can make again."""
    if sys.platform == "win32":
        return _windows_home() / "cache"
    if is_administrator():
        return Path("/var/cache/codered")
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "codered"


def shared_home() -> Path:
    """On Windows the folder that is the machine's own, whoever asks."""
    return Path(os.environ.get("PROGRAMDATA", "C:\\ProgramData")) / "CodeRed"


def _windows_home() -> Path:
    if is_administrator():
        return shared_home()
    return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "codered"
